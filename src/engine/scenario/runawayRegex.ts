/** A repetition of more than this is as good as one without end. */
const MANY = 20;

interface Atom {
  /** Of one character or class; absent of a group. */
  readonly source?: string;
  readonly alternatives?: readonly (readonly Atom[])[];
  readonly min: number;
  readonly max: number;
}

/**
 * Why a regular expression may take a time that grows with a power of the text's length, or exponentially; undefined
 * where it shows none of the forms that do: a repeated group with a repetition in it, `(a+)+`; a repeated choice
 * between what begins alike, `(a|ab)*`; two repetitions of the same side by side, `\s*\s*`. `pattern` must compile.
 */
export function runawayReason(pattern: string): string | undefined {
  return reasonIn(new PatternScanner(pattern).alternatives());
}

function reasonIn(alternatives: readonly (readonly Atom[])[]): string | undefined {
  for (const atoms of alternatives) {
    for (const [index, atom] of atoms.entries()) {
      const inner = atom.alternatives && (reasonIn(atom.alternatives) ?? reasonOfGroup(atom));
      if (inner !== undefined) return inner;
      const next = atoms[index + 1];
      if (next && isMany(atom) && isMany(next) && overlap(atom, next, false))
        return 'two repetitions of the same stand side by side';
    }
  }
  return undefined;
}

function reasonOfGroup(group: Atom): string | undefined {
  if (!isMany(group)) return undefined;
  const alternatives = group.alternatives ?? [];
  if (alternatives.flat().some(holdsRepetition)) return 'a repeated group holds a repetition';
  for (const [index, one] of alternatives.entries()) {
    for (const other of alternatives.slice(index + 1)) {
      if (!one[0] || !other[0] || overlap(one[0], other[0], true))
        return 'a repeated group has alternatives that begin alike';
    }
  }
  return undefined;
}

function holdsRepetition(atom: Atom): boolean {
  return isMany(atom) || (atom.alternatives?.flat().some(holdsRepetition) ?? false);
}

function isMany({ min, max }: Atom): boolean {
  return max > MANY && max > min;
}

/** Whether a character can begin both; of groups nobody looks. */
function overlap(a: Atom, b: Atom, ofGroups: boolean): boolean {
  if (a.source === undefined || b.source === undefined) return ofGroups;
  const [first, second] = [new RegExp(`^(?:${a.source})$`), new RegExp(`^(?:${b.source})$`)];
  for (let code = 0; code < 256; code++) {
    const character = String.fromCharCode(code);
    if (first.test(character) && second.test(character)) return true;
  }
  return false;
}

/** Takes apart a pattern that is known to compile, without the flags `u` and `v`. */
class PatternScanner {
  #at = 0;

  constructor(private readonly pattern: string) {}

  alternatives(): (readonly Atom[])[] {
    const alternatives: Atom[][] = [[]];
    while (this.#at < this.pattern.length && this.pattern[this.#at] !== ')') {
      if (this.pattern[this.#at] === '|') {
        this.#at++;
        alternatives.push([]);
        continue;
      }
      const atom = this.#atom();
      if (atom) alternatives.at(-1)!.push(atom);
    }
    return alternatives;
  }

  /** Undefined of what matches no character: `^`, `$`, `\b` and groups that look around. */
  #atom(): Atom | undefined {
    const group = this.#take(/\((?:\?(?::|<?[=!]|<[^>]*>|[a-z-]*:))?/y);
    if (group !== undefined) {
      const alternatives = this.alternatives();
      this.#at++;
      const quantifier = this.#quantifier();
      return /^\(\?<?[=!]/.test(group) ? undefined : { alternatives, ...quantifier };
    }
    if (this.#take(/[\^$]|\\[bB]/y) !== undefined) return undefined;
    const source =
      this.#take(/\[(?:\\.|[^\]\\])*\]/sy) ??
      this.#take(/\\(?:k<[^>]*>|c[A-Za-z]|x[0-9a-fA-F]{2}|u[0-9a-fA-F]{4}|[1-9]\d*|.)/sy) ??
      this.#take(/./sy) ??
      '';
    // What a back reference matches nobody knows here.
    const known = /^\\(?:k<|[1-9])/.test(source) ? '[^]' : source;
    return { source: /^[{}\]/]$/.test(known) ? `\\${known}` : known, ...this.#quantifier() };
  }

  #quantifier(): { min: number; max: number } {
    const quantifier = this.#take(/(?:[*+?]|\{\d+(?:,\d*)?\})\??/y);
    const [, low, comma, high] = /^\{(\d+)(,)?(\d*)\}/.exec(quantifier ?? '') ?? [];
    if (low !== undefined) {
      const min = Number(low);
      return { min, max: comma === undefined ? min : high === '' ? Infinity : Number(high) };
    }
    switch (quantifier?.[0]) {
      case '*':
        return { min: 0, max: Infinity };
      case '+':
        return { min: 1, max: Infinity };
      case '?':
        return { min: 0, max: 1 };
      default:
        return { min: 1, max: 1 };
    }
  }

  /** What the sticky expression matches here, passed over. */
  #take(form: RegExp): string | undefined {
    form.lastIndex = this.#at;
    const found = form.exec(this.pattern)?.[0];
    if (found !== undefined) this.#at += found.length;
    return found;
  }
}
