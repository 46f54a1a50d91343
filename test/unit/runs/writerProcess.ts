import { writeSync } from 'node:fs';
import * as fs from 'node:fs/promises';
import * as path from 'node:path';
import { RunStore } from '../../../src/engine/runs/store';
import { sampleRun } from './sampleRun';

/**
 * Writes runs until it is killed: `writerProcess <folder>`. Says `started`, and `finished <id>` when a run is saved. Beside saving it
 * renames, deletes with undo and sets the baseline, so that a kill meets each of them.
 */
async function main(folder: string): Promise<never> {
  const store = new RunStore(folder);
  writeSync(1, 'started\n');
  for (let round = 0; ; round++) {
    const draft = await store.begin();
    await fs.mkdir(path.join(draft.folder, 'captures', '0'), { recursive: true });
    await fs.writeFile(path.join(draft.folder, 'captures', '0', 'profile.cpuprofile'), '{}'.repeat(10_000));
    await fs.writeFile(path.join(draft.folder, 'calltree.json'), '[]'.repeat(10_000));
    const { id } = await draft.commit(sampleRun({ warnings: ['w'.repeat(50_000)] }));
    // A synchronous write: what was said before the kill is in the pipe.
    writeSync(1, `finished ${id}\n`);
    await store.rename(id, `round ${round}`);
    await store.setBaseline(id);
    if (round % 5 === 4) await (await store.begin()).discard();
  }
}

await main(process.argv[2]!);
