import type { Entry, Header, Request } from 'har-format';
import type { RequestFile } from '../../model/loadTestFile';
import { literal, type Draft, type DraftRequest, type Yielded } from '../document';
import {
  badDocument,
  isLoopback,
  isObject,
  listOf,
  MOST_REQUESTS,
  objectOf,
  parseJsonDocument,
  textOf,
} from '../reading';
import { formBody, headersOf, jsonBody, METHODS, pathTemplate, type Fill } from '../requestParts';
import { yieldedBy } from './correlate';

const STATIC_TYPE = /^(image|font|audio|video)\/|^text\/css|javascript|^application\/(font|wasm|manifest)/i;
const STATIC_NAME = /\.(css|m?js|map|png|jpe?g|gif|svg|webp|avif|ico|woff2?|ttf|otf|eot|mp4|webm|wasm)$/i;
/** A reply larger than this is not looked through for values. */
const MOST_REPLY_CHARACTERS = 2_000_000;

interface Recorded {
  readonly method: string;
  readonly url: URL;
  readonly request: Request;
  readonly startMs: number;
  readonly durationMs: number;
  readonly mimeType: string;
  /** A JSON reply, read. */
  readonly reply?: unknown;
}

/**
 * Reads a HAR recording (http archive 1.1 and 1.2): one flow in the order of the recording, with its pauses. Values
 * that an earlier JSON reply holds are captured where a later request sends them. Throws `BAD_DOCUMENT`.
 *
 * @param name of the file, for errors.
 */
export function readHar(text: string, name: string): Draft {
  const root = parseJsonDocument(text, name);
  const log = objectOf(objectOf(root).log);
  if (!Array.isArray(log.entries))
    throw badDocument(name, 'It is no HAR recording: it has no "log.entries".');
  const skipped = new Map<string, number>();
  const skip = (reason: string) => void skipped.set(reason, (skipped.get(reason) ?? 0) + 1);
  const recorded = listOf(log.entries)
    .flatMap((entry) => recordedOf(entry, skip))
    .sort((a, b) => a.startMs - b.startMs);
  if (recorded.length === 0)
    throw badDocument(name, 'It has no request over HTTP that a load test can send.');
  const origin = mainOrigin(recorded);
  const kept = recorded.slice(0, MOST_REQUESTS);
  const others = [...new Set(kept.map(({ url }) => url.origin).filter((each) => each !== origin))];
  const notes = [...skipped].map(([reason, count]) => `${count} of the recording left out: ${reason}`);
  if (recorded.length > kept.length) notes.push(`Only the first ${MOST_REQUESTS} requests are offered.`);
  if (others.length > 0)
    notes.push(`A load test sends to one origin, here ${origin}. Left out: ${others.join(', ')}.`);
  if (!isLoopback(origin))
    notes.push(`The recording is of ${origin}, which is left out: write "target" where load is to go there.`);
  return {
    name: 'recording',
    ...(isLoopback(origin) && { target: origin }),
    shape: 'flow',
    // Requests of other origins cannot be sent at all.
    requests: draftsOf(kept.filter(({ url }) => url.origin === origin)),
    notes,
  };
}

function recordedOf(entry: unknown, skip: (reason: string) => void): Recorded[] {
  const { request, response, startedDateTime, time } = objectOf(entry) as unknown as Partial<Entry>;
  const address = textOf(request?.url) ?? '';
  if (!isObject(request) || !/^https?:/i.test(address) || !URL.canParse(address)) {
    skip('no address over HTTP.');
    return [];
  }
  const method = (textOf(request.method) ?? '').toUpperCase();
  if (!METHODS.has(method)) {
    skip(`the method ${method || '(none)'} cannot be sent.`);
    return [];
  }
  const content = objectOf(objectOf(response).content);
  const mimeType = textOf(content.mimeType) ?? '';
  const startMs = Date.parse(textOf(startedDateTime) ?? '');
  const reply = replyOf(content, mimeType);
  return [
    {
      ...{ method, url: new URL(address), request, mimeType },
      startMs: Number.isNaN(startMs) ? 0 : startMs,
      durationMs: typeof time === 'number' && time > 0 ? time : 0,
      ...(reply !== undefined && { reply }),
    },
  ];
}

