import fs from 'node:fs/promises';
import path from 'node:path';
import { ThroughlineError } from '../model/errors';
import type { LaunchSpec } from '../model/target';

export interface UserNode {
  /** Absolute path of the `node` to run. */
  readonly program: string;
  /** Absolute; first on the PATH, so that `npm` and its scripts run the same Node. */
  readonly folder: string;
}

/**
 * The Node that `throughline.node.path` names: a file, or the folder that holds it; relative to `base`, the
 * workspace folder. Undefined where the setting is empty. Throws BAD_SETTING where it names no program.
 */
export async function resolveNode(setting: unknown, base: string): Promise<UserNode | undefined> {
  if (setting === undefined || setting === null || setting === '') return undefined;
  if (typeof setting !== 'string') throw badSetting('takes a path');
  if (setting.trim() === '') return undefined;
  const named = path.resolve(base, setting.trim());
  const program = (await isFolder(named))
    ? path.join(named, process.platform === 'win32' ? 'node.exe' : 'node')
    : named;
  if (!(await isProgram(program))) {
    throw badSetting(
      program === named
        ? `names ${named}, where there is no program`
        : `names the folder ${named}, which holds no ${path.basename(program)}`,
    );
  }
  return { program, folder: path.dirname(program) };
}

/** The PATH with that Node first. `PATH` in `env` stands before the editor's own. */
export function pathWith(node: UserNode, env: Readonly<Record<string, string>> = {}): string {
  const rest = env['PATH'] ?? process.env['PATH'];
  return rest ? `${node.folder}${path.delimiter}${rest}` : node.folder;
}

/** The same start on that Node. */
export function withNode<Spec extends LaunchSpec>(spec: Spec, node: UserNode | undefined): Spec {
  if (!node) return spec;
  return {
    ...spec,
    env: { ...spec.env, PATH: pathWith(node, spec.env) },
    program: spec.program === 'node' ? node.program : spec.program,
  };
}

function badSetting(fact: string): ThroughlineError {
  return new ThroughlineError('BAD_SETTING', `"throughline.node.path" ${fact}.`);
}

async function isFolder(name: string): Promise<boolean> {
  return fs.stat(name).then(
    (stats) => stats.isDirectory(),
    () => false,
  );
}

async function isProgram(name: string): Promise<boolean> {
  try {
    await fs.access(name, fs.constants.X_OK);
    return (await fs.stat(name)).isFile();
  } catch {
    return false;
  }
}
