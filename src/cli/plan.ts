import fs from 'node:fs/promises';
import path from 'node:path';
import type { MeasurePlan } from '../engine/measure';
import { ThroughlineError } from '../engine/model/errors';
import { DEFAULT_CAPTURE } from '../engine/model/target';
import { planSettings } from '../engine/model/settings';
import { parseRoute } from '../engine/model/route';
import { findTargets } from '../engine/target/find';
import { readSettingsFile } from './settingsFile';
import type { MeasureArguments } from './arguments';

/** Arguments over the folder's own settings over the defaults. */
export async function planFromArguments(folder: string, options: MeasureArguments): Promise<MeasurePlan> {
  const stat = await fs.stat(folder).catch(() => undefined);
  if (!stat?.isDirectory()) throw new ThroughlineError('BAD_USAGE', `There is no folder ${folder}.`);
  const file = await readSettingsFile(path.join(folder, '.vscode', 'settings.json'));
  const settings = planSettings((key) => file[`throughline.${key}`]);
  if (settings.problems.length > 0) throw new ThroughlineError('BAD_USAGE', settings.problems.join(' '));
  const routes = options.paths.map((text) => {
    const route = parseRoute(text);
    if (!route)
      throw new ThroughlineError(
        'BAD_USAGE',
        `--path takes a route such as /items or "POST /items", not "${text}".`,
      );
    return route;
  });
  return {
    appFolder: folder,
    target: options.url ? { kind: 'url', url: options.url } : await launch(),
    scenario: {
      ...settings.scenario,
      ...(options.duration !== undefined && { durationSeconds: options.duration }),
      ...(options.warmup !== undefined && { warmupSeconds: options.warmup }),
      ...(options.connections !== undefined && { connections: options.connections }),
      ...(options.timeout !== undefined && { timeoutSeconds: options.timeout }),
      ...(routes.length > 0 && { routes }),
    },
    capture: {
      ...DEFAULT_CAPTURE,
      ...settings.capture,
      ...(!options.profile && { cpu: false }),
      ...(!options.inlining && { inlining: 'off' as const }),
    },
  };

  async function launch(): Promise<MeasurePlan['target']> {
    const candidates = await findTargets(folder, settings.target);
    const wanted = options.target;
    const spec = wanted === undefined ? candidates[0] : candidates.find(({ id }) => id === wanted);
    if (!spec) {
      if (wanted === undefined)
        throw new ThroughlineError('NO_TARGET', `Nothing in ${folder} says how to start the app.`);
      const known = candidates.map(({ id, label }) => `${id} (${label})`).join(', ');
      throw new ThroughlineError(
        'BAD_USAGE',
        `There is no target "${wanted}" in ${folder}; there are: ${known || 'none'}.`,
      );
    }
    return { kind: 'launch', spec, readyTimeoutMs: settings.readyTimeoutMs };
  }
}
