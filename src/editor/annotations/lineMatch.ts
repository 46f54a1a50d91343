/**
 * Where each line of `before` is in `after` (0-based), -1 where it was edited or deleted. Lines match by their text
 * without the white space around it, so a line that is only indented anew is the same line. Order is kept: a line
 * that moved past another counts as edited.
 *
 * Works by anchors, as a patience diff does: common head and tail first, then lines that occur once on both sides.
 * Linear but for sorting, and never guesses between repeated lines that no anchor tells apart.
 */
export function matchLines(before: readonly string[], after: readonly string[]): Int32Array {
  const a = before.map((line) => line.trim());
  const b = after.map((line) => line.trim());
  const match = new Int32Array(a.length).fill(-1);
  // A work list instead of recursion: hostile inputs must not exhaust the stack.
  const open: Span[] = [{ a0: 0, a1: a.length, b0: 0, b1: b.length, depth: 0 }];
  for (let span = open.pop(); span; span = open.pop()) matchSpan(a, b, span, match, open);
  return match;
}

/** Half open on both sides. */
interface Span {
  readonly a0: number;
  readonly a1: number;
  readonly b0: number;
  readonly b1: number;
  readonly depth: number;
}

/** Texts of people need three or four; the limit keeps texts that are made to be slow from being so. */
const MAX_DEPTH = 24;

function matchSpan(a: string[], b: string[], span: Span, match: Int32Array, open: Span[]): void {
  let { a0, a1, b0, b1 } = span;
  const depth = span.depth + 1;
  while (a0 < a1 && b0 < b1 && a[a0] === b[b0]) match[a0++] = b0++;
  while (a0 < a1 && b0 < b1 && a[a1 - 1] === b[b1 - 1]) match[--a1] = --b1;
  if (a0 === a1 || b0 === b1 || depth > MAX_DEPTH) return;
  const anchors = ascending(uniquePairs(a, b, { a0, a1, b0, b1, depth }));
  if (anchors.length === 0) return;
  let [fromA, fromB] = [a0, b0];
  for (const { atA, atB } of anchors) {
    match[atA] = atB;
    open.push({ a0: fromA, a1: atA, b0: fromB, b1: atB, depth });
    [fromA, fromB] = [atA + 1, atB + 1];
  }
  open.push({ a0: fromA, a1, b0: fromB, b1, depth });
}

interface Pair {
  readonly atA: number;
  readonly atB: number;
}

/** Lines that occur exactly once on each side, by their place in `a`. */
function uniquePairs(a: string[], b: string[], { a0, a1, b0, b1 }: Span): Pair[] {
  const REPEATED = -1;
  const inB = new Map<string, number>();
  for (let i = b0; i < b1; i++) inB.set(b[i] ?? '', inB.has(b[i] ?? '') ? REPEATED : i);
  const inA = new Map<string, number>();
  for (let i = a0; i < a1; i++) inA.set(a[i] ?? '', inA.has(a[i] ?? '') ? REPEATED : i);
  const pairs: Pair[] = [];
  for (const [text, atA] of inA) {
    const atB = inB.get(text);
    if (atA !== REPEATED && atB !== undefined && atB !== REPEATED) pairs.push({ atA, atB });
  }
  return pairs.sort((x, y) => x.atA - y.atA);
}

/** The longest subsequence of `pairs` (ascending in `atA`) that also ascends in `atB`. */
function ascending(pairs: readonly Pair[]): Pair[] {
  const tails: number[] = [];
  const previous = new Int32Array(pairs.length).fill(-1);
  pairs.forEach(({ atB }, index) => {
    let low = 0;
    let high = tails.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((pairs[tails[middle] ?? 0]?.atB ?? 0) < atB) low = middle + 1;
      else high = middle;
    }
    previous[index] = low > 0 ? (tails[low - 1] ?? -1) : -1;
    tails[low] = index;
  });
  const chain: Pair[] = [];
  for (let index = tails.at(-1) ?? -1; index >= 0; index = previous[index] ?? -1) {
    const pair = pairs[index];
    if (pair) chain.push(pair);
  }
  return chain.reverse();
}
