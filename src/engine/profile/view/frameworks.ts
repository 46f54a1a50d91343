import type { FrameTable } from '../../model/stackProfile';

/**
 * Functions of server frameworks, and of Node's async context, that do no more than call the next one. What does a
 * request's work is not among them: parsing of bodies and queries, validation, matching of routes, serialisers, replies.
 */
interface PlumbingRule {
  /** Of npm, e.g. `koa-compose`; `node` for Node's own modules. */
  readonly packageName: string;
  /** Path inside of the package; all files where absent. */
  readonly file?: RegExp;
  /** Without the class and without `[as …]`; all functions where absent. */
  readonly functions?: readonly string[];
}

const ANONYMOUS = ['', '(anonymous)', 'anonymous'];

const RULES: readonly PlumbingRule[] = [
  // express 4 and 5
  {
    packageName: 'express',
    file: /^lib\/(application|express)\.js$/,
    functions: ['handle', 'app', 'lazyrouter'],
  },
  {
    packageName: 'express',
    file: /^lib\/router\//,
    functions: [
      ...['handle', 'handle_request', 'handle_error', 'next', 'dispatch', 'trim_prefix', 'process_params'],
      ...['param', 'paramCallback', 'router', 'done'],
    ],
  },
  { packageName: 'express', file: /^lib\/middleware\/init\.js$/ },
  {
    packageName: 'router',
    functions: [
      ...['handle', 'handleRequest', 'handleError', 'next', 'dispatch', 'trimPrefix', 'trim_prefix'],
      ...['processParams', 'param', 'paramCallback', 'router', 'done'],
    ],
  },
  { packageName: 'connect', file: /^index\.js$/, functions: ['handle', 'next', 'call', 'app'] },
  // fastify and its router, which calls the handler from inside
  {
    packageName: 'fastify',
    file: /^lib\/(route|handleRequest|handle-request|hooks|wrapThenable|wrap-thenable)\.js$/,
    functions: [
      ...['routeHandler', 'runPreParsing', 'handleRequest', 'handler', 'handle', 'preValidationCallback'],
      ...[
        'validationCompleted',
        'preHandlerCallback',
        'preHandlerCallbackInner',
        'hookRunner',
        'hookIterator',
      ],
      ...['hookRunnerGenerator', 'hookRunnerApplication', 'onRequestHookRunner', 'preParsingHookRunner'],
      ...['preValidationHookRunner', 'preHandlerHookRunner', 'onResponseHookRunner', 'onSendHookRunner'],
      ...['preSerializationHookRunner', 'next', 'handleResolve', 'handleReject', 'wrapThenable', 'exit'],
    ],
  },
  { packageName: 'find-my-way', functions: ['lookup', 'callHandler'] },
  { packageName: '@fastify/middie', functions: ['run', 'next', 'done', 'runMiddie', 'Holder'] },
  // koa
  { packageName: 'koa', file: /^lib\/application\.js$/, functions: ['handleRequest', 'callback'] },
  { packageName: 'koa-compose' },
  { packageName: '@koa/router', functions: ['dispatch', 'memo', ...ANONYMOUS] },
  { packageName: 'koa-router', functions: ['dispatch', 'memo', ...ANONYMOUS] },
  // nest
  {
    packageName: '@nestjs/core',
    file: /^(router\/(router-execution-context|router-proxy|router-explorer)|helpers\/external-(context-creator|proxy)|interceptors\/interceptors-consumer|guards\/guards-consumer|middleware\/middleware-module)\.js$/,
  },
  // hono, hapi
  { packageName: 'hono', file: /(^|\/)(compose|hono-base)\.js$/, functions: ['dispatch', ...ANONYMOUS] },
  {
    packageName: '@hapi/hapi',
    file: /^lib\/(request|handler|toolkit)\.js$/,
    functions: ['_execute', '_lifecycle', '_invoke', 'execute', 'handler'],
  },
  // Node's async context and diagnostics wrap every callback
  {
    packageName: 'node',
    file: /^(internal\/)?(async_hooks|async_local_storage\/.*|async_context_frame)$/,
  },
  {
    packageName: 'node',
    file: /^diagnostics_channel$/,
    functions: ['runStores', 'publish', 'traceSync', 'tracePromise', 'traceCallback', 'wrapStoreRun'],
  },
];

/** 1 for each frame that is plumbing. */
export function plumbingFrames(frames: FrameTable): Uint8Array {
  const byPackage = new Map<string, PlumbingRule[]>();
  for (const rule of RULES) {
    byPackage.set(rule.packageName, [...(byPackage.get(rule.packageName) ?? []), rule]);
  }
  const files = frames.urls.map(fileInPackage);
  const placedFiles = frames.places?.files.map(fileInPackage) ?? [];
  return Uint8Array.from(frames.names, (name, frame) => {
    const recorded = files[frames.urlOf[frame]!];
    // A bundle's frames are of a package only by their source maps.
    const inPackage = placedFiles[frames.places?.fileOf[frame] ?? -1] ?? recorded;
    if (!inPackage) return 0;
    const rules = byPackage.get(inPackage.packageName) ?? [];
    return rules.some((rule) => applies(rule, inPackage.file, bareName(name))) ? 1 : 0;
  });
}

function applies({ file, functions }: PlumbingRule, path: string, name: string): boolean {
  return (!file || file.test(path)) && (!functions || functions.includes(name));
}

interface PackageFile {
  readonly packageName: string;
  readonly file: string;
}

/** The package that a file is of, by its path, since not every profile's frames know theirs. */
function fileInPackage(url: string): PackageFile | undefined {
  if (url.startsWith('node:')) return { packageName: 'node', file: url.slice('node:'.length) };
  const path = url.replaceAll('\\', '/');
  const at = path.lastIndexOf('node_modules/');
  if (at < 0) return undefined;
  const [, packageName, file] =
    /^((?:@[^/]+\/)?[^/]+)\/(.*)$/.exec(path.slice(at + 'node_modules/'.length)) ?? [];
  return packageName === undefined || file === undefined ? undefined : { packageName, file };
}

/** `Layer.handle [as handle_request]` is `handle`. */
function bareName(name: string): string {
  const plain = name.replace(/ \[as .*\]$/, '').replace(/^(async|get|set|new) /, '');
  return plain.slice(plain.lastIndexOf('.') + 1);
}
