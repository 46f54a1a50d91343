import type { StackProfile, StackThread } from '../../model/stackProfile';
import { readCallTree } from '../callTreeFile';
import type { ProfileOrigin } from '../sessionMessages';
import { frameTable } from './frameTables';
import type { Opened } from './opened';
import { profileCosts } from './profileCosts';

/**
 * The merged stacks of one of our own runs. Its lines are not in the tree but in the run's own lists.
 * @throws {ThroughlineError} BAD_PROFILE where the file is not such a tree.
 */
export async function openRun(origin: Extract<ProfileOrigin, { readonly kind: 'run' }>): Promise<Opened> {
  const { tree, frames, stacks } = await readCallTree(origin.treeFile);
  const total = tree.selfMicros.reduce((sum, value) => sum + value, 0);
  const all: StackThread = {
    name: 'all threads',
    from: 0,
    to: 0,
    endMicros: 0,
    samples: tree.selfSamples.reduce((sum, count) => sum + count, 0),
    total,
  };
  const profile: StackProfile = {
    name: '',
    format: 'run',
    unit: stacks.unit,
    frames: frameTable(frames),
    tree: {
      parent: tree.parent,
      frame: tree.frame,
      self: tree.selfMicros,
      samples: tree.selfSamples,
      ...(tree.tier && { tier: tree.tier }),
    },
    ...(stacks.timeline && { timeline: stacks.timeline }),
    threads: stacks.threads.length > 0 ? stacks.threads : [all],
    idle: stacks.idle,
    requests: origin.requests,
    cpuScale: stacks.unit === 'micros' ? origin.cpuScale : 1,
    warnings: [],
  };
  return {
    profile,
    profiles: [''],
    active: 0,
    costs: () => {
      const { profile: costs, basis } = profileCosts(profile, NO_LINES);
      if (stacks.unit !== 'micros') return { profile: costs, basis };
      // Shares are those of the run's own lists.
      return { profile: costs, basis: { ...basis, activeMicros: origin.activeMicros } };
    },
  };
}

const NO_LINES = { lines: [], ofTick: new Int32Array(0), files: [] };
