import type { MappingReport } from '../model/profile';
import type { StackProfile } from '../model/stackProfile';
import type { DifferenceInfo, ProfileInfo } from '../model/view';
import type { Opened } from './open/openProfile';

/** What a session tells of its profile. @param profile what is shown: `opened`'s, or the difference with it. */
export function profileInfo(
  opened: Opened,
  profile: StackProfile,
  difference: DifferenceInfo | undefined,
): ProfileInfo {
  const { tree, threads, timeline, mapping } = profile;
  return {
    format: profile.format,
    unit: profile.unit,
    ...(profile.unitName !== undefined && { unitName: profile.unitName }),
    profiles: opened.profiles,
    active: opened.active,
    total: tree.self.reduce((sum, value) => sum + value, 0),
    idle: profile.idle,
    samples: tree.samples.reduce((sum, count) => sum + count, 0),
    nodes: tree.parent.length,
    frames: profile.frames.names.length,
    threads: shownThreads(profile),
    ...(timeline && { durationMicros: threads.reduce((end, thread) => Math.max(end, thread.endMicros), 0) }),
    ...(profile.requests !== undefined && { requests: profile.requests }),
    cpuScale: profile.cpuScale,
    hasTiers: tree.tier !== undefined,
    ...(difference && { difference }),
    ...(mapping && { mapping: mappingSentence(mapping) }),
    warnings: profile.warnings,
  };
}

/** Without a timeline nothing tells which of the threads a stack belongs to: they can only be shown as one. */
function shownThreads({ threads, timeline }: StackProfile): ProfileInfo['threads'] {
  const told = threads.map(({ name, samples, total }) => ({ name, samples, total }));
  if (timeline || told.length < 2) return told;
  return [
    {
      name: `${told.length} threads`,
      samples: told.reduce((sum, { samples }) => sum + samples, 0),
      total: told.reduce((sum, { total }) => sum + total, 0),
    },
  ];
}

/** `mapped 12 of 20 frames: no source map (5), …`, most frequent reason first. */
export function mappingSentence({ framesMapped, framesWithMap, failures }: MappingReport): string {
  const counts = new Map<string, number>();
  for (const { reason } of failures) counts.set(reason, (counts.get(reason) ?? 0) + 1);
  const reasons = [...counts].sort((a, b) => b[1] - a[1]).slice(0, MAX_REASONS);
  const because = reasons.map(([reason, count]) => (count > 1 ? `${reason} (${count} files)` : reason));
  const mapped = `mapped ${framesMapped} of ${framesWithMap} frames`;
  return because.length > 0 ? `${mapped}: ${because.join('; ')}` : mapped;
}

const MAX_REASONS = 3;
