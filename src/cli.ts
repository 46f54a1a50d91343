import { parseArguments, type Command } from './cli/arguments';
import { runDiff } from './cli/commands/diff';
import { runMeasure } from './cli/commands/measure';
import { runProfile } from './cli/commands/profile';
import { CancelledError, nextStep, ThroughlineError } from './engine/model/errors';

/** Exit codes: 0 fine, 1 the command failed, 2 bad usage, 130 ended by Ctrl+C. */
async function main(argv: readonly string[]): Promise<number> {
  return print(await run(parseArguments(argv), process.stdout.isTTY));
}

async function run(command: Command, color: boolean): Promise<string> {
  switch (command.command) {
    case 'help':
      return command.text;
    case 'version':
      return process.env.THROUGHLINE_VERSION ?? '';
    case 'measure':
      return runMeasure(command.options, color, __dirname);
    case 'profile':
      return runProfile(command.options, color);
    case 'diff':
      return runDiff(command.options, color);
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
