import type { CallGraph, Reachable } from './callGraph';
import type { ScriptFunction } from './parsedScript';
import { CALL_WORK } from './parsedScript';
import type { FunctionRef } from './scriptSet';

/** Whose time a tick of a function is. */
export type Placement =
  | { readonly kind: 'own' }
  /** Of a function that V8 inlined: the calls that lead to it, that function last. */
  | { readonly kind: 'inlined'; readonly path: readonly FunctionRef[] }
  /** Of some inlined function, but the evidence does not say which. */
  | { readonly kind: 'uncertain' };

/** Ticks of functions by line, over all stacks. */
export class TickStatistics {
  private readonly own = new Map<ScriptFunction, Map<number, number>>();
  /** By caller, then callee: ticks of the callee where it stands on that caller. */
  private readonly asCallee = new Map<ScriptFunction, Map<ScriptFunction, Map<number, number>>>();

  add(fn: ScriptFunction, caller: ScriptFunction | undefined, line: number, ticks: number): void {
    addTo(mapIn(this.own, fn), line, ticks);
    if (caller !== undefined) {
      addTo(
        mapIn(mapIn<ScriptFunction, ScriptFunction, Map<number, number>>(this.asCallee, caller), fn),
        line,
        ticks,
      );
    }
  }

  ticks(fn: ScriptFunction, line: number): number {
    return this.own.get(fn)?.get(line) ?? 0;
  }

  /**
   * Ticks by which `callee` shows as a frame of its own on `caller`. On lines with calls that says nothing: V8 hides
   * an inlined function only where it is itself the running one, so an inlined function shows below what it calls.
   */
  plainTicks(caller: ScriptFunction, callee: ScriptFunction): number {
    const callLines = new Set(callee.calls.map((call) => call.line));
    let sum = 0;
    for (const [line, ticks] of this.asCallee.get(caller)?.get(callee) ?? [])
      if (!callLines.has(line)) sum += ticks;
    return sum;
  }
}

/** The winner must have this part of the expected time of a line; below it the line is uncertain. */
const CERTAIN_SHARE = 0.75;
/** Likelihood of a function of the same file that no call is known to reach. */
const UNREACHED = 0.05;
/** What is left of the expected time of a function that shows as a frame of its own instead. */
const NOT_INLINED = 0.002;
/** A likelihood from here on contests a line that lies within the caller's own lines. */
const CONTESTING = 0.8;
/** A likelihood below this is no reason to doubt a line: a name that merely agrees, two calls away. */
const PLAUSIBLE = 0.25;

/**
 * Gives the ticks of optimised code back to the functions they were inlined from. V8 up to Node 24 reports the
 * inlined function's line under the function around it, without saying of which file. A line may so belong to the
 * function itself, to one of its file, or to one of another file that its body calls, perhaps through others.
 * Where several functions hold that line, each one's expected share is estimated from the work on its lines, the
 * loops around its calls, and the ticks on lines that are its alone.
 */
export class Inlining {
  private readonly tables = new Map<ScriptFunction, CandidateTable>();
  private readonly placements = new Map<ScriptFunction, Map<number, Placement>>();
  private readonly works = new Map<ScriptFunction, Map<number, number>>();

  constructor(
    private readonly graph: CallGraph,
    private readonly ticks: TickStatistics,
  ) {}

  /** @param line 1-based line that V8 reported for a tick of `ref`. */
  place(ref: FunctionRef, line: number): Placement {
    const known = mapIn<ScriptFunction, number, Placement>(this.placements, ref.fn);
    let placement = known.get(line);
    if (placement === undefined) {
      placement = this.decide(ref, line);
      known.set(line, placement);
    }
    return placement;
  }

  /**
   * Functions that may hide in the ticks of `ref` on one of its own lines and that no line tells from it: in code
   * with many functions on a line, such as a minified bundle.
   */
  rivals(ref: FunctionRef, line: number): readonly FunctionRef[] {
    const table = this.table(ref);
    return table
      .at(line)
      .filter(
        (candidate) =>
          candidate.likelihood >= PLAUSIBLE &&
          sharesAllLines(ref, table, candidate) &&
          !this.showsItself(ref, candidate),
      );
  }

