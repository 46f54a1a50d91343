import assert from 'node:assert/strict';
import { captureOf } from '../../../src/engine/loadTest/longCapture';
import { DEFAULT_CAPTURE } from '../../../src/engine/model/target';
import { loadTest } from '../../loadServers/loadTests';

const lasting = (hours: number, kind: 'load' | 'soak' = 'load') =>
  loadTest({
    kind,
    executor: { executor: 'constant-vus', vus: 1, duration: hours * 3600, gracefulStop: 1 },
  });

describe('capture of a long load test', () => {
  it('is as asked for up to an hour', () => {
    const asked = { ...DEFAULT_CAPTURE, heap: true };
    assert.deepEqual(captureOf(lasting(1), asked), { capture: asked, notes: [] });
  });

  it('takes fewer samples of longer ones, whose memory is then bounded, and says so', () => {
    const { capture, notes } = captureOf(lasting(12), DEFAULT_CAPTURE);
    assert.equal(capture.intervalMicros, 10_800);
    assert.match(notes.join(), /every 10\.8 ms/);
    assert.equal(captureOf(lasting(7 * 24), DEFAULT_CAPTURE).capture.intervalMicros, 20_000);
    const coarse = { ...DEFAULT_CAPTURE, intervalMicros: 15_000 };
    assert.deepEqual(captureOf(lasting(12), coarse), { capture: coarse, notes: [] });
    const off = { ...DEFAULT_CAPTURE, cpu: false };
    assert.deepEqual(captureOf(lasting(12), off), { capture: off, notes: [] });
  });

  it('leaves V8’s one profile of allocations to the objects that stay in a soak', () => {
    const { capture, notes } = captureOf(lasting(1, 'soak'), { ...DEFAULT_CAPTURE, heap: true });
    assert.equal(capture.heap, false);
    assert.equal(notes.length, 1);
  });
});
