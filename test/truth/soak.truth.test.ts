import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import path from 'node:path';
import type { Run } from '../../src/engine/model/run';
import { BOUNDED, disturbance, LEAKING, LEAK_LINE, soakOnce } from '../helpers/soak';
import { ROOT } from './truthApp';

/** Soaks compressed to half a minute; twenty of each: `npm run bench:load -- --soak=20`. */
describe('Truth: a soak test tells a leak from a cache that fills up', function () {
  this.timeout(120_000);
  let both: Promise<readonly Run[]>;

  before(() => {
    execFileSync(process.execPath, ['esbuild.mjs', '--only=agent,supervisor,scheduler,analysis'], {
      cwd: ROOT,
      stdio: 'pipe',
    });
    const dist = path.join(ROOT, 'dist');
    both = Promise.all([soakOnce(dist, LEAKING), soakOnce(dist, BOUNDED)]);
    both.catch(() => undefined);
  });

  it('a leak, with the line that allocates what stays', async function () {
    const [run = assert.fail()] = await both;
    const { soak, verdict } = undisturbed(run, this);
    assert.ok(soak?.memory?.drifts, JSON.stringify(verdict));
    assert.equal(verdict.state, 'fail');
    const { slopePerHour, low, high, pValue, points } = soak.memory;
    assert.ok(low <= slopePerHour && slopePerHour <= high && low > 0, JSON.stringify(soak.memory));
    assert.ok(pValue < 0.01 && points >= 16);
    const [suspect] = soak.leaks;
    assert.deepEqual(
      [suspect?.functionName, path.basename(suspect?.place?.file ?? ''), suspect?.place?.line],
      ['remember', LEAKING, LEAK_LINE],
      JSON.stringify(soak.leaks),
    );
    assert.ok(suspect!.share > 0.5, `${suspect!.share} of what stayed`);
  });

  it('no leak, of memory that fills up to a bound', async function () {
    const [, run = assert.fail()] = await both;
    const { soak, verdict } = undisturbed(run, this);
    assert.ok(soak?.memory, JSON.stringify(verdict));
    assert.equal(soak.memory.drifts, false, JSON.stringify(soak.memory));
    assert.deepEqual(soak.leaks, []);
  });
});

function undisturbed(run: Run, test: Mocha.Context): NonNullable<Run['loadTest']> {
  const reason = disturbance(run);
  if (reason === undefined) return run.loadTest!;
  console.log(`      skipped: ${reason}`);
  return test.skip();
}
