import { ThroughlineError } from '../../engine/model/errors';
import { reportFormat } from './report';

/** What `load` and `stress` share. */
export interface LoadTestArguments {
  /** Of the app that is started, and of the saved runs. */
  readonly folder: string;
  readonly url?: string;
  readonly target?: string;
  readonly profile: boolean;
  readonly heap: boolean;
  /** In lower case, without ports. */
  readonly allowedHosts: readonly string[];
  /** Files, each in the format of its name. */
  readonly reports: readonly string[];
  readonly json: boolean;
}

export const LOAD_TEST_OPTIONS = {
  folder: { type: 'string' },
  url: { type: 'string' },
  target: { type: 'string' },
  profile: { type: 'boolean' },
  heap: { type: 'boolean' },
  'allow-host': { type: 'string', multiple: true },
  report: { type: 'string', multiple: true },
  json: { type: 'boolean' },
} as const;

interface Values {
  readonly folder?: string | undefined;
  readonly url?: string | undefined;
  readonly target?: string | undefined;
  readonly profile?: boolean | undefined;
  readonly heap?: boolean | undefined;
  readonly 'allow-host'?: string[] | undefined;
  readonly report?: string[] | undefined;
  readonly json?: boolean | undefined;
}

/** @throws {ThroughlineError} BAD_USAGE that names the argument. */
export function loadTestArguments(values: Values): LoadTestArguments {
  return {
    folder: values.folder ?? '.',
    ...(values.url !== undefined && { url: originOf(values.url) }),
    ...(values.target !== undefined && { target: values.target }),
    profile: values.profile ?? false,
    heap: values.heap ?? false,
    allowedHosts: (values['allow-host'] ?? []).map(hostOf),
    reports: reportFiles(values.report),
    json: values.json ?? false,
  };
}

/** Refused before the load is sent rather than after it. */
function reportFiles(files: readonly string[] = []): readonly string[] {
  for (const file of files) reportFormat('--report', file);
  return files;
}

function originOf(text: string): string {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (url?.protocol !== 'http:' && url?.protocol !== 'https:') {
    throw new ThroughlineError('BAD_USAGE', `--url takes an http or https address, not "${text}".`);
  }
  if (url.pathname !== '/' || url.search !== '' || url.username !== '') {
    throw new ThroughlineError(
      'BAD_USAGE',
      `--url takes scheme, host and port, such as http://127.0.0.1:3000, not "${text}": paths stand with the requests.`,
    );
  }
  return url.origin;
}

/** A name or an address, without scheme and port: what is confirmed is the host. */
function hostOf(text: string): string {
  const written = text.trim().toLowerCase();
  const bare = written.replace(/^\[(.*)\]$/, '$1');
  const inUrl = bare.includes(':') ? `[${bare}]` : bare;
  const url = URL.canParse(`http://${inUrl}/`) ? new URL(`http://${inUrl}/`) : undefined;
  if (url === undefined || url.hostname !== inUrl || url.port !== '') {
    throw new ThroughlineError(
      'BAD_USAGE',
      `--allow-host takes the name of a host, such as staging.example.com, not "${text}".`,
    );
  }
  return bare;
}

export const LOAD_TEST_USAGE = `  --folder <dir>       the app to start where no address is given, and where the run is saved
                       (default: the current folder)
  --url <origin>       load an app that runs already, e.g. http://127.0.0.1:3000 (no profile)
  --target <id>        which of several ways to start the app
  --allow-host <host>  confirm that load may go to this host beside this machine; may be repeated
  --profile            also record what each line costs
  --heap               also sample what the app allocates
  --report <file>      also write a report, as .html or .md; may be repeated
  --json               print one JSON document on standard output
  -h, --help           print this

\${env:NAME} is taken from the environment, \${secret:NAME} from its variable THROUGHLINE_SECRET_NAME.
Ctrl+C ends the load and keeps what was measured; a second one discards it.
Exit code: 0 pass, 99 fail (a threshold or the objective is broken), 98 inconclusive, 1 the test
could not be run, 2 bad usage or a bad file, 130 ended by Ctrl+C.`;
