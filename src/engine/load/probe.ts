import http from 'node:http';
import https from 'node:https';
import { CancelledError, ThroughlineError, throwIfCancelled } from '../model/errors';
import type { ProbeResult, Route } from '../model/load';
import { assertLoopback } from './hosts';
import { checkHeaders, distinctRoutes, formatRoute, normaliseRoute } from './routes';

export interface ProbeOptions {
  /** For the whole reply, its body included. */
  readonly timeoutMs: number;
  readonly headers?: Readonly<Record<string, string>>;
  readonly signal?: AbortSignal;
}

export interface RoutePlan {
  /** What to send load to; never empty. */
  readonly routes: readonly Route[];
  /** What each first request found, also of the routes that were dropped. */
  readonly probes: readonly ProbeResult[];
  /** Sentences about what may mislead. */
  readonly warnings: readonly string[];
}

/** More would make each one's figures thin. */
const MAX_SEEN_ROUTES = 8;

/**
 * Decides what to send load to, by one request to each candidate: the routes the user chose, or else `/` and the
 * GET routes that the agent saw. Chosen routes must all do; of the others, those that do not are dropped.
 * Rejects with `PROBE_REFUSED`, `PROBE_NO_REPLY` or `TARGET_HANGS` (whose sentence tells what each gave), `LOAD_HOST_NOT_ALLOWED`,
 * `BAD_USAGE` or `CancelledError`.
 */
export async function planRoutes(
  options: ProbeOptions & {
    readonly origin: string;
    readonly chosen: readonly Route[];
    readonly seen: readonly Route[];
  },
): Promise<RoutePlan> {
  const { origin, chosen } = options;
  await assertLoopback(origin);
  if (chosen.length > 0) {
    const probes = await probeAll(origin, distinctRoutes(chosen.map(normaliseRoute)), options);
    const failed = probes.filter((result) => !isUsable(result));
    if (failed.length > 0) throw refusal(failed);
    return { routes: probes.map(({ route }) => route), probes, warnings: probes.flatMap(cautions) };
  }

  const seen = options.seen.filter(({ method }) => method === 'GET').slice(0, MAX_SEEN_ROUTES);
  const candidates = distinctRoutes([{ method: 'GET', path: '/' }, ...seen.map(normaliseRoute)]);
  const probes = await probeAll(origin, candidates, options);
  const warnings: string[] = [];
  for (const result of [...probes]) {
    const target = redirectTarget(origin, result);
    if (!target || probes.some(({ route }) => formatRoute(route) === formatRoute(target))) continue;
    const followed = await probe(origin, target, options);
    probes.push(followed);
    if (isUsable(followed))
      warnings.push(`${formatRoute(result.route)} redirects; load goes to ${target.path} instead.`);
  }
  const usable = probes.filter(isUsable);
  if (usable.length === 0) throw refusal(probes);
  const dropped = probes.filter((result) => !isUsable(result) && result.verdict !== 'redirect');
  warnings.push(...dropped.map((result) => `${describeProbe(result)}, so it gets no load.`));
  return {
    routes: usable.map(({ route }) => route),
    probes,
    warnings: [...warnings, ...usable.flatMap(cautions)],
  };
}

/**
 * Sends one request and says what replied. Redirects are not followed. Rejects only with `CancelledError`,
 * `LOAD_HOST_NOT_ALLOWED` or `BAD_USAGE`; a failing server is a verdict.
 */
export async function probe(origin: string, route: Route, options: ProbeOptions): Promise<ProbeResult> {
  await assertLoopback(origin);
  if (options.headers) checkHeaders(options.headers);
  if (options.signal) throwIfCancelled(options.signal);
  const asked = normaliseRoute(route);
  const begun = process.hrtime.bigint();
  const elapsedMs = () => Number(process.hrtime.bigint() - begun) / 1e6;
  try {
    const reply = await requestOnce(origin, asked, options);
    const { status, headers } = reply;
    return {
      route: asked,
      verdict: judgeReply(reply),
      status,
      ...(headers['content-type'] && { contentType: headers['content-type'] }),
      ...(headers.location && { location: headers.location }),
      closesConnection: reply.closesConnection,
      durationMs: elapsedMs(),
    };
  } catch (error) {
    if (options.signal?.aborted) throw new CancelledError();
    return {
      route: asked,
      verdict: 'noReply',
      closesConnection: false,
      durationMs: elapsedMs(),
      reason: describeFailure(error),
    };
  }
}

/** `GET /items replied 404 Not Found`. */
export function describeProbe(result: ProbeResult): string {
  const route = formatRoute(result.route);
  const status = result.status ?? 0;
  const replied = `${route} replied ${status} ${http.STATUS_CODES[status] ?? ''}`.trimEnd();
  switch (result.verdict) {
    case 'noReply':
      return `${route} gave no reply (${result.reason ?? 'unknown reason'})`;
    case 'redirect':
      return `${route} redirects to ${result.location ?? 'nowhere'}`;
    case 'auth':
      return result.location
        ? `${route} asks for a login (it redirects to ${result.location})`
        : `${route} asks for a login (it replied ${status})`;
    case 'html':
      return `${replied} with an HTML page`;
    case 'ok':
    case 'notFound':
    case 'clientError':
    case 'serverError':
      return replied;
  }
}

