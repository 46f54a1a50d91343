import type { CallSite, ScriptFunction } from './parsedScript';
import type { FunctionRef, Script, ScriptSet } from './scriptSet';

/** A function that another one may call, and how much speaks for it. */
export interface CallCandidate extends FunctionRef {
  /** 0 to 1: 1 where names and imports lead to this function, less where only a name agrees. */
  readonly likelihood: number;
  /** Loops around the call in the calling function. */
  readonly loopDepth: number;
  /** Offsets of the calls in the calling function's script, and their 1-based lines. */
  readonly sites: readonly number[];
  readonly lines: readonly number[];
}

/** A function that may be inlined in another, through at most `MAX_DEPTH` calls. */
export interface Reachable extends FunctionRef {
  readonly likelihood: number;
  /** Sum of the loops around the calls on the way. */
  readonly loopDepth: number;
  /** The functions on the way, the caller left out and this one last. */
  readonly path: readonly FunctionRef[];
}

/** V8 inlines calls in inlined functions too; more than three deep are rare. */
const MAX_DEPTH = 3;
/** V8 inlines up to 460 bytes of bytecode; a syntax node takes about two, and a wide margin is left. */
const MAX_INLINED_NODES = 600;
/** A name that more functions share says nothing. */
const MAX_SAME_NAME = 40;
const MAX_REACHABLE = 400;

const EXACT = 1;
const NESTED = 0.8;
const BY_PROPERTY = 0.5;
const BY_MENTION = 0.1;

/** Who may call whom, from the text of the scripts and from the stacks that were seen. */
export class CallGraph {
  private readonly candidates = new Map<ScriptFunction, CallCandidate[]>();
  private readonly reachables = new Map<ScriptFunction, Reachable[]>();
  private readonly namesByLine = new Map<ScriptFunction, Map<number, Set<string>>>();
  private readonly seenCallees = new Map<ScriptFunction, Map<ScriptFunction, FunctionRef>>();
  private byName: Map<string, FunctionRef[]> | undefined;

  constructor(private readonly scripts: ScriptSet) {}

  /** Tells of a call seen in a stack. To be called before any question. */
  addSeen(caller: FunctionRef, callee: FunctionRef): void {
    let callees = this.seenCallees.get(caller.fn);
    if (callees === undefined)
      this.seenCallees.set(caller.fn, (callees = new Map<ScriptFunction, FunctionRef>()));
    callees.set(callee.fn, callee);
  }

  /** The functions that `caller`'s own body may call, most likely first. */
  callees(caller: FunctionRef): readonly CallCandidate[] {
    let found = this.candidates.get(caller.fn);
    if (found === undefined) {
      found = this.findCallees(caller);
      this.candidates.set(caller.fn, found);
    }
    return found;
  }

  /** Whether a call on the line of `caller` leads to a function that is known by that name. */
  isKnownCall(caller: FunctionRef, name: string, line: number): boolean {
    let names = this.namesByLine.get(caller.fn);
    if (names === undefined) this.namesByLine.set(caller.fn, (names = this.calleeNames(caller)));
    return names.get(line)?.has(name) === true;
  }

  private calleeNames(caller: FunctionRef): Map<number, Set<string>> {
    const names = new Map<number, Set<string>>();
    for (const { fn, lines } of this.callees(caller)) {
      for (const line of lines) {
        const known = names.get(line);
        if (known === undefined) names.set(line, new Set([fn.name]));
        else known.add(fn.name);
      }
    }
    return names;
  }

  /** The functions small enough that V8 may inline them in `caller`, each once by its shortest way. */
  reachable(caller: FunctionRef): readonly Reachable[] {
    let found = this.reachables.get(caller.fn);
    if (found === undefined) {
      found = this.findReachable(caller);
      this.reachables.set(caller.fn, found);
    }
    return found;
  }

  private findReachable(caller: FunctionRef): Reachable[] {
    const found = new Map<ScriptFunction, Reachable>();
    let frontier: Reachable[] = [{ ...caller, likelihood: 1, loopDepth: 0, path: [] }];
    for (let depth = 0; depth < MAX_DEPTH; depth++) {
      const next: Reachable[] = [];
      for (const from of frontier) {
        for (const callee of this.callees(from)) {
          if (callee.fn === caller.fn || found.has(callee.fn) || callee.fn.nodeCount > MAX_INLINED_NODES)
            continue;
          if (found.size >= MAX_REACHABLE) return [...found.values()];
          const reached: Reachable = {
            script: callee.script,
            fn: callee.fn,
            likelihood: from.likelihood * callee.likelihood,
            loopDepth: from.loopDepth + callee.loopDepth,
            path: [...from.path, { script: callee.script, fn: callee.fn }],
          };
          found.set(callee.fn, reached);
          next.push(reached);
        }
      }
      frontier = next;
    }
    return [...found.values()];
  }

