import type { AnyNode } from 'acorn';

/** What a call calls. */
export interface Callee {
  readonly name: string;
  /** Offset of that name. */
  readonly at: number;
  readonly member: boolean;
  /** The variable whose property is called. */
  readonly object?: string;
  /** Name of what holds the called property: `b` of `a.b.call()`. */
  readonly objectName?: string;
  readonly objectIsMember: boolean;
}

export function calleeOf(node: AnyNode): Callee {
  switch (node.type) {
    case 'Identifier':
      return { name: node.name, at: node.start, member: false, objectIsMember: false };
    case 'ChainExpression':
    case 'ParenthesizedExpression':
      return calleeOf(node.expression);
    case 'SequenceExpression':
      // TypeScript and esbuild write `(0, module.name)()`.
      return calleeOf(node.expressions.at(-1)!);
    case 'MemberExpression': {
      const object = calleeOf(node.object);
      const known = !node.computed || literalString(node.property) !== undefined;
      return {
        name: known ? nameOfKey(node.property) : '',
        at: node.property.start,
        member: true,
        ...(node.object.type === 'Identifier' && { object: node.object.name }),
        ...(object.name !== '' && { objectName: object.name }),
        objectIsMember: object.member,
      };
    }
    default:
      return { name: '', at: node.start, member: false, objectIsMember: false };
  }
}

/** Name of a key, property or module export name; empty where it is computed. */
export function nameOfKey(node: AnyNode): string {
  if (node.type === 'Identifier') return node.name;
  if (node.type === 'PrivateIdentifier') return `#${node.name}`;
  return literalString(node) ?? '';
}

export function literalString(node: AnyNode): string | undefined {
  return node.type === 'Literal' && typeof node.value === 'string' ? node.value : undefined;
}

/** Module of `require('x')`, `await import('x')` and helpers around them such as `__toESM(require('x'))`. */
export function requiredModule(node: AnyNode | null | undefined): string | undefined {
  let at: AnyNode | null | undefined = node;
  while (at) {
    if (at.type === 'AwaitExpression') at = at.argument;
    else if (at.type === 'MemberExpression') at = at.object;
    else if (at.type === 'ImportExpression') return literalString(at.source);
    else if (at.type === 'CallExpression') {
      const [first]: readonly AnyNode[] = at.arguments;
      if (at.callee.type === 'Identifier' && at.callee.name === 'require')
        return first && literalString(first);
      at = first;
    } else return undefined;
  }
  return undefined;
}

/** Variables that `const <pattern> = require()` declares, and what each takes from the module. */
export function patternBindings(node: AnyNode): { readonly local: string; readonly imported: string }[] {
  if (node.type === 'Identifier') return [{ local: node.name, imported: '*' }];
  if (node.type !== 'ObjectPattern') return [];
  const bindings: { local: string; imported: string }[] = [];
  for (const property of node.properties) {
    if (property.type !== 'Property') continue;
    const value = property.value.type === 'AssignmentPattern' ? property.value.left : property.value;
    if (value.type === 'Identifier') bindings.push({ local: value.name, imported: nameOfKey(property.key) });
  }
  return bindings;
}

/**
 * Rough work of a node in machine operations, and the offset where V8 reports it. Calls are weighed by what they
 * call, not here.
 */
export function workOf(node: AnyNode): { readonly cost: number; readonly at: number } {
  const at = node.start;
  switch (node.type) {
    case 'MemberExpression':
      return { cost: 2, at: node.property.start };
    case 'BinaryExpression':
      return { cost: node.operator === '/' || node.operator === '%' || node.operator === '**' ? 6 : 1, at };
    case 'UpdateExpression':
    case 'AssignmentExpression':
    case 'LogicalExpression':
    case 'ConditionalExpression':
      return { cost: 1, at };
    case 'ArrayExpression':
    case 'ObjectExpression':
    case 'SpreadElement':
      return { cost: 8, at };
    case 'TemplateLiteral':
      return { cost: node.expressions.length > 0 ? 10 : 0.1, at };
    case 'FunctionExpression':
    case 'FunctionDeclaration':
    case 'ArrowFunctionExpression':
    case 'ClassExpression':
    case 'ClassDeclaration':
      return { cost: 5, at };
    case 'ForOfStatement':
      return { cost: 3, at };
    case 'ForInStatement':
      return { cost: 10, at };
    case 'AwaitExpression':
    case 'YieldExpression':
      return { cost: 20, at };
    case 'UnaryExpression':
      return { cost: 0.5, at };
    case 'ReturnStatement':
    case 'VariableDeclarator':
    case 'IfStatement':
    case 'ThrowStatement':
    case 'ExpressionStatement':
      return { cost: 0.1, at };
    case 'Identifier':
      return { cost: 0.02, at };
    default:
      return { cost: 0, at };
  }
}

/** Whether the node itself makes an object, a function or a text. */
export function allocates(node: AnyNode): boolean {
  switch (node.type) {
    case 'ObjectExpression':
    case 'ArrayExpression':
    case 'FunctionDeclaration':
    case 'FunctionExpression':
    case 'ArrowFunctionExpression':
    case 'ClassDeclaration':
    case 'ClassExpression':
    case 'NewExpression':
    case 'TaggedTemplateExpression':
    case 'SpreadElement':
      return true;
    case 'TemplateLiteral':
      return node.expressions.length > 0;
    case 'Literal':
      return node.regex !== undefined;
    case 'BinaryExpression':
      return node.operator === '+' && (isText(node.left) || isText(node.right));
    case 'AssignmentExpression':
      return node.operator === '+=' && isText(node.right);
    default:
      return false;
  }
}

function isText(node: AnyNode): boolean {
  return node.type === 'TemplateLiteral' || literalString(node) !== undefined;
}
