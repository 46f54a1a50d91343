import { ThroughlineError } from '../../model/errors';
import {
  parsePerfFrame,
  parsePerfHeader,
  parseSourceLine,
  type PerfFrame,
  type PerfHeader,
} from './perfLines';
import { PerfStacks } from './perfStacks';
import type { Importer } from './source';
import { readLines } from './textLines';

/**
 * The text that `perf script` prints, with its default fields or others: a header a sample, then its frames, innermost
 * first, then an empty line. Each event that was recorded gives a profile.
 */
export const importPerfScript: Importer = (source, options) => {
  const stacks = new PerfStacks(source.name);
  let header: PerfHeader | undefined;
  let frames: PerfFrame[] = [];
  const flush = () => {
    if (header || frames.length > 0) stacks.add(header ?? NO_HEADER, frames);
    header = undefined;
    frames = [];
  };
  readLines(source, options, (line) => {
    if (line === '' || /^\s*$/u.test(line)) flush();
    else if (line.startsWith('#')) return;
    else if (line.charCodeAt(0) > SPACE) {
      flush();
      header = parsePerfHeader(line);
      // Without call graphs the frame stands behind its header.
      const single = header?.rest ? parsePerfFrame(header.rest) : undefined;
      if (single) frames.push(single);
    } else {
      if (frames.length >= MOST_FRAMES) return;
      const frame = parsePerfFrame(line);
      if (frame) frames.push(frame);
      else {
        const last = frames.at(-1);
        const place = last && parseSourceLine(line);
        if (place) frames[frames.length - 1] = { ...last, ...place };
      }
    }
  });
  flush();
  const profiles = stacks.finish();
  if (profiles.length === 0) {
    throw new ThroughlineError('BAD_PROFILE', `The profile ${source.name} holds no samples.`);
  }
  const active = profiles.findIndex(({ name }) => /cycles|clock/u.test(name));
  return { profiles, active: Math.max(0, active) };
};

const SPACE = 32;
/** Of one sample: `perf` records some hundred. */
const MOST_FRAMES = 1 << 20;
const NO_HEADER: PerfHeader = { comm: '', event: '', rest: '' };
