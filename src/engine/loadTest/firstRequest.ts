import { checkServerIdentity } from 'node:tls';
import { Client } from 'undici';
import { assertAllowedHost } from '../load/hosts';
import { describeProbe, judgeReply } from '../load/probe';
import type { Outgoing } from '../load/scheduler/connections';
import { compileFlows } from '../load/scheduler/flows';
import { CancelledError, ThroughlineError, errorMessage } from '../model/errors';
import type { ProbeResult } from '../model/load';
import type { LoadLimits, TemplateValues } from '../model/loadSession';
import type { Check, LoadTest, RequestStep } from '../model/loadTest';

export interface FirstRequestOptions {
  readonly origin: string;
  readonly test: LoadTest;
  readonly values: TemplateValues;
  readonly limits: LoadLimits;
  readonly signal: AbortSignal;
}

export interface FirstReply {
  /** The route is that of the file, with its placeholders: values may be secret. */
  readonly probe: ProbeResult;
  /** Sentences about what may mislead. */
  readonly warnings: readonly string[];
}

/**
 * Sends the first request of the first flow once, as the test would: what refuses it would refuse them all. A status
 * of failure that a check of the step asks for is fine. Rejects with `LOAD_HOST_NOT_ALLOWED` before anything is sent,
 * with `PROBE_NO_REPLY`, `PROBE_REFUSED`, `TARGET_HANGS`, `BAD_USAGE` or `CancelledError`.
 */
export async function sendFirstRequest(options: FirstRequestOptions): Promise<FirstReply> {
  const { origin, test, limits, signal } = options;
  await assertAllowedHost(origin, limits.allowedHosts);
  const step = firstStep(test);
  const begun = performance.now();
  const route = { method: step.method, path: step.path };
  let reply: Reply;
  try {
    reply = await replyOf(options);
  } catch (error) {
    if (signal.aborted) throw new CancelledError();
    if (error instanceof ThroughlineError) throw error;
    const { sentence, hangs } = failureOf(error, test);
    throw new ThroughlineError(
      hangs ? 'TARGET_HANGS' : 'PROBE_NO_REPLY',
      `No load was sent: ${step.name} gave no reply (${sentence}).`,
    );
  }
  const { status, headers } = reply;
  const probe: ProbeResult = {
    route,
    verdict: judgeReply({ status, headers }),
    status,
    ...(headers['content-type'] !== undefined && { contentType: headers['content-type'] }),
    ...(headers.location !== undefined && { location: headers.location }),
    closesConnection: /\bclose\b/i.test(headers.connection ?? ''),
    durationMs: performance.now() - begun,
  };
  if (isRefused(probe, step, test)) {
    const hint = 'if that is what it should reply, say so in a check of the request';
    throw new ThroughlineError('PROBE_REFUSED', `No load was sent: ${describeProbe(probe)}; ${hint}.`);
  }
  return { probe, warnings: cautions(probe, step, test) };
}

type Reply = { readonly status: number; readonly headers: Readonly<Partial<Record<string, string>>> };

function firstStep(test: LoadTest): RequestStep {
  const steps = test.flows.flatMap((flow) => flow.steps);
  const step = steps.find((candidate) => candidate.type === 'request');
  if (!step) throw new ThroughlineError('BAD_LOAD_TEST', `"${test.name}" sends no request.`);
  return step;
}