  private decide(ref: FunctionRef, line: number): Placement {
    const table = this.table(ref);
    const within = ref.fn.startLine <= line && line <= ref.fn.endLine;
    const contenders = table
      .at(line)
      .filter((candidate) => !within || this.mayContest(ref, table, candidate));
    if (contenders.length === 0) return within ? OWN : this.unreached(ref, line);
    if (!within && contenders.length > 1 && contenders.every(({ fn }) => fn.startLine === fn.endLine))
      return UNCERTAIN;
    const heats = contenders.map((candidate) => this.heat(ref, table, candidate, line));
    const total = heats.reduce((sum, heat) => sum + heat, 0);
    const best = heats.indexOf(Math.max(...heats));
    const winner = contenders[best];
    if (winner === undefined || total === 0) return within ? OWN : UNCERTAIN;
    if (heats[best]! / total < CERTAIN_SHARE) return UNCERTAIN;
    return winner.path.length === 0 ? OWN : { kind: 'inlined', path: winner.path };
  }

  /** Within a function's own lines, names that merely agree are no reason to doubt them. */
  private mayContest(ref: FunctionRef, table: CandidateTable, candidate: Candidate): boolean {
    if (candidate.path.length === 0) return true;
    if (sharesAllLines(ref, table, candidate)) return false;
    if (candidate.script === ref.script) return true;
    if (candidate.likelihood >= CONTESTING) return true;
    return table.ownLines(candidate).some((line) => this.ticks.ticks(ref.fn, line) > 0);
  }

  /** Ticks expected on the line if the candidate runs there, on one scale for all candidates. */
  private heat(ref: FunctionRef, table: CandidateTable, candidate: Candidate, line: number): number {
    const rate = this.prior(ref, candidate) * this.scale(ref, table);
    const expectedHere = this.work(candidate, line) * rate;
    if (expectedHere === 0) return 0;
    let expected = 0;
    let found = 0;
    for (const other of table.ownLines(candidate)) {
      expected += this.work(candidate, other) * rate;
      found += this.ticks.ticks(ref.fn, other);
    }
    // Lines of the candidate alone show how far off the estimate is: the more, the more ticks they should have.
    return (expectedHere * (found + expectedHere)) / (expected + expectedHere);
  }

  /** Ticks a unit of estimated work: from the lines that only one candidate holds. */
  private scale(ref: FunctionRef, table: CandidateTable): number {
    table.scale ??= this.fitScale(ref, table);
    return table.scale;
  }

  private fitScale(ref: FunctionRef, table: CandidateTable): number {
    let expected = 0;
    let found = 0;
    for (const candidate of table.candidates) {
      const lines = table.ownLines(candidate);
      const ticks = lines.reduce((sum, line) => sum + this.ticks.ticks(ref.fn, line), 0);
      if (ticks === 0) continue;
      found += ticks;
      expected +=
        this.prior(ref, candidate) * lines.reduce((sum, line) => sum + this.work(candidate, line), 0);
    }
    return expected > 0 ? found / expected : 1;
  }

  private prior(ref: FunctionRef, candidate: Candidate): number {
    const runs = 10 ** Math.min(candidate.loopDepth, 4) * candidate.likelihood;
    return this.showsItself(ref, candidate) ? runs * NOT_INLINED : runs;
  }

  /** Whether the candidate is seen as a frame of its own on `ref` so often that V8 hardly inlined it there. */
  private showsItself(ref: FunctionRef, candidate: Candidate): boolean {
    if (candidate.path.length !== 1) return false;
    const plain = this.ticks.plainTicks(ref.fn, candidate.fn);
    let hidden = 0;
    for (const line of candidate.fn.codeLines) hidden += this.ticks.ticks(ref.fn, line);
    return plain > 2 && plain >= hidden / 10;
  }

  private work(ref: FunctionRef, line: number): number {
    const known = mapIn<ScriptFunction, number, number>(this.works, ref.fn);
    let work = known.get(line);
    if (work === undefined) known.set(line, (work = this.estimateWork(ref, line)));
    return work;
  }

  private estimateWork({ script, fn }: FunctionRef, line: number): number {
    let work = fn.work.get(line) ?? (fn.codeLines.has(line) ? 0.1 : 0);
    for (const call of fn.calls) {
      if (call.line !== line) continue;
      const known = this.graph.isKnownCall({ script, fn }, call.name, line);
      work += (known ? 0.5 : CALL_WORK) * 10 ** Math.min(call.loopDepth, 4);
    }
    return work;
  }

