import { isBenchPrototype, type Bench } from './tinybench';

export interface BenchListener {
  added(bench: Bench, name: string, stack: string): void;
  runs(bench: Bench): void;
  ran(bench: Bench): void;
}

/**
 * Learns of every tinybench `Bench` of the process and wraps its methods, whichever copy of tinybench the file
 * loads and by whichever module loader: all copies extend the global `EventTarget`, whose construction tells the class.
 * What is measured does not pass through here: the global is put back with the first bench, and classes that were
 * declared meanwhile are given their real parent when first constructed.
 */
export function interceptBenches(listener: BenchListener): void {
  const real = globalThis.EventTarget;
  const patched = new WeakSet<object>();
  const probe: typeof EventTarget = new Proxy(real, {
    construct(target, args, newTarget: new () => EventTarget) {
      if (newTarget === probe) return Reflect.construct(target, args, target) as EventTarget;
      reparent(newTarget, probe, real);
      if (isBenchPrototype(newTarget.prototype as object)) {
        globalThis.EventTarget = real;
        patch(newTarget.prototype as object, patched, listener);
      }
      return Reflect.construct(target, args, newTarget) as EventTarget;
    },
  });
  globalThis.EventTarget = probe;
}

function reparent(constructor: object, from: object, to: object): void {
  for (let at: object | null = constructor; at; at = Object.getPrototypeOf(at) as object | null) {
    if (Object.getPrototypeOf(at) === from) {
      Object.setPrototypeOf(at, to);
      return;
    }
  }
}

type Method = (this: Bench, ...args: unknown[]) => unknown;

function patch(prototype: object, patched: WeakSet<object>, listener: BenchListener): void {
  wrap(prototype, 'add', patched, (original) => {
    return function (this: Bench, ...args: unknown[]) {
      const { stack = '' } = new Error();
      const result = original.apply(this, args);
      listener.added(this, String(args[0]), stack);
      return result;
    };
  });
  for (const name of ['run', 'runSync']) {
    wrap(prototype, name, patched, (original) => {
      return function (this: Bench, ...args: unknown[]) {
        listener.runs(this);
        let result: unknown;
        try {
          result = original.apply(this, args);
        } catch (error) {
          listener.ran(this);
          throw error;
        }
        if (!(result instanceof Promise)) {
          listener.ran(this);
          return result;
        }
        return result.finally(() => listener.ran(this));
      };
    });
  }
}

/** On the prototype that owns the method, so that classes derived from `Bench` are met too. */
function wrap(
  prototype: object,
  name: string,
  patched: WeakSet<object>,
  make: (original: Method) => Method,
): void {
  for (let at: object | null = prototype; at; at = Object.getPrototypeOf(at) as object | null) {
    if (!Object.hasOwn(at, name)) continue;
    const original = (at as Record<string, unknown>)[name];
    if (typeof original !== 'function' || patched.has(original)) return;
    const wrapped = make(original as Method);
    patched.add(wrapped);
    Object.defineProperty(at, name, { value: wrapped, writable: true, configurable: true });
    return;
  }
}
