import { formatMicros } from '../engine/model/units';
import type { Progress } from '../engine/model/target';

/**
 * Live progress on standard error: one line that is rewritten on a terminal; elsewhere a line per stage.
 * The app's own output is shown only when the run fails.
 */
export function progressPrinter(stream: NodeJS.WriteStream, quiet: boolean) {
  const live = stream.isTTY && !quiet;
  let stage = '';
  let lastLength = 0;
  let cpu = '';
  let unstarted = '';
  const clear = () => {
    if (live && lastLength > 0) stream.write(`\r${' '.repeat(lastLength)}\r`);
    lastLength = 0;
  };
  const rewrite = (text: string) => {
    const line = text.slice(0, Math.max(20, (stream.columns ?? 80) - 1));
    stream.write(`\r${line.padEnd(lastLength)}`);
    lastLength = line.length;
  };
  return {
    report(progress: Progress): void {
      if (quiet) return;
      switch (progress.type) {
        case 'stage':
          clear();
          stage = progress.message;
          stream.write(`${stage}\n`);
          break;
        case 'load':
          if (live) {
            const { elapsedSeconds, requestsPerSecond, p99Micros, errors } = progress.load;
            rewrite(
              `  ${elapsedSeconds.toFixed(0).padStart(3)} s  ${requestsPerSecond.toFixed(0)} req/s  p99 ${formatMicros(p99Micros)}${cpu}${errors > 0 ? `  ${errors} errors` : ''}${unstarted}`,
            );
          }
          break;
        case 'metrics': {
          const { cpuUserMicros, cpuSystemMicros, intervalMicros, requests, eventLoopUtilization } =
            progress.sample;
          // Of the processes in the tree only those that serve say something about the app.
          if (requests > 0 && intervalMicros > 0) {
            cpu = `  CPU ${Math.round(((cpuUserMicros + cpuSystemMicros) / intervalMicros) * 100)} %  event loop ${Math.round(eventLoopUtilization * 100)} %`;
          }
          break;
        }
        case 'loadWindow': {
          const { window } = progress;
          unstarted = window.unstarted > 0 ? `  ${window.unstarted} unstarted` : '';
          break;
        }
        case 'trial': {
          const { model, level, decision, latencyMicros, throughput } = progress.trial;
          clear();
          const load = model === 'open' ? `${level.toFixed(0)} iterations/s` : `${level} virtual users`;
          stream.write(
            `  ${load}: ${decision}  (${throughput.toFixed(0)} req/s, ${formatMicros(latencyMicros)})\n`,
          );
          break;
        }
        case 'warning':
          clear();
          stream.write(`  note: ${progress.message}\n`);
          break;
        case 'output':
          break;
      }
    },
    end: clear,
  };
}
