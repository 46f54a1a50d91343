import type { CaptureFile, RequestFile } from '../../model/loadTestFile';
import { isSecretHeader } from '../../model/secrets';
import { literal, placeholderName, type Draft, type DraftRequest, type Yielded } from '../document';
import { badDocument, isLoopback, MOST_REQUESTS } from '../reading';
import { CHANGES_DATA, headersOf, isSafeMethod, isSecretField, METHODS } from '../requestParts';
import { parseHttp, pointerOf, type HttpRequest } from './parseHttp';

/** `{{name}}`; a variable may hold others. */
const VARIABLE = /\{\{\s*([^}]*?)\s*\}\}/g;
const DEEPEST = 10;

/** A placeholder that stands for a value until templates are made of literal texts. */
interface Mark {
  readonly text: string;
}

/**
 * Reads a `.http` file of VS Code's REST Client or JetBrains' HTTP Client. Requests that use values of others are
 * steps of one flow; else each is a request of its own. Throws `BAD_DOCUMENT`.
 *
 * @param name of the file, for errors.
 */
export function readHttp(text: string, name: string): Draft {
  const { variables, requests: all, notes: parsed } = parseHttp(text);
  const notes = [...parsed];
  const sendable = all.filter(({ method, line }) => {
    if (!METHODS.has(method)) notes.push(`Line ${line}: the method ${method} cannot be sent.`);
    return METHODS.has(method);
  });
  if (sendable.length === 0) {
    const [first] = notes;
    throw badDocument(
      name,
      `It has no request that a load test can send.${first === undefined ? '' : ` ${first}`}`,
    );
  }
  const reader = new HttpReader(variables, sendable, notes);
  const resolved = sendable.slice(0, MOST_REQUESTS).map((request) => reader.read(request));
  if (sendable.length > MOST_REQUESTS) notes.push(`Only the first ${MOST_REQUESTS} requests are offered.`);
  const origins = [...new Set(resolved.flatMap(({ origin }) => (origin === undefined ? [] : [origin])))];
  const [main] = origins;
  if (origins.length > 1)
    notes.push(`A load test sends to one origin, here ${main}. Left out: ${origins.slice(1).join(', ')}.`);
  if (main !== undefined && !isLoopback(main))
    notes.push(`The file sends to ${main}, which is left out: write "target" where load is to go there.`);
  const kept = resolved.filter(({ origin }) => origin === undefined || origin === main);
  const indexOf = new Map(kept.map(({ source }, index) => [source, index]));
  const requests = kept.map(({ request, source, uses, yields }): DraftRequest => {
    const safe = isSafeMethod(source.method);
    const feeds = kept.some((other) => other.uses.has(source));
    return {
      label: source.name ?? `${source.method} ${request.path}`,
      isPicked: safe || feeds,
      ...(!safe && { reason: CHANGES_DATA }),
      yields,
      needs: [...uses].flatMap((each) => indexOf.get(each) ?? []),
      build: (fill) => filledIn(request, fill),
    };
  });
  return {
    name: 'requests',
    ...(main !== undefined && isLoopback(main) && { target: main }),
    shape: kept.some(({ uses }) => uses.size > 0) ? 'flow' : 'requests',
    requests,
    notes: [...new Set(notes)],
  };
}

interface Resolved {
  readonly source: HttpRequest;
  readonly origin?: string;
  readonly request: RequestFile;
  /** Requests whose replies it needs. */
  readonly uses: ReadonlySet<HttpRequest>;
  readonly yields: Yielded[];
}

class HttpReader {
  private readonly yieldsOf = new Map<HttpRequest, Yielded[]>();

  constructor(
    private readonly variables: Readonly<Record<string, string>>,
    private readonly requests: readonly HttpRequest[],
    private readonly notes: string[],
  ) {
    for (const request of requests) this.yieldsOf.set(request, []);
  }

