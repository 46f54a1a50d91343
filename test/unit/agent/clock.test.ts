import assert from 'node:assert/strict';
import { moveToClock } from '../../../src/agent/clock';

const moved = (...[times, point, before, after]: Parameters<typeof moveToClock>) => {
  const profile = { ...times };
  moveToClock(profile, point, before, after);
  return profile;
};

describe('moveToClock', () => {
  it('leaves a profile of the same clock, whose start lies a little beside the call', () => {
    for (const startTime of [960_000, 1_000_000, 1_004_000, 1_050_000]) {
      const profile = { startTime, endTime: startTime + 15e6 };
      assert.deepEqual(moved(profile, 'startTime', 1_000_000, 1_008_000), profile);
    }
  });

  it('leaves one whose start took long, as on a crowded machine', () => {
    const profile = { startTime: 1_300_000, endTime: 9e6 };
    assert.deepEqual(moved(profile, 'startTime', 1_000_000, 1_700_000), profile);
  });

  it('moves one of a clock that stood still while the machine slept', () => {
    const slept = 3600e6;
    const behind = { startTime: 5_004_000, endTime: 20_004_000 };
    const [before, after] = [slept + 5_000_000, slept + 5_008_000];
    const expected = { startTime: slept + 5_004_000, endTime: slept + 20_004_000 };
    assert.deepEqual(moved(behind, 'startTime', before, after), expected);
    const ahead = { startTime: slept + 9e6, endTime: slept + 20_004_000 };
    assert.deepEqual(moved(ahead, 'endTime', 20_000_000, 20_008_000), {
      startTime: 9e6,
      endTime: 20_004_000,
    });
  });
});
