import path from 'node:path';
import type { LoadTestResult } from '../../../src/engine/model/loadTestResult';
import { BOUNDED, disturbance, LEAKING, LEAK_LINE, soakOnce } from '../../helpers/soak';
import type { Run } from '../../../src/engine/model/run';
import type { Section } from '../table';

/**
 * Soak tests compressed to some seconds, again and again: of an app that leaks, and beside it of one whose memory fills
 * up to a bound. Each is printed as it ends.
 */
export async function soakBench(dist: string, times: number): Promise<Section> {
  const leaking: LoadTestResult[] = [];
  const bounded: LoadTestResult[] = [];
  for (let index = 1; index <= times; index++) {
    const [leak, bound] = await Promise.all([soakOnce(dist, LEAKING), soakOnce(dist, BOUNDED)]);
    if (disturbance(leak) === undefined) leaking.push(leak.loadTest!);
    if (disturbance(bound) === undefined) bounded.push(bound.loadTest!);
    console.log(`  ${index}: ${LEAKING}: ${told(leak)}\n     ${BOUNDED}: ${told(bound)}`);
  }
  const count = (results: readonly LoadTestResult[], is: (result: LoadTestResult) => boolean) =>
    results.filter(is).length;
  const called = count(leaking, isLeak);
  const placed = count(leaking, (result) => isLeak(result) && namesTheLine(result));
  const falseAlarms = count(bounded, isLeak);
  const slow = count([...leaking, ...bounded], ({ soak }) => soak?.latency?.drifts === true);
  const disturbed = 2 * times - leaking.length - bounded.length;
  const most = Math.max(1, Math.floor(bounded.length / 20));
  return {
    title: `Soak tests of ${times} runs each`,
    rows: [
      {
        what: 'leak called a leak',
        ...{ figure: `${called} of ${leaking.length}`, goal: 'all', met: called === leaking.length },
        detail: LEAKING,
      },
      {
        what: 'with its line first',
        ...{ figure: `${placed} of ${leaking.length}`, goal: 'all', met: placed === leaking.length },
        detail: `${LEAKING}:${LEAK_LINE}`,
      },
      {
        what: 'false alarms',
        ...{ figure: `${falseAlarms} of ${bounded.length}`, goal: `<= ${most}`, met: falseAlarms <= most },
        detail: BOUNDED,
      },
      {
        what: 'response times drift',
        figure: `${slow} of ${leaking.length + bounded.length}`,
        detail: 'of both apps, whose work stays the same: what else the machine did',
      },
      {
        what: 'not counted',
        figure: `${disturbed} of ${2 * times}`,
        detail: 'the machine had no time for them',
      },
    ],
  };
}

function isLeak({ soak }: LoadTestResult): boolean {
  return soak?.memory?.drifts === true;
}

function namesTheLine({ soak }: LoadTestResult): boolean {
  const place = soak?.leaks[0]?.place;
  return place !== undefined && path.basename(place.file) === LEAKING && place.line === LEAK_LINE;
}

function told(run: Run): string {
  const { verdict, soak } = run.loadTest!;
  const disturbed = disturbance(run);
  const growth = soak?.memory;
  const p = growth ? `, memory p ${growth.pValue.toPrecision(2)}` : '';
  const why = disturbed === undefined ? '' : ` Not counted: ${disturbed}.`;
  return `${verdict.state}${p}. ${verdict.sentence}${why}`;
}
