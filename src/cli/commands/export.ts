import { mkdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { GENERATED_NOT_EXECUTED, isOnlyGenerated } from '../../engine/handoff/exported';
import { exportTest } from '../../engine/handoff/exportTest';
import { errorMessage, ThroughlineError } from '../../engine/model/errors';
import { LOAD_TEST_SUFFIX } from '../../engine/model/loadTestFile';
import type { ExportArguments } from '../arguments/handoff';
import { parseTest, readTestFile, usable } from '../loadTestText';

/** @returns what to print. */
export async function runExport({ file, tool, out, force, json }: ExportArguments): Promise<string> {
  const test = usable(await parseTest(await readTestFile(file), file, {}), file);
  const { files, notExpressed, needs } = exportTest(test, tool);
  const stem = file.endsWith(LOAD_TEST_SUFFIX) ? file.slice(0, -LOAD_TEST_SUFFIX.length) : file;
  const folder = path.resolve(out ?? `${stem}.${tool}`);
  await mkdir(folder, { recursive: true }).catch(cannotWrite);
  const written: string[] = [];
  for (const { name, content } of files) {
    const target = path.join(folder, name);
    await writeFile(target, content, { flag: force ? 'w' : 'wx' }).catch((error: unknown) => {
      if ((error as NodeJS.ErrnoException).code === 'EEXIST')
        throw new ThroughlineError('BAD_USAGE', `${target} is there already; --force writes over it.`);
      cannotWrite(error);
    });
    written.push(target);
  }
  const generated = isOnlyGenerated(tool);
  if (json)
    return JSON.stringify(
      { version: 1, tool, files: written, executedHere: !generated, notExpressed, needs },
      undefined,
      2,
    );
  const values = [...needs.env, ...needs.secrets];
  return [
    ...written,
    ...(generated ? [GENERATED_NOT_EXECUTED] : []),
    ...(values.length > 0 ? [`It needs the values of ${values.join(', ')}.`] : []),
    ...(notExpressed.length > 0 ? ['', `What ${tool} cannot express, or means otherwise:`] : []),
    ...notExpressed.map((sentence) => `- ${sentence}`),
  ].join('\n');
}

function cannotWrite(error: unknown): never {
  throw new ThroughlineError('STORE_FAILED', 'The export cannot be written.', errorMessage(error));
}
