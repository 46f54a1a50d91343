import path from 'node:path';
import type { StressArguments } from '../arguments/stress';
import type { Ended } from '../ended';
import { readerOptions } from '../loadTestPlan';
import { asStressTest, parseTest, readTestFile, stressTestText, usable } from '../loadTestText';
import { conducted } from './load';

/** @param dist folder of the built bundles. */
export async function runStressTest(options: StressArguments, color: boolean, dist: string): Promise<Ended> {
  const { file, objective } = options;
  const text =
    file === undefined ? stressTestText(options) : asStressTest(await readTestFile(file), objective);
  const shown = file ?? path.join(options.folder, 'stress.load.json');
  const parsed = await parseTest(text, shown, await readerOptions(options));
  const test = usable(parsed, file ?? 'What is asked for');
  return conducted(test, options, { ...(file !== undefined && { file }), parsed, color, dist });
}
