import { spawnSync } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import * as z from 'zod/mini';
import { median, type Row, type Section } from './table';

const millis = z.array(z.number().check(z.nonnegative()));
/** What `editor/figures.test.ts` writes. */
const hostFigures = z.object({
  /** Of the extension's loading and `activate`, as VS Code's own request for it takes. */
  activationMs: millis,
  /** From the end of the steady window to the hottest line shown with its cost. */
  annotatedMs: millis,
  /** Longest turn of the extension host's event loop while it opened a profile of 110 MB and annotated its lines. */
  blockedMs: millis,
});

/** Starts the real editor `starts` times; each activates once and measures the sample app three times. */
export function hostFigureSection(root: string, dist: string, scratch: string, starts: number): Section {
  const activation: number[] = [];
  const annotated: number[] = [];
  const blocked: number[] = [];
  for (let i = 0; i < starts; i++) {
    const file = path.join(scratch, `editor-${i}.json`);
    const ended = spawnSync(process.execPath, ['--import', 'tsx', 'test/bench/editor.ts'], {
      cwd: root,
      env: { ...process.env, THROUGHLINE_BENCH_FILE: file, THROUGHLINE_BENCH_DIST: dist },
      encoding: 'utf8',
      timeout: 300_000,
    });
    if (ended.status !== 0 || !fs.existsSync(file)) {
      throw new Error(
        `The editor gave no figures (exit code ${ended.status}):\n${ended.stdout}\n${ended.stderr}`,
      );
    }
    const figures = hostFigures.parse(JSON.parse(fs.readFileSync(file, 'utf8')));
    activation.push(...figures.activationMs);
    annotated.push(...figures.annotatedMs);
    blocked.push(...figures.blockedMs);
  }
  return {
    title: 'In the editor',
    rows: [
      row('activation', activation, 50),
      row('end of load to annotated editor', annotated, 1500),
      row('longest block of the editor while it opens 110 MB', blocked, 50),
    ],
  };
}

function row(what: string, values: readonly number[], goalMs: number): Row {
  return {
    what,
    goal: `<= ${goalMs} ms`,
    figure: `${median(values).toFixed(0)} ms`,
    detail: `${values.length} times, at most ${Math.max(...values).toFixed(0)} ms`,
    met: median(values) <= goalMs,
  };
}