  private findCallees(caller: FunctionRef): CallCandidate[] {
    const found = new Map<ScriptFunction, Found>();
    const add = (ref: FunctionRef, likelihood: number, loopDepth: number, site?: number) => {
      if (ref.fn.index === 0) return;
      const known = found.get(ref.fn);
      if (known === undefined) {
        found.set(ref.fn, {
          ...ref,
          likelihood,
          loopDepth,
          sites: new Set(site === undefined ? [] : [site]),
        });
        return;
      }
      known.likelihood = Math.max(known.likelihood, likelihood);
      known.loopDepth = Math.max(known.loopDepth, loopDepth);
      if (site !== undefined) known.sites.add(site);
    };
    for (const call of caller.fn.calls) {
      for (const { ref, likelihood } of this.resolveCall(caller, call))
        add(ref, likelihood, call.loopDepth, call.at);
    }
    const parsed = caller.script.parsed;
    for (const fn of caller.script.finder?.childrenOf(caller.fn.index) ?? [])
      add({ script: caller.script, fn }, NESTED, 0, fn.passedAt);
    for (const name of caller.fn.mentions) {
      for (const ref of this.named(name)) {
        const likelihood = ref.fn.accessor ? BY_PROPERTY : this.isVisible(caller, ref) ? BY_MENTION : 0;
        if (likelihood > 0) add(ref, likelihood, 1);
      }
    }
    for (const ref of this.seenCallees.get(caller.fn)?.values() ?? []) add(ref, EXACT, 0);
    return [...found.values()]
      .map((item) => {
        const sites = [...item.sites].sort((a, b) => a - b);
        const lines = new Set(sites.map((site) => parsed!.lines.lineAt(site)));
        return { ...item, sites, lines: [...lines] };
      })
      .sort((a, b) => b.likelihood - a.likelihood);
  }

  private resolveCall(caller: FunctionRef, call: CallSite): { ref: FunctionRef; likelihood: number }[] {
    if (call.name === '') return [];
    const parsed = caller.script.parsed;
    if (!call.member) {
      const local = this.localFunction(caller, call.name);
      if (local) return [{ ref: local, likelihood: EXACT }];
    }
    const binding = parsed?.imports.get(call.member ? (call.object ?? '') : call.name);
    if (binding !== undefined) {
      // `import { x }; x()` and `import * as m; m.x()`; of a default import the module's own function too.
      const name = call.member ? call.name : binding.imported;
      const found = this.exported(caller.script, binding.specifier, name, call.name);
      if (found) return [{ ref: found, likelihood: EXACT }];
      const wanted = call.member
        ? call.name
        : binding.imported === '*' || binding.imported === 'default'
          ? call.name
          : binding.imported;
      return this.named(wanted).map((ref) => ({ ref, likelihood: BY_PROPERTY }));
    }
    const all = this.named(call.name);
    if (call.member) return all.map((ref) => ({ ref, likelihood: BY_PROPERTY }));
    return all.filter((ref) => ref.script === caller.script).map((ref) => ({ ref, likelihood: BY_MENTION }));
  }

  /** The function of that name that the caller's scope sees. */
  private localFunction(caller: FunctionRef, name: string): FunctionRef | undefined {
    const own = this.allNamed(name).filter((ref) => ref.script === caller.script && ref.fn.isVariable);
    const visible = own.filter(
      (ref) => caller.script.finder?.isWithin(caller.fn.index, ref.fn.parent) === true,
    );
    // The innermost scope wins.
    return visible.sort((a, b) => b.fn.parent - a.fn.parent)[0];
  }

  private exported(from: Script, specifier: string, name: string, calledAs: string): FunctionRef | undefined {
    let script = this.scripts.resolve(specifier, from);
    let wanted = name;
    // Through modules that only pass a name on.
    for (let hops = 0; script !== undefined && hops < 5; hops++) {
      const parsed = script.parsed;
      if (parsed === undefined) return undefined;
      const target: number | string | undefined =
        parsed.exports.get(wanted) ??
        (wanted === '*' || wanted === 'default'
          ? (parsed.exports.get('*') ?? parsed.exports.get('default'))
          : undefined);
      if (typeof target === 'number') return refOf(script, target);
      const local: string = target ?? (wanted === '*' || wanted === 'default' ? calledAs : wanted);
      const found = this.allNamed(local).find(
        (ref) => ref.script === script && ref.fn.parent === 0 && ref.fn.isVariable,
      );
      if (found !== undefined) return found;
      const onward = parsed.imports.get(local);
      if (onward === undefined) return undefined;
      wanted = onward.imported;
      script = this.scripts.resolve(onward.specifier, script);
    }
    return undefined;
  }

  private isVisible(caller: FunctionRef, ref: FunctionRef): boolean {
    if (ref.script === caller.script)
      return caller.script.finder?.isWithin(caller.fn.index, ref.fn.parent) === true;
    return caller.script.parsed?.imports.has(ref.fn.name) === true;
  }

  /** Functions of that name in all scripts; none where the name is too common to say anything. */
  private named(name: string): readonly FunctionRef[] {
    const found = this.allNamed(name);
    return found.length > MAX_SAME_NAME ? [] : found;
  }

  private allNamed(name: string): readonly FunctionRef[] {
    if (name === '') return [];
    this.byName ??= this.indexNames();
    return this.byName.get(name) ?? [];
  }

  private indexNames(): Map<string, FunctionRef[]> {
    const index = new Map<string, FunctionRef[]>();
    for (const script of this.scripts.all()) {
      for (const fn of script.parsed?.functions ?? []) {
        if (fn.name === '') continue;
        const list = index.get(fn.name);
        if (list === undefined) index.set(fn.name, [{ script, fn }]);
        else list.push({ script, fn });
      }
    }
    return index;
  }
}

interface Found extends FunctionRef {
  likelihood: number;
  loopDepth: number;
  readonly sites: Set<number>;
}

function refOf(script: Script, index: number): FunctionRef | undefined {
  const fn = script.parsed?.functions[index];
  return fn && { script, fn };
}
