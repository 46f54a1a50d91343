import js from '@eslint/js';
import importPlugin from 'eslint-plugin-import';
import { builtinModules } from 'node:module';
import tseslint from 'typescript-eslint';

const STAGES = [
  ...['target', 'load', 'bench', 'profile', 'capture', 'metrics', 'hints', 'runs'],
  ...['scenario', 'loadTests', 'handoff', 'authoring', 'report'],
];

/** Who may import what, below src; see "Four runtimes, one path" in the README. */
const walls = [
  wall('src/engine/model', ['engine/model']),
  ...STAGES.map((stage) => wall(`src/engine/${stage}`, [`engine/${stage}`, 'engine/model'])),
  wall('src/engine', ['engine']),
  wall('src/agent', ['agent', 'engine/model']),
  wall('src/protocol', ['protocol', 'engine/model']),
  wall('src/webviews', ['webviews', 'protocol', 'engine/model']),
  wall('src/cli', ['cli', 'engine']),
  wall('src/cli.ts', ['cli', 'engine']),
  wall('src/editor', ['editor', 'protocol', 'engine']),
  wall('src/extension.ts', ['editor', 'engine']),
];

function wall(target, allowed) {
  return {
    target: `./${target}`,
    from: './src',
    except: allowed.map((folder) => `./${folder}`),
    message: `${target} imports from ${allowed.map((folder) => `src/${folder}`).join(', ')} alone.`,
  };
}

const nodeBuiltins = {
  regex: `^(node:.*|(${builtinModules.filter((name) => !name.startsWith('_')).join('|')}))$`,
  message: 'There is no Node here.',
};
const vscode = { regex: '^vscode$', message: 'Only src/editor and src/extension.ts run in an editor.' };

/**
 * Of the engine, the start of the extension carries what shows runs and profiles, and what is small and asked at once.
 * Everything else is of `src/engine/tools.ts`, a bundle that is loaded when it is first needed.
 */
const AT_START = [
  ...['model/.*', 'runs/.*', 'profile/(session|analysis)', 'bench/(discover|format)'],
  ...['load/hosts', 'report/formats', 'authoring/routes/foundRoutes'],
];
const lazy = {
  regex: `^(\\.{1,2}/)+engine/(?!(${AT_START.join('|')})$)`,
  allowTypeImports: true,
  message: 'The extension starts without it: use it through EngineTools, see src/editor/tools.ts.',
};

/** What each runtime may not import from outside the repository. */
function outside(files, ...patterns) {
  return { files, rules: { '@typescript-eslint/no-restricted-imports': ['error', { patterns }] } };
}

export default tseslint.config(
  {
    ignores: [
      ...['**/node_modules/', '**/dist/', 'out/', 'coverage/', 'test/profiles/', '**/.throughline/'],
      // Planted for the test of the walls.
      'test/unit/lint/fixtures/',
    ],
  },
  js.configs.recommended,
  tseslint.configs.recommendedTypeChecked,
  {
    languageOptions: { parserOptions: { projectService: true, tsconfigRootDir: import.meta.dirname } },
    linterOptions: { reportUnusedDisableDirectives: 'error' },
    plugins: { import: importPlugin },
    settings: {
      'import/resolver': { node: { extensions: ['.ts', '.mts', '.mjs', '.cjs', '.js'] } },
      'import/parsers': { '@typescript-eslint/parser': ['.ts'] },
      'import/extensions': ['.ts', '.mjs', '.cjs', '.js'],
    },
    rules: {
      '@typescript-eslint/consistent-type-imports': ['error', { fixStyle: 'inline-type-imports' }],
      // Indexes into typed arrays are in range by construction, and noUncheckedIndexedAccess cannot know it.
      '@typescript-eslint/no-non-null-assertion': 'off',
      '@typescript-eslint/no-unused-vars': ['error', { argsIgnorePattern: '^_', varsIgnorePattern: '^_' }],
      '@typescript-eslint/restrict-template-expressions': [
        'error',
        { allowNumber: true, allowBoolean: true },
      ],
      // An async function may be one for its signature's sake.
      '@typescript-eslint/require-await': 'off',
      eqeqeq: ['error', 'always', { null: 'ignore' }],
      'no-console': 'error',
    },
  },
  {
    files: ['src/**/*.ts', 'test/**/*.ts'],
    ignores: ['test/apps/**'],
    rules: { 'import/no-cycle': ['error', { ignoreExternal: true, disableScc: true }] },
  },
  {
    files: ['src/**/*.ts'],
    rules: { 'import/no-restricted-paths': ['error', { basePath: import.meta.dirname, zones: walls }] },
  },
  outside(['src/engine/**', 'src/cli/**', 'src/cli.ts'], vscode),
  outside(['src/protocol/**', 'src/webviews/**'], vscode, nodeBuiltins),
  outside(['src/editor/**', 'src/extension.ts'], lazy),
  outside(['src/engine/model/**'], { regex: '^(?!\\.)', message: 'The model imports nothing.' }),
  outside(['src/agent/**'], {
    regex: '^(?!node:|\\./)',
    allowTypeImports: true,
    message: 'The agent lives in the user’s app: Node built-ins and types alone.',
  }),
  {
    // A webview has no other log.
    files: ['src/webviews/**'],
    rules: { 'no-console': ['error', { allow: ['warn', 'error'] }] },
  },
  {
    files: ['test/**', '*.mjs'],
    rules: {
      'no-console': 'off',
      // Tests read JSON as what it should be; assertions tell where it is not.
      '@typescript-eslint/no-unsafe-assignment': 'off',
      '@typescript-eslint/no-unsafe-argument': 'off',
      '@typescript-eslint/no-unsafe-member-access': 'off',
      '@typescript-eslint/no-unsafe-return': 'off',
      '@typescript-eslint/no-unsafe-call': 'off',
    },
  },
  {
    // Programs of their own, which no tsconfig of ours covers.
    files: ['**/*.{js,mjs,cjs}', 'test/apps/**'],
    extends: [tseslint.configs.disableTypeChecked],
    languageOptions: { globals: nodeGlobals() },
    rules: { 'no-console': 'off', '@typescript-eslint/no-require-imports': 'off' },
  },
);

function nodeGlobals() {
  const names = [
    ...['process', 'console', 'Buffer', 'URL', 'URLSearchParams', 'performance', 'fetch', 'AbortController'],
    ...['setTimeout', 'clearTimeout', 'setInterval', 'clearInterval', 'setImmediate', 'queueMicrotask'],
    ...['structuredClone', 'TextEncoder', 'TextDecoder', 'AbortSignal'],
    ...['require', 'module', 'exports', '__dirname', '__filename'],
  ];
  return Object.fromEntries(names.map((name) => [name, 'readonly']));
}
