/** One request of a `.http` file as it is written, its variables not yet put in. */
export interface HttpRequest {
  /** `# @name login`, or what follows `###`. */
  readonly name?: string;
  readonly method: string;
  /** A whole URL, or a path. */
  readonly url: string;
  readonly headers: readonly { readonly name: string; readonly value: string }[];
  readonly body: string;
  /** `client.global.set("token", response.body.token)` of the script after it: variable -> JSON pointer. */
  readonly sets: Readonly<Record<string, string>>;
  /** 1-based. */
  readonly line: number;
}

export interface HttpFile {
  readonly variables: Readonly<Record<string, string>>;
  readonly requests: readonly HttpRequest[];
  /** What could not be read, in sentences with their lines. */
  readonly notes: readonly string[];
}

const REQUEST_LINE = /^(?:([A-Z]+)\s+)?(\S.*?)(?:\s+HTTP\/[\d.]+)?$/;
const METHOD_LIKE = /^(GET|HEAD|POST|PUT|PATCH|DELETE|OPTIONS|TRACE|CONNECT|GRAPHQL|WEBSOCKET|GRPC)\s/;

/** Parses what VS Code's REST Client and JetBrains' HTTP Client share. Never throws. */
export function parseHttp(text: string): HttpFile {
  const variables: Record<string, string> = {};
  const requests: HttpRequest[] = [];
  const notes: string[] = [];
  const lines = text.replace(/^\ufeff/, '').split(/\r\n|\n|\r/);
  let block: { readonly title: string; readonly from: number; readonly lines: string[] } = {
    ...{ title: '', from: 1 },
    lines: [],
  };
  const finish = () => {
    const request = readBlock(block, variables, notes);
    if (request) requests.push(request);
  };
  for (const [index, line] of lines.entries()) {
    if (line.startsWith('###')) {
      finish();
      block = { title: line.slice(3).trim(), from: index + 2, lines: [] };
    } else block.lines.push(line);
  }
  finish();
  return { variables, requests, notes };
}

function readBlock(
  block: { readonly title: string; readonly from: number; readonly lines: readonly string[] },
  variables: Record<string, string>,
  notes: string[],
): HttpRequest | undefined {
  let name = block.title === '' ? undefined : block.title;
  let at = 0;
  for (; at < block.lines.length; at++) {
    const line = block.lines[at]!.trim();
    const variable = /^@([\w.-]+)\s*=\s*(.*)$/.exec(line);
    const named = /^(?:#|\/\/)\s*@name[\s=]+(\S+)/.exec(line);
    if (variable) variables[variable[1]!] = variable[2]!;
    else if (named) name = named[1];
    else if (line.startsWith('< '))
      notes.push(`Line ${block.from + at}: what a script does before a request is left out.`);
    else if (line !== '' && !isComment(line)) break;
  }
  if (at >= block.lines.length) return undefined;
  const line = block.from + at;
  let first = block.lines[at]!.trim();
  // A query may go on in indented lines.
  while (/^\s+[?&]/.test(block.lines[at + 1] ?? '')) first += block.lines[++at]!.trim();
  const match = REQUEST_LINE.exec(first);
  const method = match?.[1] ?? 'GET';
  const url = match?.[2] ?? '';
  if (!METHOD_LIKE.test(`${method} `) || !/^(https?:\/\/|\/|\{\{)/i.test(url)) {
    notes.push(`Line ${line}: "${first.slice(0, 60)}" is no request.`);
    return undefined;
  }
  const headers: { name: string; value: string }[] = [];
  for (at++; at < block.lines.length && block.lines[at]!.trim() !== ''; at++) {
    const text = block.lines[at]!;
    if (isComment(text.trim())) continue;
    const colon = text.indexOf(':');
    if (colon > 0) headers.push({ name: text.slice(0, colon).trim(), value: text.slice(colon + 1).trim() });
    else notes.push(`Line ${block.from + at}: "${text.trim().slice(0, 60)}" is no header.`);
  }
  const { body, sets } = readBody(block.lines.slice(at + 1), block.from + at + 1, notes);
  return { ...(name !== undefined && { name }), method, url, headers, body, sets, line };
}

function readBody(
  lines: readonly string[],
  from: number,
  notes: string[],
): { readonly body: string; readonly sets: Readonly<Record<string, string>> } {
  const body: string[] = [];
  const sets: Record<string, string> = {};
  for (let at = 0; at < lines.length; at++) {
    const line = lines[at]!;
    if (/^<@?\s*\S/.test(line) && !line.startsWith('</') && !/^<[A-Za-z!?]/.test(line)) {
      notes.push(
        `Line ${from + at}: the body in the file "${line.replace(/^<@?\s*/, '').trim()}" is left out.`,
      );
    } else if (/^>\s*\{%/.test(line)) {
      const script: string[] = [];
      const start = at;
      for (; at < lines.length; at++) {
        script.push(lines[at]!);
        if (lines[at]!.includes('%}')) break;
      }
      Object.assign(sets, setsOf(script.join('\n'), from + start, notes));
    } else if (/^(<>|>>!?|>)\s*\S/.test(line)) {
      notes.push(`Line ${from + at}: "${line.trim().slice(0, 60)}" is left out.`);
    } else if (!/^(#|\/\/)\s/.test(line)) body.push(line);
  }
  return { body: body.join('\n').trim(), sets };
}

/** Assignments of parts of the reply; any other script has no counterpart. */
function setsOf(script: string, line: number, notes: string[]): Record<string, string> {
  const sets: Record<string, string> = {};
  const rest = script.replace(
    /client\.global\.set\(\s*["']([^"']+)["']\s*,\s*response\.body((?:\.\w+|\[(?:\d+|"[^"]*"|'[^']*')\])+)\s*\)\s*;?/g,
    (_all, name: string, path: string) => {
      sets[name] = pointerOf(path);
      return '';
    },
  );
  if (rest.replace(/>\s*\{%|%\}|\s/g, '') !== '')
    notes.push(
      `Line ${line}: a script that is more than client.global.set("name", response.body.…) is left out.`,
    );
  return sets;
}

/** `.data[0].token` and `["a b"]` as a JSON pointer. */
export function pointerOf(path: string): string {
  return [...path.matchAll(/\.?([\w-]+)|\[(?:"([^"]*)"|'([^']*)'|(\d+))\]/g)]
    .map((match) => match[1] ?? match[2] ?? match[3] ?? match[4] ?? '')
    .map((part) => `/${part.replaceAll('~', '~0').replaceAll('/', '~1')}`)
    .join('');
}

function isComment(line: string): boolean {
  return line.startsWith('#') || line.startsWith('//');
}