function replyOf(content: Readonly<Record<string, unknown>>, mimeType: string): unknown {
  const text = textOf(content.text);
  if (text === undefined || !/json/i.test(mimeType) || text.length > MOST_REPLY_CHARACTERS) return undefined;
  return parsed(content.encoding === 'base64' ? Buffer.from(text, 'base64').toString('utf8') : text);
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return undefined;
  }
}

/** Of the first page, else of most requests. */
function mainOrigin(recorded: readonly Recorded[]): string {
  const page = recorded.find(({ mimeType }) => /html/i.test(mimeType));
  if (page) return page.url.origin;
  const counts = new Map<string, number>();
  for (const { url } of recorded) counts.set(url.origin, (counts.get(url.origin) ?? 0) + 1);
  return [...counts].sort(([, a], [, b]) => b - a)[0]![0];
}

function draftsOf(recorded: readonly Recorded[]): DraftRequest[] {
  const sent = new Set<string>();
  let endedMs: number | undefined;
  return recorded.map((each) => {
    const { method, url, startMs, durationMs, mimeType, reply } = each;
    // What this request sends itself does not come from its reply.
    note(sent, each);
    const yields: readonly Yielded[] = reply === undefined ? [] : yieldedBy(reply, sent);
    const isStatic = method === 'GET' && (STATIC_TYPE.test(mimeType) || STATIC_NAME.test(url.pathname));
    const thinkMs = endedMs === undefined ? 0 : Math.max(0, startMs - endedMs);
    endedMs = Math.max(endedMs ?? 0, startMs + durationMs);
    return {
      label: `${method} ${url.pathname}${url.search}`,
      isPicked: !isStatic,
      ...(isStatic && { reason: 'It is a static file.' }),
      thinkMs,
      yields,
      build: (fill) => requestOf(each, fill),
    };
  });
}

/** Every text that a request sends, as it would be captured. */
function note(sent: Set<string>, recorded: Recorded): void {
  requestOf(recorded, (value) => {
    sent.add(value);
    return undefined;
  });
}

function requestOf({ method, url, request }: Recorded, fill: Fill): RequestFile {
  const headers = headersOf(
    listOf(request.headers)
      .filter(isObject)
      .map((each) => each as unknown as Header)
      .filter((each) => typeof each.name === 'string' && typeof each.value === 'string'),
    fill,
  );
  const body = bodyOf(request, fill);
  const type = textOf(objectOf(request.postData).mimeType) ?? '';
  if (body.body !== undefined && type !== '') headers['content-type'] ??= type;
  // Said by "json" itself.
  if (body.json !== undefined && headers['content-type'] === 'application/json')
    delete headers['content-type'];
  return {
    method,
    path: pathTemplate(`${url.pathname}${url.search}`, fill),
    ...(Object.keys(headers).length > 0 && { headers }),
    ...body,
  };
}

function bodyOf({ postData }: Request, fill: Fill): Pick<RequestFile, 'body' | 'json'> {
  if (!isObject(postData)) return {};
  const type = textOf(postData.mimeType) ?? '';
  const parameters = listOf(postData.params).filter(isObject);
  const text =
    textOf(postData.text) ??
    parameters
      .map(
        (each) =>
          `${encodeURIComponent(textOf(each.name) ?? '')}=${encodeURIComponent(textOf(each.value) ?? '')}`,
      )
      .join('&');
  if (text === '') return {};
  if (/json/i.test(type)) {
    const value = parsed(text);
    if (typeof value === 'object' && value !== null) return jsonBody(value, fill);
  }
  return { body: /x-www-form-urlencoded/i.test(type) ? formBody(text, fill) : literal(text) };
}
