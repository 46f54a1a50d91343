import type { AnyNode, Identifier, Options } from 'acorn';
import { parse } from 'acorn';
import type { CallSite, ImportBinding, ParsedScript, ScriptFunction } from './parsedScript';
import { CALL_WORK, Lines } from './parsedScript';
import {
  allocates,
  calleeOf,
  literalString,
  nameOfKey,
  patternBindings,
  requiredModule,
  workOf,
} from './syntax';

/** Above this a script is not parsed: its lines stay with V8's functions. Acorn takes about 10 MB a second. */
const LARGEST_SCRIPT = 20_000_000;

/** Parses what V8 compiled: a CommonJS body, an ES module or a script. Undefined where acorn cannot. */
export function parseScript(text: string): ParsedScript | undefined {
  if (text.length > LARGEST_SCRIPT) return undefined;
  const root = parseAny(text);
  if (root === undefined) return undefined;
  return new ScriptWalk(text, root).run();
}

function parseAny(text: string): AnyNode | undefined {
  const common: Options = { ecmaVersion: 'latest', sourceType: 'script', allowHashBang: true };
  const attempts: Options[] = [
    { ...common, allowReturnOutsideFunction: true, allowSuperOutsideMethod: true },
    { ...common, sourceType: 'module', allowAwaitOutsideFunction: true },
    {
      ...common,
      allowReturnOutsideFunction: true,
      allowAwaitOutsideFunction: true,
      allowImportExportEverywhere: true,
      allowReserved: true,
    },
  ];
  for (const options of attempts) {
    try {
      return parse(text, options);
    } catch {
      // A syntax error, or a stack overflow on absurd nesting: the next goal, then none.
    }
  }
  return undefined;
}

interface Draft {
  index: number;
  parent: number;
  name: string;
  isVariable: boolean;
  start: number;
  end: number;
  headAt: number;
  bodyStart: number;
  nameAt: number;
  nodeCount: number;
  calls: CallSite[];
  mentions: Set<string>;
  work: Map<number, number>;
  sites: number[];
  codeLines: Set<number>;
  allocationLines: Set<number>;
  passedAt?: number;
  accessor: boolean;
  regExps: { pattern: string; at: number }[];
}

/** What a function gets from the node around it. */
interface NameHint {
  readonly name: string;
  /** Absent where the name is a property's. */
  readonly isVariable?: boolean;
  readonly nameAt: number;
  /** Where a method begins, with its key and modifiers. */
  readonly start?: number;
  readonly accessor?: boolean;
}

interface Visit {
  readonly node: AnyNode;
  readonly fn: Draft;
  readonly loopDepth: number;
}

class ScriptWalk {
  private readonly lines: Lines;
  private readonly functions: Draft[] = [];
  private readonly imports = new Map<string, ImportBinding>();
  private readonly exports = new Map<string, number | string>();
  private readonly hints = new Map<AnyNode, NameHint>();
  private readonly passedAt = new Map<AnyNode, number>();
  private readonly exportedAs = new Map<AnyNode, string>();

  constructor(
    private readonly text: string,
    private readonly root: AnyNode,
  ) {
    this.lines = new Lines(text);
  }

  run(): ParsedScript {
    const top = this.newFunction(-1, { name: '', nameAt: -1 }, 0, this.text.length, 0, 0);
    // An explicit stack: generated code nests deeper than the call stack allows.
    const stack: Visit[] = [{ node: this.root, fn: top, loopDepth: 0 }];
    for (let visit = stack.pop(); visit !== undefined; visit = stack.pop()) {
      const children = this.visit(visit);
      for (let i = children.length - 1; i >= 0; i--) stack.push(children[i]!);
    }
    return {
      functions: this.functions.map((draft) => this.finish(draft)),
      imports: this.imports,
      exports: this.exports,
      lines: this.lines,
      text: this.text,
    };
  }

