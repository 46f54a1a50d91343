import type { Node } from 'jsonc-parser';
import type { JsonValue } from '../model/loadTest';
import { parseDuration } from '../model/duration';
import type { Problem } from '../model/problem';
import { didYouMean } from './didYouMean';
import type { SourceText, Span } from './sourceText';

/** A file that is wrong from end to end is not told problem by problem. */
const MAX_PROBLEMS = 100;

export interface Range {
  readonly min: number;
  readonly max?: number;
  /** What is called whole where it is not may be a fraction. */
  readonly whole?: boolean;
}

/**
 * Reads values of a tree, and keeps a problem with its place for each that is not what it must be. Such a value is
 * read as undefined, so that reading goes on to the next problem.
 */
export class Reader {
  readonly #problems: Problem[] = [];

  constructor(readonly source: SourceText) {}

  get problems(): readonly Problem[] {
    return this.#problems;
  }

  get failed(): boolean {
    return this.#problems.some(({ severity }) => severity === 'error');
  }

  error(at: Span, message: string): undefined {
    this.#add('error', at, message);
  }

  warn(at: Span, message: string): void {
    this.#add('warning', at, message);
  }

  #add(severity: Problem['severity'], at: Span, message: string): void {
    if (this.#problems.length < MAX_PROBLEMS) this.#problems.push(this.source.problem(severity, message, at));
  }

  /** An object with none but these properties; of those in `told` the reader knows already that they are wrong. */
  fields(node: Node, known: readonly string[], told: readonly string[] = []): Fields | undefined {
    const properties = this.properties(node);
    if (!properties) return undefined;
    for (const [name, { key }] of properties) {
      if (known.includes(name) || told.includes(name)) continue;
      this.error(
        key,
        `There is no "${name}" here.${didYouMean(name, known) || ` Known: ${known.join(', ')}.`}`,
      );
    }
    return new Fields(this, node, properties);
  }

  /** An object with names of its author's. */
  properties(node: Node): ReadonlyMap<string, Property> | undefined {
    if (node.type !== 'object') return this.#wrong(node, 'an object "{ … }"');
    const properties = new Map<string, Property>();
    for (const { children } of node.children ?? []) {
      const [key, value] = children ?? [];
      if (!key || !value) continue;
      const name = key.value as string;
      if (properties.has(name)) this.error(key, `"${name}" is there twice.`);
      else properties.set(name, { key, value });
    }
    return properties;
  }

  items(node: Node): readonly Node[] | undefined {
    return node.type === 'array' ? (node.children ?? []) : this.#wrong(node, 'a list "[ … ]"');
  }

  string(node: Node): string | undefined {
    return node.type === 'string' ? (node.value as string) : this.#wrong(node, 'a text in double quotes');
  }

  /** A text that is not empty. */
  word(node: Node): string | undefined {
    const text = this.string(node);
    return text?.trim() === '' ? this.error(node, `${nameOf(node)} must not be empty.`) : text;
  }

  boolean(node: Node): boolean | undefined {
    return node.type === 'boolean' ? (node.value as boolean) : this.#wrong(node, 'true or false');
  }

  number(node: Node, { min, max = Infinity, whole = false }: Range): number | undefined {
    const value: unknown = node.type === 'number' ? node.value : undefined;
    const bounds = max === Infinity ? `from ${min}` : `from ${min} to ${max}`;
    if (typeof value === 'number' && value >= min && value <= max && (!whole || Number.isSafeInteger(value)))
      return value;
    return this.#wrong(node, `a ${whole ? 'whole number' : 'number'} ${bounds}`);
  }

  choice<T extends string>(node: Node, choices: readonly T[]): T | undefined {
    const found = choices.find((choice) => choice === node.value);
    if (found !== undefined) return found;
    const list = choices.map((choice) => `"${choice}"`).join(', ');
    const hint = node.type === 'string' ? didYouMean(node.value as string, choices) : '';
    return this.error(node, `${nameOf(node)} takes one of ${list}, not ${written(node)}.${hint}`);
  }

  /** Seconds. */
  duration(node: Node, min = 0): number | undefined {
    const value: unknown = node.value;
    if (typeof value !== 'string' && typeof value !== 'number')
      return this.#wrong(node, 'a duration such as "30s"');
    const seconds = parseDuration(value);
    if (seconds === undefined)
      return this.#wrong(node, 'a duration such as "30s", "1m30s" or "500ms"; a number is of milliseconds');
    if (seconds < min) {
      const hint = typeof value === 'number' ? ' A number is of milliseconds.' : '';
      return this.error(node, `${nameOf(node)} must be at least ${min} s, not ${seconds} s.${hint}`);
    }
    return seconds;
  }

  json(node: Node): JsonValue {
    switch (node.type) {
      case 'object':
        return Object.fromEntries(
          [...(this.properties(node) ?? [])].map(([name, { value }]) => [name, this.json(value)]),
        );
      case 'array':
        return (node.children ?? []).map((child) => this.json(child));
      default:
        return node.value as string | number | boolean | null;
    }
  }

  #wrong(node: Node, wanted: string): undefined {
    return this.error(node, `${nameOf(node)} takes ${wanted}, not ${written(node)}.`);
  }
}

interface Property {
  readonly key: Node;
  readonly value: Node;
}

/** The properties of one object. */
export class Fields {
  constructor(
    readonly reader: Reader,
    readonly node: Node,
    private readonly properties: ReadonlyMap<string, Property>,
  ) {}

  get(name: string): Node | undefined {
    return this.properties.get(name)?.value;
  }

  /** Where it is told that something is missing in the object: its opening brace. */
  get brace(): Span {
    return { offset: this.node.offset, length: 1 };
  }

  /** Where the property's name stands, else the object's brace. */
  keyOf(name: string): Span {
    return this.properties.get(name)?.key ?? this.brace;
  }

  require(name: string, example: string): Node | undefined {
    return this.get(name) ?? this.reader.error(this.brace, `"${name}" is missing: write ${example}.`);
  }

  /** The value as `read` reads it; undefined where the property is absent. */
  read<T>(name: string, read: (node: Node) => T): T | undefined {
    const node = this.get(name);
    return node && read(node);
  }

  string(name: string): string | undefined {
    return this.read(name, (node) => this.reader.string(node));
  }

  boolean(name: string): boolean | undefined {
    return this.read(name, (node) => this.reader.boolean(node));
  }

  number(name: string, range: Range): number | undefined {
    return this.read(name, (node) => this.reader.number(node, range));
  }

  duration(name: string, min = 0): number | undefined {
    return this.read(name, (node) => this.reader.duration(node, min));
  }
}

/** `"vus"`, or what stands for an item of a list. */
function nameOf(node: Node): string {
  const { parent } = node;
  if (parent?.type === 'property') return `"${parent.children?.[0]?.value}"`;
  if (parent?.type === 'array' && parent.parent?.type === 'property')
    return `An item of "${parent.parent.children?.[0]?.value}"`;
  return parent ? 'An item' : 'The file';
}

/** As the author sees it, cut short. */
function written(node: Node): string {
  if (node.type === 'object') return 'an object';
  if (node.type === 'array') return 'a list';
  const text = JSON.stringify(node.value);
  return text.length > 60 ? `${text.slice(0, 57)}…` : text;
}
