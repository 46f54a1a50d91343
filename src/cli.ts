import { parseArguments, USAGE } from './cli/arguments';
import { runDocument } from './cli/document';
import { planFromArguments } from './cli/plan';
import { progressPrinter } from './cli/progress';
import { textReport } from './cli/report';
import { measure } from './engine/measure';
import { CancelledError, nextStep, ThroughlineError } from './engine/model/errors';
import { RunStore } from './engine/runs/store';

/** Exit codes: 0 fine, 1 the run failed, 2 bad usage, 130 ended by Ctrl+C. */
async function main(argv: readonly string[]): Promise<number> {
  const command = parseArguments(argv);
  if (command.command === 'help') return print(USAGE);
  if (command.command === 'version') return print(process.env.THROUGHLINE_VERSION ?? '');

  const { options } = command;
  const { plan, notes, runsToKeep } = await planFromArguments(options);
  const folder = plan.appFolder;
  const store = new RunStore(folder);
  const cancel = new AbortController();
  // A second Ctrl+C does not hurry: ending the processes is already under way and takes seconds at most.
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => cancel.abort());

  const progress = progressPrinter(process.stderr, options.json);
  for (const message of notes) progress.report({ type: 'warning', message });
  try {
    const run = await measure(plan, {
      dist: __dirname,
      store,
      signal: cancel.signal,
      onProgress: (event) => progress.report(event),
    });
    progress.end();
    await store.prune(runsToKeep);
    if (options.json) return print(JSON.stringify(runDocument(run, folder), undefined, 2));
    return print(`\n${textReport(run, folder, process.stdout.isTTY)}\n\nSaved as run ${run.id}.`);
  } finally {
    progress.end();
  }
}

function print(text: string): Promise<number> {
  // Resolves when written: process.exit would cut a pipe short.
  return new Promise((resolve, reject) =>
    process.stdout.write(`${text}\n`, (error) => (error ? reject(error) : resolve(0))),
  );
}

function explain(error: unknown): number {
  if (error instanceof CancelledError) {
    process.stderr.write('Cancelled; everything that was started has been ended.\n');
    return 130;
  }
  if (error instanceof ThroughlineError) {
    process.stderr.write(`throughline: ${error.message} ${nextStep(error.code)}\n`);
    if (error.detail !== '') process.stderr.write(`\n${error.detail.trimEnd()}\n`);
    return error.code === 'BAD_USAGE' || error.code === 'BAD_SETTING' ? 2 : 1;
  }
  process.stderr.write(
    `throughline: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}\n`,
  );
  return 1;
}

void main(process.argv.slice(2))
  .catch(explain)
  .then((code) => process.exit(code));
