import { parseArguments, type Command } from './cli/arguments';
import { runDiff } from './cli/commands/diff';
import { runExport } from './cli/commands/export';
import { runImport } from './cli/commands/import';
import { runLoad } from './cli/commands/load';
import { runMeasure } from './cli/commands/measure';
import { runNew } from './cli/commands/new';
import { runProfile } from './cli/commands/profile';
import { runReport } from './cli/commands/report';
import { runStressTest } from './cli/commands/stress';
import type { Ended } from './cli/ended';
import { CancelledError, nextStep, ThroughlineError, type ErrorCode } from './engine/model/errors';

/**
 * Exit codes: 0 fine, 1 the command failed, 2 bad usage, 130 ended by Ctrl+C; of load tests by their verdict, see
 * `exitCodeOf`.
 */
async function main(argv: readonly string[]): Promise<number> {
  return print(await run(parseArguments(argv), process.stdout.isTTY));
}

async function run(command: Command, color: boolean): Promise<string | Ended> {
  switch (command.command) {
    case 'help':
      return command.text;
    case 'version':
      return process.env.THROUGHLINE_VERSION ?? '';
    case 'measure':
      return runMeasure(command.options, color, __dirname);
    case 'load':
      return runLoad(command.options, color, __dirname);
    case 'stress':
      return runStressTest(command.options, color, __dirname);
    case 'report':
      return runReport(command.options);
    case 'new':
      return runNew(command.options);
    case 'export':
      return runExport(command.options);
    case 'import':
      return runImport(command.options, color);
    case 'profile':
      return runProfile(command.options, color);
    case 'diff':
      return runDiff(command.options, color);
  }
}

function print(ended: string | Ended): Promise<number> {
  const { text, exitCode } = typeof ended === 'string' ? { text: ended, exitCode: 0 } : ended;
  // Resolves when written: process.exit would cut a pipe short.
  return new Promise((resolve, reject) =>
    process.stdout.write(`${text}\n`, (error) => (error ? reject(error) : resolve(exitCode))),
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
    return BAD_INPUT.has(error.code) ? 2 : 1;
  }
  process.stderr.write(
    `throughline: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}\n`,
  );
  return 1;
}

const BAD_INPUT: ReadonlySet<ErrorCode> = new Set([
  'BAD_USAGE',
  'BAD_SETTING',
  'NO_LOAD_TEST',
  'BAD_LOAD_TEST',
  'BAD_DOCUMENT',
  'LOAD_NEEDS_ENV',
]);

void main(process.argv.slice(2))
  .catch(explain)
  .then((code) => process.exit(code));