async function replyOf(options: FirstRequestOptions): Promise<Reply> {
  const { origin, test, signal } = options;
  const timeoutMs = test.http.timeoutSeconds * 1000;
  const client = new Client(origin, {
    allowH2: test.http.http2,
    connect: {
      rejectUnauthorized: !test.http.insecureSkipTLSVerify,
      timeout: timeoutMs,
      checkServerIdentity,
      ...(test.http.http2 && { useH2c: true }), // without TLS: by prior knowledge
    },
    headersTimeout: timeoutMs,
    bodyTimeout: timeoutMs,
  });
  const overall = AbortSignal.any([signal, AbortSignal.timeout(timeoutMs)]);
  try {
    const response = await client.request({ ...firstOf(options), signal: overall });
    await response.body.dump({ limit: Number.MAX_SAFE_INTEGER, signal: overall });
    const flat = Object.entries(response.headers).map(([name, value]) => [
      name.toLowerCase(),
      Array.isArray(value) ? value.join(', ') : (value ?? ''),
    ]);
    return { status: response.statusCode, headers: Object.fromEntries(flat) as Reply['headers'] };
  } finally {
    // Not awaited: a server that hangs would hold it.
    void client.destroy().catch(() => undefined);
  }
}

/** What the first iteration of the first virtual user would send, made as the load's requests are. */
function firstOf({ test, values }: FirstRequestOptions): Outgoing {
  const { flows } = compileFlows(test, values);
  const request = flows.flatMap(({ steps }) => steps).find((step) => step.type === 'request')!;
  const outgoing = request.render((placeholder) => {
    switch (placeholder.type) {
      case 'data': {
        const set = test.data[placeholder.set];
        return set?.rows[0]?.[set.columns.indexOf(placeholder.column)];
      }
      case 'vu':
        return '1';
      case 'iteration':
        return '0';
      case 'env':
      case 'secret':
      case 'captured':
        return undefined;
    }
  });
  if ('missing' in outgoing)
    throw new ThroughlineError('BAD_LOAD_TEST', `"${outgoing.missing}" has no value in the first request.`);
  return outgoing;
}

function isRefused(probe: ProbeResult, step: RequestStep, test: LoadTest): boolean {
  const status = probe.status ?? 0;
  const statusChecks = step.checks.filter((check) => check.test.type === 'status');
  if (statusChecks.length > 0 && statusChecks.every((check) => accepts(check, status))) return false;
  if (probe.verdict === 'redirect') return test.http.maxRedirects === 0;
  return probe.verdict !== 'ok' && probe.verdict !== 'html';
}

function accepts({ test }: Check, status: number): boolean {
  return test.type === 'status' && test.ranges.some(([from, to]) => status >= from && status <= to);
}

function cautions(probe: ProbeResult, step: RequestStep, test: LoadTest): string[] {
  const found: string[] = [];
  if (probe.verdict === 'html')
    found.push(`${step.name} is an HTML page; what a browser loads after it is not requested.`);
  if (probe.closesConnection)
    found.push(`${step.name} closes the connection after each reply, so latency includes connecting.`);
  if (test.http.insecureSkipTLSVerify && test.target?.startsWith('https:'))
    found.push('Certificates were not verified ("insecureSkipTLSVerify").');
  return found;
}

function failureOf(error: unknown, test: LoadTest): { readonly sentence: string; readonly hangs?: boolean } {
  const { code = '', name } = error as NodeJS.ErrnoException;
  if (code === 'ECONNREFUSED') return { sentence: 'connection refused' };
  if (code === 'UND_ERR_SOCKET' || code === 'ECONNRESET')
    return { sentence: 'the connection was closed without a reply' };
  if (code.startsWith('HPE_') || name === 'HTTPParserError')
    return { sentence: `its reply is not HTTP (${code})` };
  if (CERTIFICATE.test(code)) {
    return {
      sentence: `its certificate is not trusted: ${code}; "insecureSkipTLSVerify" would accept it`,
    };
  }
  if (code === 'EPROTO') return { sentence: 'it does not speak TLS' };
  if (name === 'TimeoutError' || code.includes('TIMEOUT'))
    return { sentence: `nothing came within ${test.http.timeoutSeconds} s`, hangs: true };
  return { sentence: errorMessage(error) || code || 'unknown error' };
}

const CERTIFICATE = /CERT|SELF_SIGNED|UNABLE_TO_VERIFY|ERR_TLS_CERT|ISSUER/;
