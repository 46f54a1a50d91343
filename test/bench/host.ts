import fs from 'node:fs';
import path from 'node:path';
import * as z from 'zod/mini';
import { median, type Row, type Section } from './table';

/**
 * What runs inside the editor write to `out/bench/<name>.json`: each figure of each run, in milliseconds.
 * `activationMs`: of the extension's `activate`. `annotatedMs`: from the end of the load to the annotated editor.
 */
const hostFigures = z.object({
  activationMs: z.optional(z.array(z.number().check(z.nonnegative()))),
  annotatedMs: z.optional(z.array(z.number().check(z.nonnegative()))),
});

export function hostFigureSection(root: string): Section {
  const folder = path.join(root, 'out', 'bench');
  const files = fs.existsSync(folder) ? fs.readdirSync(folder).filter((file) => file.endsWith('.json')) : [];
  const figures = files.map((file) => {
    const parsed = z.safeParse(hostFigures, JSON.parse(fs.readFileSync(path.join(folder, file), 'utf8')));
    if (!parsed.success) throw new Error(`${path.join(folder, file)} is malformed: ${parsed.error.message}`);
    return parsed.data;
  });
  return {
    title: 'In the editor',
    rows: [
      row(
        'activation',
        figures.flatMap(({ activationMs }) => activationMs ?? []),
        50,
      ),
      row(
        'end of load to annotated editor',
        figures.flatMap(({ annotatedMs }) => annotatedMs ?? []),
        1500,
      ),
    ],
  };
}

function row(what: string, values: readonly number[], goalMs: number): Row {
  const goal = `<= ${goalMs} ms`;
  if (values.length === 0)
    return { what, goal, figure: 'not measured', detail: 'run the editor tests first' };
  const figure = `${median(values).toFixed(0)} ms`;
  const detail = `${values.length} runs, at most ${Math.max(...values).toFixed(0)} ms`;
  return { what, goal, figure, detail, met: median(values) <= goalMs };
}