  private finish(draft: Draft): ScriptFunction {
    const startLine = this.lines.lineAt(draft.start);
    const endLine = this.lines.lineAt(Math.max(draft.start, draft.end - 1));
    // A function returns at its closing brace.
    draft.codeLines.add(endLine).add(startLine);
    const { sites, ...fn } = draft;
    return { ...fn, workSites: Float64Array.from(sites), startLine, endLine };
  }

  private newFunction(
    parent: number,
    hint: NameHint,
    start: number,
    end: number,
    headAt: number,
    bodyStart: number,
  ): Draft {
    const draft: Draft = {
      index: this.functions.length,
      parent,
      name: hint.name,
      isVariable: hint.isVariable ?? false,
      nameAt: hint.nameAt,
      start: hint.start ?? start,
      end,
      headAt,
      bodyStart,
      nodeCount: 0,
      calls: [],
      mentions: new Set(),
      work: new Map(),
      sites: [],
      codeLines: new Set(),
      allocationLines: new Set(),
      accessor: hint.accessor ?? false,
      regExps: [],
    };
    this.functions.push(draft);
    return draft;
  }

  private visit({ node, fn, loopDepth }: Visit): Visit[] {
    if (allocates(node)) fn.allocationLines.add(this.lines.lineAt(node.start));
    switch (node.type) {
      case 'FunctionDeclaration':
      case 'FunctionExpression':
      case 'ArrowFunctionExpression':
        return this.enterFunction(node, fn, loopDepth);
      case 'ForStatement':
        return [
          ...children(node.init, fn, loopDepth),
          ...children([node.test, node.body, node.update], fn, loopDepth + 1),
        ];
      case 'ForInStatement':
      case 'ForOfStatement':
        this.count(node, fn, loopDepth + 1);
        return [
          ...children(node.right, fn, loopDepth),
          ...children([node.left, node.body], fn, loopDepth + 1),
        ];
      case 'WhileStatement':
      case 'DoWhileStatement':
        return children([node.test, node.body], fn, loopDepth + 1);
    }
    this.note(node, fn, loopDepth);
    this.count(node, fn, loopDepth);
    return children(childNodes(node), fn, loopDepth);
  }

  private enterFunction(
    node: Extract<
      AnyNode,
      { type: 'FunctionDeclaration' | 'FunctionExpression' | 'ArrowFunctionExpression' }
    >,
    fn: Draft,
    loopDepth: number,
  ): Visit[] {
    this.count(node, fn, loopDepth);
    const hint = this.hints.get(node) ?? { name: '', nameAt: -1 };
    const named = node.id ? { ...hint, name: node.id.name, nameAt: node.id.start, isVariable: true } : hint;
    const paren =
      node.type === 'ArrowFunctionExpression' ? -1 : this.text.indexOf('(', node.id?.end ?? node.start);
    const headAt = paren >= 0 && paren < node.body.start ? paren : node.start;
    const draft = this.newFunction(fn.index, named, node.start, node.end, headAt, node.body.start);
    const passedAt = this.passedAt.get(node);
    if (passedAt !== undefined) draft.passedAt = passedAt;
    const exported = this.exportedAs.get(node);
    if (exported !== undefined) this.exports.set(exported, draft.index);
    return children([...node.params, node.body], draft, 0);
  }

  /** Adds the node's work to its line, and its line to those that hold code. */
  private count(node: AnyNode, fn: Draft, loopDepth: number): void {
    fn.nodeCount++;
    const { cost, at } = workOf(node);
    if (cost === 0) return;
    const line = this.lines.lineAt(at);
    const work = cost * 10 ** Math.min(loopDepth, 4);
    fn.codeLines.add(line);
    fn.work.set(line, (fn.work.get(line) ?? 0) + work);
    fn.sites.push(at, work);
  }