  /** A function of the same file can still run here through a call that names nobody: a callback, a table. */
  private unreached(ref: FunctionRef, line: number): Placement {
    const { finder } = ref.script;
    if (finder === undefined || !callsUnknown(ref, this.graph)) return UNCERTAIN;
    const fn = finder.enclosing(line);
    if (fn.index === 0 || finder.isWithin(ref.fn.index, fn.index)) return UNCERTAIN;
    return { kind: 'inlined', path: [{ script: ref.script, fn }] };
  }

  private table(ref: FunctionRef): CandidateTable {
    let table = this.tables.get(ref.fn);
    if (table === undefined) {
      table = new CandidateTable(ref, this.graph.reachable(ref));
      this.tables.set(ref.fn, table);
    }
    return table;
  }
}

const OWN: Placement = { kind: 'own' };
const UNCERTAIN: Placement = { kind: 'uncertain' };

/** A function that may run in optimised code of another; an empty path is that function itself. */
type Candidate = Reachable;

/** The functions that may hide in one function's optimised code, by the lines where they would show. */
class CandidateTable {
  readonly candidates: readonly Candidate[];
  /** Ticks a unit of work; set when first needed. */
  scale: number | undefined;
  private readonly byLine = new Map<number, Candidate[]>();
  private readonly aloneOn = new Map<Candidate, number[]>();

  constructor(ref: FunctionRef, reachable: readonly Reachable[]) {
    const own: Candidate = { ...ref, likelihood: 1, loopDepth: 0, path: [] };
    this.candidates = [own, ...this.nested(ref, reachable), ...reachable];
    for (const candidate of this.candidates) {
      for (const line of heldLines(candidate)) this.put(line, candidate);
    }
    for (const [line, holders] of this.byLine) {
      const [only] = holders;
      if (only === undefined || holders.length > 1) continue;
      const lines = this.aloneOn.get(only);
      if (lines === undefined) this.aloneOn.set(only, [line]);
      else lines.push(line);
    }
  }

  at(line: number): readonly Candidate[] {
    return this.byLine.get(line) ?? [];
  }

  /** Lines that no other candidate holds. */
  ownLines(candidate: Candidate): readonly number[] {
    return this.aloneOn.get(candidate) ?? [];
  }

  private put(line: number, candidate: Candidate): void {
    const holders = this.byLine.get(line);
    if (holders === undefined) this.byLine.set(line, [candidate]);
    else holders.push(candidate);
  }

  /** Functions inside the function that no call is known to reach. */
  private nested(ref: FunctionRef, reachable: readonly Reachable[]): Candidate[] {
    const { finder } = ref.script;
    if (finder === undefined) return [];
    const reached = new Set(reachable.map((item) => item.fn));
    return finder
      .descendantsOf(ref.fn.index)
      .filter((fn) => !reached.has(fn))
      .map((fn) => ({
        script: ref.script,
        fn,
        likelihood: UNREACHED,
        loopDepth: 0,
        path: [{ script: ref.script, fn }],
      }));
  }
}

/**
 * Whether ticks of `ref` on its own lines can never tell the candidate from it: the candidate has no line alone, and
 * both are on one line, or it stands beside `ref` on a line of it, as only packed code does.
 */
function sharesAllLines(ref: FunctionRef, table: CandidateTable, candidate: Candidate): boolean {
  if (candidate.path.length === 0 || table.ownLines(candidate).length > 0) return false;
  if (ref.fn.startLine === ref.fn.endLine) return true;
  return (
    candidate.script === ref.script && ref.script.finder?.isWithin(candidate.fn.index, ref.fn.index) !== true
  );
}

/** Lines of the function's code that no function inside it holds all of. */
function heldLines({ script, fn }: FunctionRef): Iterable<number> {
  return script.finder?.heldLines(fn) ?? fn.codeLines;
}

/** Whether the function calls something that no name leads to, such as a parameter or an element of a table. */
function callsUnknown(ref: FunctionRef, graph: CallGraph): boolean {
  const callees = graph.callees(ref);
  return ref.fn.calls.some(
    (call) =>
      call.name === '' || (!call.member && !callees.some((callee) => callee.lines.includes(call.line))),
  );
}

function mapIn<K, L, V>(maps: Map<K, Map<L, V>>, key: K): Map<L, V> {
  let map = maps.get(key);
  if (map === undefined) maps.set(key, (map = new Map<L, V>()));
  return map;
}

function addTo(map: Map<number, number>, key: number, amount: number): void {
  map.set(key, (map.get(key) ?? 0) + amount);
}
