// What the start of the extension carries: the editor's part, and of the engine only what shows runs and profiles.
import assert from 'node:assert/strict';
import { build, type BuildOptions } from 'esbuild';
// @ts-expect-error: a build script without types
import { runtimes as all } from '../../../runtimes.mjs';

const runtimes = all as (options: { production: boolean }) => Readonly<Record<string, BuildOptions>>;

const MOST_BYTES = 300_000;

/** Bytes in the minified bundle, by source. Writes nothing. */
async function contents(name: string): Promise<ReadonlyMap<string, number>> {
  const { metafile } = await build({ ...runtimes({ production: true })[name], write: false, metafile: true });
  const [output] = Object.values(metafile.outputs);
  assert.ok(output);
  return new Map(
    Object.entries(output.inputs)
      .map(([file, { bytesInOutput }]) => [file, bytesInOutput] as const)
      .filter(([, bytes]) => bytes > 0),
  );
}

describe('the bundle that the extension starts with', () => {
  let extension: ReadonlyMap<string, number>;
  let tools: ReadonlyMap<string, number>;

  before(async () => {
    [extension, tools] = await Promise.all([contents('extension'), contents('tools')]);
  });

  it(`has at most ${MOST_BYTES / 1000} kB, minified`, () => {
    const bytes = [...extension.values()].reduce((sum, each) => sum + each, 0);
    const largest = [...extension].sort(([, a], [, b]) => b - a).slice(0, 8);
    assert.ok(bytes <= MOST_BYTES, `${bytes} bytes, the most of them: ${largest.join(' ')}`);
  });

  it('leaves to the tools what measures, records, sends load and runs benchmarks', () => {
    const lazy = [
      ...['measure.ts', 'loadTest.ts', 'target/launch.ts', 'target/find.ts', 'load/session.ts'],
      ...['capture/attach/attach.ts', 'capture/perf/record.ts', 'capture/zeroX/plan.ts'],
      ...['hints/registry.ts', 'scenario/parse.ts', 'bench/runBenchmarks.ts'],
    ].map((file) => `src/engine/${file}`);
    assert.deepEqual(
      lazy.filter((file) => !tools.has(file)),
      [],
    );
    assert.deepEqual(
      lazy.filter((file) => extension.has(file)),
      [],
    );
  });

  it('holds no package but the one that validates', () => {
    const packageOf = (file: string) => /^node_modules\/((?:@[^/]+\/)?[^/]+)/.exec(file)?.[1];
    const packages = new Set([...extension.keys()].map(packageOf).filter((name) => name !== undefined));
    assert.deepEqual([...packages].sort(), ['zod']);
  });
});
