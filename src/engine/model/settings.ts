import { DEFAULT_SCENARIO, type Route, type Scenario } from './load';
import { parseRoute } from './route';
import { DEFAULT_CAPTURE, type CaptureOptions } from './target';

/** How the user says to start the app: setting `throughline.target.*`. */
export interface TargetSetting {
  /** A command line, split at spaces outside quotes; no shell. */
  readonly command?: string;
  /** Relative to the workspace folder. */
  readonly folder?: string;
  readonly env: Readonly<Record<string, string>>;
}

export interface PlanSettings {
  readonly scenario: Scenario;
  readonly capture: CaptureOptions;
  readonly target: TargetSetting;
  readonly readyTimeoutMs: number;
  readonly runsToKeep: number;
  /** One sentence for each value that cannot be used; its default stands in. */
  readonly problems: readonly string[];
}

/** Limits of the numbers; the manifest states the same. */
const NUMBERS = {
  'load.connections': { min: 1, max: 1000, integer: true, fallback: DEFAULT_SCENARIO.connections },
  'load.warmup': { min: 0, max: 600, integer: false, fallback: DEFAULT_SCENARIO.warmupSeconds },
  'load.duration': { min: 1, max: 3600, integer: false, fallback: DEFAULT_SCENARIO.durationSeconds },
  'load.timeout': { min: 1, max: 120, integer: false, fallback: DEFAULT_SCENARIO.timeoutSeconds },
  'load.apdexTarget': { min: 1, max: 60_000, integer: false, fallback: DEFAULT_SCENARIO.apdexTargetMs },
  'target.readyTimeout': { min: 1, max: 600, integer: false, fallback: 60 },
  'runs.keep': { min: 1, max: 10_000, integer: true, fallback: 50 },
} as const;

/**
 * Reads a plan from settings, given a reader of `throughline.<key>`. Shared by the editor and the terminal,
 * so that both run the same thing in the same folder.
 */
export function planSettings(get: (key: string) => unknown): PlanSettings {
  const problems: string[] = [];
  const number = (key: keyof typeof NUMBERS): number => {
    const { min, max, integer, fallback } = NUMBERS[key];
    const value = get(key);
    if (value === undefined || value === null) return fallback;
    if (typeof value === 'number' && value >= min && value <= max && (!integer || Number.isInteger(value))) {
      return value;
    }
    problems.push(
      `"throughline.${key}" takes ${integer ? 'a whole number' : 'a number'} from ${min} to ${max}, not ${show(value)}.`,
    );
    return fallback;
  };
  const choice = <T extends string>(key: string, choices: readonly [T, ...T[]]): T => {
    const value = get(key);
    const [fallback] = choices;
    if (value === undefined || value === null) return fallback;
    const found = choices.find((item) => item === value);
    if (found === undefined)
      problems.push(`"throughline.${key}" takes ${choices.map(show).join(' or ')}, not ${show(value)}.`);
    return found ?? fallback;
  };
  const toggle = (key: string, fallback: boolean): boolean => {
    const value = get(key);
    if (typeof value === 'boolean') return value;
    if (value !== undefined && value !== null)
      problems.push(`"throughline.${key}" takes true or false, not ${show(value)}.`);
    return fallback;
  };
  const text = (key: string): string | undefined => {
    const value = get(key);
    if (value === undefined || value === null || value === '') return undefined;
    if (typeof value === 'string') return value;
    problems.push(`"throughline.${key}" takes a text, not ${show(value)}.`);
    return undefined;
  };
  const texts = (key: string): Record<string, string> => {
    const value = get(key);
    if (value === undefined || value === null) return {};
    if (typeof value === 'object' && !Array.isArray(value)) {
      const entries = Object.entries(value);
      if (entries.every((entry): entry is [string, string] => typeof entry[1] === 'string')) {
        return Object.fromEntries(entries);
      }
    }
    problems.push(`"throughline.${key}" takes an object of texts, not ${show(value)}.`);
    return {};
  };

  const headers = texts('load.headers');
  const command = text('target.command');
  const folder = text('target.folder');
  return {
    scenario: {
      connections: number('load.connections'),
      warmupSeconds: number('load.warmup'),
      durationSeconds: number('load.duration'),
      routes: routes(get('load.routes'), problems),
      ...(Object.keys(headers).length > 0 && { headers }),
      timeoutSeconds: number('load.timeout'),
      apdexTargetMs: number('load.apdexTarget'),
    },
    capture: {
      cpu: toggle('capture.cpu', DEFAULT_CAPTURE.cpu),
      intervalMicros: DEFAULT_CAPTURE.intervalMicros,
      inlining: choice('capture.inlining', ['reattribute', 'off']),
      backend: choice('capture.backend', ['inspector', '0x', 'perf']),
      heap: toggle('capture.heap', DEFAULT_CAPTURE.heap),
    },
    target: {
      ...(command !== undefined && { command }),
      ...(folder !== undefined && { folder }),
      env: texts('target.env'),
    },
    readyTimeoutMs: number('target.readyTimeout') * 1000,
    runsToKeep: number('runs.keep'),
    problems,
  };
}

function routes(value: unknown, problems: string[]): Route[] {
  if (value === undefined || value === null) return [];
  if (!Array.isArray(value)) {
    problems.push(
      `"throughline.load.routes" takes a list such as ["/items", "POST /items"], not ${show(value)}.`,
    );
    return [];
  }
  return value.flatMap((text: unknown) => {
    const route = typeof text === 'string' ? parseRoute(text) : undefined;
    if (!route)
      problems.push(
        `"throughline.load.routes" has ${show(text)}, which is no route such as "/items" or "POST /items".`,
      );
    return route ?? [];
  });
}

function show(value: unknown): string {
  const text = JSON.stringify(value) ?? String(value);
  return text.length > 60 ? `${text.slice(0, 57)}...` : text;
}
