export type NodeEntry =
  { readonly state: 'file'; readonly file: string } | { readonly state: 'none'; readonly reason: string };

/** Options of Node that take the next argument where they have no `=`. */
const WITH_VALUE =
  /^(-r|-C|--require|--import|--loader|--experimental-loader|--conditions|--input-type|--env-file|--env-file-if-exists|--title|--icu-data-dir|--openssl-config|--redirect-warnings|--diagnostic-dir|--disable-warning|--dns-result-order|--localstorage-file|--max-http-header-size|--stack-trace-limit|--inspect-port|--test-name-pattern|--watch-path)$/u;

const IMPOSSIBLE: readonly (readonly [RegExp, string])[] = [
  [/^(-e|-p|-pe|--eval|--print)(=|$)/u, 'its program is on the command line, not in a file'],
  [/^--watch(-path)?(=|$)/u, '"node --watch" runs the app in a process of its own'],
  [/^--test(=|$)/u, '"node --test" runs tests in processes of their own'],
  [/^--run(=|$)/u, '"node --run" runs a script by a shell'],
  [/^(-i|--interactive|-c|--check|-h|--help|-v|--version)$/u, 'it runs no app'],
  [/^--(prof|logfile|cpu-prof)(=|$)/u, 'it asks Node for a profile of its own'],
  [/^--(permission|experimental-permission)(=|$)/u, "Node's permission model keeps V8 from writing its log"],
];

/** The program file of a command of Node: the first argument that is no option. */
export function entryOf(args: readonly string[]): NodeEntry {
  for (let i = 0; i < args.length; i++) {
    const arg = args[i]!;
    if (arg === '--') {
      const file = args[i + 1];
      return file === undefined ? NOTHING : { state: 'file', file };
    }
    if (!arg.startsWith('-') || arg === '-') {
      return arg === '-' ? NOTHING : { state: 'file', file: arg };
    }
    const reason = IMPOSSIBLE.find(([pattern]) => pattern.test(arg))?.[1];
    if (reason !== undefined) return { state: 'none', reason };
    if (WITH_VALUE.test(arg)) i++;
  }
  return NOTHING;
}

const NOTHING: NodeEntry = { state: 'none', reason: 'its command names no program file' };
