import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { ThroughlineError } from '../../src/engine/model/errors';
import { exportProfile } from '../../src/engine/profile/export/exportProfile';
import { openProfileSource } from '../../src/engine/profile/import/gunzip';
import { importProfile } from '../../src/engine/profile/import/importProfile';
import { checkStackProfile } from './checkStackProfile';
import { hostileFiles, mutationBases } from './mutationBases';
import { mutate } from './mutations';

/** What the parent is told: that a case begins, and how it ended. */
export type CaseReport =
  | { readonly type: 'begin'; readonly index: number; readonly name: string }
  | {
      readonly type: 'end';
      readonly index: number;
      readonly state: 'opened' | 'refused' | 'failed';
      readonly detail: string;
      readonly peakBytes: number;
      /** Processor time, which other processes do not take part in. */
      readonly ms: number;
    };

/** Cases from `first` on: damaged files, then hostile ones. */
async function run(first: number, mutated: number): Promise<void> {
  const bases = mutationBases();
  const hostile = hostileFiles();
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'throughline-mutated-'));
  const file = path.join(folder, 'profile');
  try {
    for (let index = first; index < mutated + hostile.length; index++) {
      const { name, bytes } = index < mutated ? mutate(bases, index) : hostile[index - mutated]!;
      fs.writeFileSync(file, bytes);
      await report({ type: 'begin', index, name });
      const began = process.cpuUsage();
      const { state, detail } = await open(file, index, index < mutated);
      const { user, system } = process.cpuUsage(began);
      const ms = (user + system) / 1000;
      const peakBytes = process.resourceUsage().maxRSS * 1024;
      await report({ type: 'end', index, state, detail, peakBytes, ms });
    }
  } finally {
    fs.rmSync(folder, { recursive: true, force: true });
  }
}

async function open(
  file: string,
  index: number,
  isDamaged: boolean,
): Promise<{ state: 'opened' | 'refused' | 'failed'; detail: string }> {
  try {
    const source = await openProfileSource(file);
    try {
      const { profiles, active } = importProfile(source);
      const shown = profiles[active];
      if (!shown) throw new Error(`profile ${active} of ${profiles.length} is shown`);
      for (const profile of profiles) checkStackProfile(profile);
      if (index % 5 === 0) {
        const formats = isDamaged ? EXPORTS : EXPORTS.slice(0, 1);
        for (const format of formats) {
          const text = exportProfile(format, shown, shown.tree, { title: file });
          if (format === 'svg' && /<(?:img|script)|onerror="/u.test(text))
            throw new Error('markup in the SVG');
        }
      }
      return { state: 'opened', detail: shown.format };
    } finally {
      source.close();
    }
  } catch (error) {
    const isSentence =
      error instanceof ThroughlineError && error.code === 'BAD_PROFILE' && /[.)]$/u.test(error.message);
    const detail =
      error instanceof Error ? (isSentence ? error.message : String(error.stack)) : String(error);
    return { state: isSentence ? 'refused' : 'failed', detail };
  }
}

const EXPORTS = ['svg', 'markdown', 'collapsed', 'speedscope'] as const;

function report(message: CaseReport): Promise<void> {
  return new Promise((resolve) => process.send!(message, () => resolve()));
}

void run(Number(process.argv[2]), Number(process.argv[3])).then(() => process.disconnect());