async function probeAll(
  origin: string,
  routes: readonly Route[],
  options: ProbeOptions,
): Promise<ProbeResult[]> {
  const results: ProbeResult[] = [];
  // One after another, so that no reply waits for another route's.
  for (const route of routes) {
    const result = await probe(origin, route, options);
    results.push(result);
    // Where nothing accepts connections, the other routes would fail alike.
    if (result.reason?.includes(REFUSED)) break;
  }
  return results;
}

function isUsable({ verdict }: ProbeResult): boolean {
  return verdict === 'ok' || verdict === 'html';
}

function cautions(result: ProbeResult): string[] {
  const route = formatRoute(result.route);
  const found: string[] = [];
  if (result.verdict === 'html')
    found.push(`${route} is an HTML page; what a browser loads after it is not requested.`);
  if (result.closesConnection)
    found.push(`${route} closes the connection after each reply, so latency includes connecting.`);
  return found;
}

function refusal(failed: readonly ProbeResult[]): ThroughlineError {
  const silent = failed.every(({ verdict }) => verdict === 'noReply');
  // It accepts connections and answers none of them: that is the app, not the choice of a route.
  const hangs = failed.every(({ reason }) => reason?.startsWith(SILENCE));
  return new ThroughlineError(
    hangs ? 'TARGET_HANGS' : silent ? 'PROBE_NO_REPLY' : 'PROBE_REFUSED',
    `No load was sent: ${failed.map(describeProbe).join('; ')}.`,
  );
}

/** Where a redirect leads, if that is another page of the same server. */
function redirectTarget(origin: string, result: ProbeResult): Route | undefined {
  if (result.verdict !== 'redirect' || result.location === undefined) return undefined;
  try {
    const target = new URL(result.location, new URL(result.route.path, origin));
    if (target.origin !== new URL(origin).origin) return undefined;
    return normaliseRoute({ method: 'GET', path: target.pathname + target.search });
  } catch {
    return undefined; // not a URL: nothing to follow
  }
}

interface Reply {
  readonly status: number;
  readonly headers: http.IncomingHttpHeaders;
  readonly closesConnection: boolean;
}

const LOGIN_PATH =
  /(^|[/._-])(log[-_]?in|sign[-_]?in|sso|saml|auth|oauth2?|authorize|session\/new)([/?#._-]|$)/i;

/** What a status and headers say of a route. */
export function judgeReply({
  status,
  headers,
}: {
  readonly status: number;
  readonly headers: Readonly<
    Partial<Record<'location' | 'www-authenticate' | 'content-type', string | undefined>>
  >;
}): ProbeResult['verdict'] {
  if (status >= 300 && status < 400 && status !== 304)
    return LOGIN_PATH.test(headers.location ?? '') ? 'auth' : 'redirect';
  if (status === 401 || status === 403 || status === 407) return 'auth';
  if (status >= 400 && headers['www-authenticate'] !== undefined) return 'auth';
  if (status === 404) return 'notFound';
  if (status >= 500) return 'serverError';
  if (status >= 400) return 'clientError';
  return /^\s*(text\/html|application\/xhtml\+xml)\b/i.test(headers['content-type'] ?? '') ? 'html' : 'ok';
}

const REFUSED = 'connection refused';
const SILENCE = 'nothing came';

function requestOnce(origin: string, route: Route, options: ProbeOptions): Promise<Reply> {
  const url = new URL(origin);
  const secure = url.protocol === 'https:';
  // Without keep-alive Node asks the server to close, and the server's own habit would stay unknown.
  const agent = secure
    ? new https.Agent({ keepAlive: true, rejectUnauthorized: false }) // loopback: certificates are self-made
    : new http.Agent({ keepAlive: true });
  return new Promise<Reply>((resolve, reject) => {
    const request = (secure ? https : http).request({
      agent,
      host: url.hostname.replace(/^\[(.*)\]$/, '$1'),
      port: url.port || (secure ? 443 : 80),
      method: route.method,
      path: route.path,
      // Told outright: an editor may put an agent of its own in place of ours, which asks to close.
      headers: { host: url.host, connection: 'keep-alive', ...options.headers },
      ...(options.signal && { signal: options.signal }),
    });
    let begun = false;
    const timer = setTimeout(() => {
      const what = begun ? 'its reply did not end' : SILENCE;
      request.destroy(new Error(`${what} within ${options.timeoutMs / 1000} s`));
    }, options.timeoutMs);
    request.on('response', (response) => {
      begun = true;
      response.resume();
      response.on('error', reject);
      response.on('end', () =>
        resolve({
          status: response.statusCode ?? 0,
          headers: response.headers,
          closesConnection: closesConnection(response),
        }),
      );
    });
    request.on('error', reject);
    request.on('close', () => {
      clearTimeout(timer);
      reject(new Error('the connection was closed without a reply')); // no effect once settled
    });
    request.end();
  }).finally(() => agent.destroy());
}

function closesConnection({ headers, httpVersion }: http.IncomingMessage): boolean {
  const connection = (headers.connection ?? '').toLowerCase();
  if (httpVersion === '1.0') return !connection.includes('keep-alive');
  return connection.includes('close');
}

function describeFailure(error: unknown): string {
  const { code, message } = error as NodeJS.ErrnoException;
  if (code === 'ECONNREFUSED') return REFUSED;
  if (code === 'ECONNRESET') return 'the connection was closed without a reply';
  if (code?.startsWith('HPE_')) return `its reply is not HTTP (${code})`;
  if (code === 'EPROTO') return 'it does not speak TLS';
  return message || code || 'unknown error';
}