  /** Calls, names, imports and exports. */
  private note(node: AnyNode, fn: Draft, loopDepth: number): void {
    switch (node.type) {
      case 'Identifier':
        fn.mentions.add(node.name);
        return;
      case 'Literal':
        if (node.regex) fn.regExps.push({ pattern: node.regex.pattern, at: node.start });
        return;
      case 'CallExpression':
      case 'NewExpression':
      case 'TaggedTemplateExpression':
        this.noteCall(node, fn, loopDepth);
        return;
      case 'VariableDeclarator':
        if (node.id.type === 'Identifier') this.nameVariable(node.init, node.id);
        this.noteRequire(node.id, node.init);
        return;
      case 'AssignmentExpression':
        this.noteAssignment(node.left, node.right);
        return;
      case 'AssignmentPattern':
        if (node.left.type === 'Identifier') this.nameVariable(node.right, node.left);
        return;
      case 'Property':
      case 'MethodDefinition':
      case 'PropertyDefinition':
        this.noteMember(node);
        return;
      case 'ClassDeclaration':
      case 'ClassExpression':
        this.noteConstructor(node);
        return;
      case 'ImportDeclaration':
        for (const item of node.specifiers) {
          const imported =
            item.type === 'ImportSpecifier'
              ? nameOfKey(item.imported)
              : item.type === 'ImportDefaultSpecifier'
                ? 'default'
                : '*';
          this.imports.set(item.local.name, { specifier: String(node.source.value), imported });
        }
        return;
      case 'ExportNamedDeclaration':
        this.noteExports(node);
        return;
      case 'ExportDefaultDeclaration':
        this.exportValue('default', node.declaration);
        return;
    }
  }

  private noteCall(
    node: Extract<AnyNode, { type: 'CallExpression' | 'NewExpression' | 'TaggedTemplateExpression' }>,
    fn: Draft,
    loopDepth: number,
  ): void {
    const callee = calleeOf(node.type === 'TaggedTemplateExpression' ? node.tag : node.callee);
    const { at } = callee;
    const line = this.lines.lineAt(at);
    const site = {
      member: callee.member,
      at,
      line,
      loopDepth,
      ...(callee.object !== undefined && { object: callee.object }),
    };
    fn.codeLines.add(line);
    fn.calls.push({ ...site, name: callee.name });
    fn.sites.push(at, CALL_WORK * 10 ** Math.min(loopDepth, 4));
    // `fn.call(...)` and `fn.apply(...)` run `fn`.
    if ((callee.name === 'call' || callee.name === 'apply') && callee.objectName !== undefined) {
      fn.calls.push({ name: callee.objectName, member: callee.objectIsMember, at, line, loopDepth });
    }
    if (node.type === 'TaggedTemplateExpression') return;
    for (const argument of node.arguments) this.passedAt.set(argument, at);
    this.noteExportGetters(node);
  }

  /** esbuild's CommonJS output: `__export(exports, { name: () => local })`. */
  private noteExportGetters(node: Extract<AnyNode, { type: 'CallExpression' | 'NewExpression' }>): void {
    const [, getters] = node.arguments;
    if (node.callee.type !== 'Identifier' || node.callee.name !== '__export') return;
    if (getters?.type !== 'ObjectExpression') return;
    for (const property of getters.properties) {
      if (property.type !== 'Property' || property.value.type !== 'ArrowFunctionExpression') continue;
      const { body } = property.value;
      if (body.type === 'Identifier') this.exports.set(nameOfKey(property.key), body.name);
    }
  }

  private noteRequire(target: AnyNode, value: AnyNode | null | undefined): void {
    const specifier = requiredModule(value);
    if (specifier === undefined) return;
    for (const { local, imported } of patternBindings(target))
      this.imports.set(local, { specifier, imported });
  }

  private noteAssignment(left: AnyNode, right: AnyNode): void {
    if (left.type === 'Identifier') return this.nameVariable(right, left);
    if (left.type !== 'MemberExpression') return;
    const name = nameOfKey(left.property);
    this.nameFunction(right, { name, nameAt: left.property.start });
    const { object } = left;
    const isExports =
      (object.type === 'Identifier' && object.name === 'exports') ||
      (object.type === 'MemberExpression' && nameOfKey(object.property) === 'exports');
    if (isExports) this.exportValue(name, right);
    if (object.type === 'Identifier' && object.name === 'module' && name === 'exports')
      this.exportModule(right);
  }

