import type { CaptureFile, FlowFile, RequestFile, StepFile } from '../model/loadTestFile';
import type { AuthoringDocument, Composed, DocumentKind, Draft, DraftRequest } from './document';
import { writeLoadTest } from '../model/writeLoadTest';

/** Longer pauses of a recording are somebody who was away. */
const LONGEST_PAUSE_MS = 30_000;
/** Shorter ones are the browser's own, not the user's. */
const SHORTEST_PAUSE_MS = 100;

/** @param origin the document, as the new file names it. */
export function documentOf(kind: DocumentKind, draft: Draft, origin: string): AuthoringDocument {
  return {
    kind,
    name: draft.name,
    offered: draft.requests.map(({ label, isPicked, reason }) => ({
      ...{ label, isPicked },
      ...(reason !== undefined && { reason }),
    })),
    notes: draft.notes,
    compose: (chosen) => compose(draft, withNeeds(draft.requests, chosen), origin),
  };
}

function compose(draft: Draft, chosen: readonly number[], origin: string): Composed {
  const notes: string[] = [];
  const captured = new Map<
    string,
    { readonly name: string; readonly at: number; readonly capture: CaptureFile }
  >();
  const used = new Map<number, Record<string, CaptureFile>>();
  const names = new Set<string>();
  const built: RequestFile[] = [];
  for (const index of chosen) {
    const draftRequest = draft.requests[index]!;
    const request = draftRequest.build((value) => {
      const known = captured.get(value);
      if (!known) return undefined;
      used.set(known.at, { ...used.get(known.at), [known.name]: known.capture });
      return `\${${known.name}}`;
    });
    built.push(request);
    for (const { value, name, capture } of draftRequest.yields ?? []) {
      if (captured.has(value)) continue;
      const free = freeName(name, names);
      names.add(free);
      captured.set(value, { name: free, at: built.length - 1, capture });
    }
  }
  const shared = sharedHeaders(built);
  const requests = named(
    built.map((request, at) => ({
      ...without(request, shared),
      ...(used.has(at) && { capture: used.get(at)! }),
    })),
  );
  const steps = draft.shape === 'flow' && chosen.length > 0;
  const text = writeLoadTest({
    origin,
    ...(draft.target !== undefined && { target: draft.target }),
    ...(Object.keys(shared).length > 0 && { headers: shared }),
    ...(steps
      ? {
          flows: [
            flowOf(
              draft.name,
              requests,
              chosen.map((index) => draft.requests[index]!),
            ),
          ],
        }
      : { requests }),
  });
  const count = [...used.values()].reduce((sum, captures) => sum + Object.keys(captures).length, 0);
  if (count > 0) notes.push(`Values of earlier replies that later requests send are captured: ${count}.`);
  return { text, notes };
}

function flowOf(name: string, requests: readonly RequestFile[], drafts: readonly DraftRequest[]): FlowFile {
  const steps = requests.flatMap((request, index): StepFile[] => {
    const thinkMs = drafts[index]?.thinkMs ?? 0;
    if (index === 0 || thinkMs < SHORTEST_PAUSE_MS) return [request];
    return [{ sleep: pauseText(Math.min(LONGEST_PAUSE_MS, Math.round(thinkMs / 100) * 100)) }, request];
  });
  return { name, steps };
}

function pauseText(milliseconds: number): string {
  return milliseconds % 1000 === 0 ? `${milliseconds / 1000}s` : `${milliseconds}ms`;
}

/** In the document's order. */
function withNeeds(requests: readonly DraftRequest[], chosen: readonly number[]): readonly number[] {
  const all = new Set<number>();
  const add = (index: number): void => {
    const request = requests[index];
    if (!request || all.has(index)) return;
    all.add(index);
    request.needs?.forEach(add);
  };
  chosen.forEach(add);
  return [...all].sort((a, b) => a - b);
}

/** Those that every request sends with the same value. */
function sharedHeaders(requests: readonly RequestFile[]): Record<string, string> {
  const [first, ...others] = requests;
  if (!first || others.length === 0) return {};
  return Object.fromEntries(
    Object.entries(first.headers ?? {}).filter(
      ([name, value]) => !isCaptured(value) && others.every(({ headers }) => headers?.[name] === value),
    ),
  );
}

/** A captured value is known in its iteration alone. */
function isCaptured(template: string): boolean {
  return /\$\{[A-Za-z_][A-Za-z0-9_]*\}/.test(template);
}

function without(
  { headers, ...request }: RequestFile,
  shared: Readonly<Record<string, string>>,
): RequestFile {
  const own = Object.entries(headers ?? {}).filter(([name]) => !(name in shared));
  return { ...request, ...(own.length > 0 && { headers: Object.fromEntries(own) }) };
}

/** Results are told by name: requests that differ are not called the same. */
function named(requests: readonly RequestFile[]): readonly RequestFile[] {
  const contents = new Map<string, string>();
  return requests.map((request) => {
    const { name, ...content } = request;
    const wanted = name ?? `${request.method ?? 'GET'} ${request.path}`;
    const text = JSON.stringify(content);
    let free = wanted;
    // In a list of requests each is a flow of its own, so the same twice is not allowed either.
    for (let number = 2; contents.has(free); number++) free = `${wanted} (${number})`;
    contents.set(free, text);
    const isDefault = free === `${request.method ?? 'GET'} ${request.path}`;
    return { ...(!isDefault && { name: free }), ...content };
  });
}

function freeName(name: string, taken: ReadonlySet<string>): string {
  let free = name;
  for (let number = 2; taken.has(free); number++) free = `${name}${number}`;
  return free;
}