  read(source: HttpRequest): Resolved {
    const uses = new Set<HttpRequest>();
    const marks: Mark[] = [];
    const put = (text: string, secret: boolean) => this.resolved(text, { source, uses, marks, secret }, 0);
    const url = put(source.url, false);
    const { origin, path } = partsOf(url);
    const headers = source.headers.map(({ name, value }) => ({
      name,
      value: put(value, isSecretHeader(name)),
    }));
    const type = headers.find(({ name }) => name.toLowerCase() === 'content-type')?.value ?? '';
    const isJson = /json/i.test(type) || (type === '' && /^[[{]/.test(source.body));
    const body = put(source.body, false);
    const sent = withMarks(
      headersOf(headers, (value) => (hasMark(value) ? value : undefined)),
      marks,
    );
    const json = isJson ? jsonOf(body, marks) : undefined;
    if (json !== undefined && sent['content-type'] === 'application/json') delete sent['content-type'];
    const request: RequestFile = {
      ...(source.name !== undefined && { name: source.name }),
      method: source.method,
      path: withMarksIn(encodedPath(path), marks),
      ...(Object.keys(sent).length > 0 && { headers: sent }),
      ...(json !== undefined ? { json } : body !== '' && { body: withMarksIn(literal(body), marks) }),
    };
    return {
      source,
      ...(origin !== undefined && { origin }),
      request,
      uses,
      yields: this.yieldsOf.get(source)!,
    };
  }

  /** The text with its variables put in; what becomes a placeholder stands as a mark. */
  private resolved(
    text: string,
    context: { source: HttpRequest; uses: Set<HttpRequest>; marks: Mark[]; secret: boolean },
    depth: number,
  ): string {
    return text.replace(VARIABLE, (written, name: string) => {
      const own = Object.hasOwn(this.variables, name) ? this.variables[name] : undefined;
      if (own !== undefined && depth < DEEPEST)
        return isSecretField(name) && !own.includes('{{')
          ? this.mark(context, `\${secret:${placeholderName(name)}}`)
          : this.resolved(own, context, depth + 1);
      return this.mark(context, this.placeholder(name, written, context));
    });
  }

  private mark({ marks }: { marks: Mark[] }, text: string): string {
    marks.push({ text });
    return markOf(marks.length - 1);
  }

  private placeholder(
    name: string,
    written: string,
    { source, uses, secret }: { source: HttpRequest; uses: Set<HttpRequest>; secret: boolean },
  ): string {
    const [, environment] = /^\$(?:processEnv|dotenv)\s+%?(\w+)$/.exec(name) ?? [];
    if (environment !== undefined)
      return isSecretField(environment) || secret ? `\${secret:${environment}}` : `\${env:${environment}}`;
    const [, from, part, path] = /^(\w+)\.response\.(body|headers)\.(.+)$/.exec(name) ?? [];
    const earlier = this.requests.slice(0, this.requests.indexOf(source));
    if (from !== undefined && path !== undefined) {
      const by = earlier.find((request) => request.name === from);
      const capture: CaptureFile =
        part === 'headers' ? { header: path } : { json: pointerOf(path.replace(/^\$/, '')) };
      if (by) return this.captured(by, uses, name, capture);
    }
    const setter = earlier.findLast(({ sets }) => Object.hasOwn(sets, name));
    if (setter) return this.captured(setter, uses, name, { json: setter.sets[name]! });
    if (name.startsWith('$')) {
      this.notes.push(
        `Line ${source.line}: ${written} has no counterpart: \${iteration} stands in its place.`,
      );
      return '${iteration}';
    }
    return secret || isSecretField(name)
      ? `\${secret:${placeholderName(name)}}`
      : `\${env:${placeholderName(name)}}`;
  }

  /** The mark of a value that only the engine knows: the text by which `build` asks for it. */
  private captured(by: HttpRequest, uses: Set<HttpRequest>, name: string, capture: CaptureFile): string {
    uses.add(by);
    const yields = this.yieldsOf.get(by)!;
    const known = yields.find((each) => JSON.stringify(each.capture) === JSON.stringify(capture));
    const last = placeholderName(
      name
        .split(/[.$\][]+/)
        .filter(Boolean)
        .at(-1) ?? 'value',
    );
    const value = known?.value ?? `{{capture:${by.line}:${yields.length}}}`;
    if (!known) yields.push({ name: last === 'vu' || last === 'iteration' ? 'value' : last, value, capture });
    return value;
  }
}

// What `{{…}}` a file holds is replaced, so that these cannot be its own.
const OPEN = '{{~';
const CLOSE = '}}';
const MARK = /\{\{~(\d+)\}\}/g;

function markOf(index: number): string {
  return `${OPEN}${index}${CLOSE}`;
}

function hasMark(text: string): boolean {
  return text.includes(OPEN);
}

function withMarksIn(text: string, marks: readonly Mark[]): string {
  return text.replace(MARK, (_all, index: string) => marks[Number(index)]?.text ?? '');
}

function withMarks(texts: Readonly<Record<string, string>>, marks: readonly Mark[]): Record<string, string> {
  return Object.fromEntries(Object.entries(texts).map(([name, text]) => [name, withMarksIn(text, marks)]));
}

/** A JSON body with its placeholders in its texts; undefined where it is no JSON, or a placeholder stands bare. */
function jsonOf(body: string, marks: readonly Mark[]): RequestFile['json'] | undefined {
  try {
    const text = JSON.stringify(JSON.parse(literal(body)));
    return JSON.parse(
      text.replace(MARK, (_all, index: string) =>
        JSON.stringify(marks[Number(index)]?.text ?? '').slice(1, -1),
      ),
    ) as RequestFile['json'];
  } catch {
    return undefined;
  }
}

/** What comes before the path may be a variable that nobody knows. */
function partsOf(url: string): { readonly origin?: string; readonly path: string } {
  const whole = /^(https?:\/\/[^/?#]+)([^#]*)/i.exec(url);
  if (!whole) return { path: url.replace(/^\{\{~\d+\}\}(?=\/|$)/, '').replace(/#.*$/, '') || '/' };
  const [, host, path] = whole;
  const origin = !hasMark(host!) && URL.canParse(host!) ? new URL(host!).origin : undefined;
  return { ...(origin !== undefined && { origin }), path: path!.startsWith('/') ? path! : `/${path}` };
}

function encodedPath(path: string): string {
  return path
    .split(/(\{\{~\d+\}\})/)
    .map((part) => (hasMark(part) ? part : encodedLiteral(part)))
    .join('')
    .replace(/^\/*/, '/');
}

function encodedLiteral(text: string): string {
  return text.replace(/[^!$-;=?-[\]_a-z~]+/gu, (each) => encodeURIComponent(each));
}

/** Puts the names of captures in. */
function filledIn(request: RequestFile, fill: (value: string) => string | undefined): RequestFile {
  const text = JSON.stringify(request);
  return JSON.parse(text.replace(/\{\{capture:\d+:\d+\}\}/g, (value) => fill(value) ?? value)) as RequestFile;
}