  private exportModule(value: AnyNode): void {
    if (value.type !== 'ObjectExpression') return this.exportValue('*', value);
    for (const property of value.properties) {
      if (property.type === 'Property') this.exportValue(nameOfKey(property.key), property.value);
    }
  }

  private exportValue(name: string, value: AnyNode): void {
    if (value.type === 'Identifier') this.exports.set(name, value.name);
    else if (value.type === 'ClassDeclaration' && value.id) this.exports.set(name, value.id.name);
    else if (value.type === 'AssignmentExpression') this.exportValue(name, value.right);
    else this.exportedAs.set(value, name);
  }

  private noteExports(node: Extract<AnyNode, { type: 'ExportNamedDeclaration' }>): void {
    for (const item of node.specifiers) {
      const local = nameOfKey(item.local);
      const exported = nameOfKey(item.exported);
      // A re-export: the name leads on to another module.
      if (node.source)
        this.imports.set(exported, { specifier: literalString(node.source) ?? '', imported: local });
      this.exports.set(exported, local);
    }
    const { declaration } = node;
    if (!declaration) return;
    if (declaration.type === 'VariableDeclaration') {
      for (const { id } of declaration.declarations) {
        if (id.type === 'Identifier') this.exports.set(id.name, id.name);
      }
    } else this.exports.set(declaration.id.name, declaration.id.name);
  }

  private noteMember(
    node: Extract<AnyNode, { type: 'Property' | 'MethodDefinition' | 'PropertyDefinition' }>,
  ): void {
    if (!node.value || (node.computed && node.key.type !== 'Literal')) return;
    const name = nameOfKey(node.key);
    const accessor = node.type !== 'PropertyDefinition' && (node.kind === 'get' || node.kind === 'set');
    const isMethod =
      node.type === 'MethodDefinition' || (node.type === 'Property' && (node.method || accessor));
    this.nameFunction(node.value, {
      name,
      nameAt: node.key.start,
      ...(isMethod && { start: node.start }),
      ...(accessor && { accessor }),
    });
  }

  /** `new Name()` runs the constructor: it goes by the name of its class. */
  private noteConstructor(node: Extract<AnyNode, { type: 'ClassDeclaration' | 'ClassExpression' }>): void {
    const name = node.id?.name ?? this.hints.get(node)?.name;
    if (name === undefined) return;
    for (const member of node.body.body) {
      if (member.type !== 'MethodDefinition' || member.kind !== 'constructor') continue;
      this.hints.set(member.value, { name, nameAt: member.key.start, start: member.start, isVariable: true });
    }
  }

  private nameVariable(value: AnyNode | null | undefined, variable: Identifier): void {
    this.nameFunction(value, { name: variable.name, nameAt: variable.start, isVariable: true });
  }

  private nameFunction(value: AnyNode | null | undefined, hint: NameHint): void {
    if (!value || this.hints.has(value)) return;
    // `const add = __name((a, b) => a + b, 'add')` of esbuild, and wrappers such as `memoize`.
    if (value.type === 'CallExpression') return this.nameFunction(value.arguments[0], hint);
    this.hints.set(value, hint);
  }
}

function children(
  nodes: AnyNode | null | undefined | readonly (AnyNode | null | undefined)[],
  fn: Draft,
  loopDepth: number,
): Visit[] {
  const list = Array.isArray(nodes) ? (nodes as readonly (AnyNode | null | undefined)[]) : [nodes as AnyNode];
  const visits: Visit[] = [];
  for (const node of list) if (node) visits.push({ node, fn, loopDepth });
  return visits;
}

function childNodes(node: AnyNode): AnyNode[] {
  const found: AnyNode[] = [];
  for (const value of Object.values(node) as unknown[]) {
    if (Array.isArray(value)) for (const item of value) if (isNode(item)) found.push(item);
    if (isNode(value)) found.push(value);
  }
  return found;
}

function isNode(value: unknown): value is AnyNode {
  return (
    typeof value === 'object' && value !== null && typeof (value as { type?: unknown }).type === 'string'
  );
}
