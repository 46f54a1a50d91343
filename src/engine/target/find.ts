import path from 'node:path';
import type { TargetSetting } from '../model/settings';
import type { TargetCandidate } from '../model/target';
import { splitCommand } from './commandLine';
import { launchConfigurations, type RankedConfiguration } from './launchJson';
import { mainFiles, readPackage, startScripts } from './packageJson';
import { workspaceFolders } from './workspaces';

/**
 * Ways to start the app of a folder, likeliest first: the user's setting, `node` configurations of
 * `.vscode/launch.json`, the package's scripts `start`, `dev` and `serve`, its `main` and `bin`. Configurations of
 * TypeScript that Node cannot run as it is come after these, those of test runners last. The variables of
 * the setting go to each; `setting.folder` is the caller's to resolve. Files that cannot be read count as absent.
 */
export async function findTargets(folder: string, setting?: TargetSetting): Promise<TargetCandidate[]> {
  const root = path.resolve(folder);
  const manifest = await readPackage(root);
  const configurations = await launchConfigurations(root);
  const ofRank = (wanted: RankedConfiguration['rank']) =>
    configurations.filter(({ rank }) => rank === wanted).map(({ candidate }) => candidate);
  const candidates = [
    ...fromSetting(root, setting),
    ...ofRank('app'),
    ...(await startScripts(root, manifest)),
    ...mainFiles(root, manifest),
    ...ofRank('needsBuild'),
    ...ofRank('tests'),
  ];
  const ids = new Map<string, number>();
  return candidates.map((candidate) => {
    // Configurations may share a name.
    const seen = ids.get(candidate.id) ?? 0;
    ids.set(candidate.id, seen + 1);
    return {
      ...candidate,
      ...(seen > 0 && { id: `${candidate.id}#${seen + 1}` }),
      env: { ...candidate.env, ...setting?.env },
    };
  });
}

/**
 * Folders below `root` (and itself, first) that say how to start an app: the workspaces of a monorepo, or
 * `root` alone. Absolute, sorted. A `main` counts only where there is nothing else, since libraries have one.
 */
export async function findAppFolders(root: string): Promise<string[]> {
  const folders = [path.resolve(root), ...(await workspaceFolders(root))];
  const found = await Promise.all(
    folders.map(async (folder) => ({ folder, candidates: await findTargets(folder) })),
  );
  const started = found.filter(({ candidates }) => candidates.some(({ from }) => from !== 'main'));
  const chosen = started.length > 0 ? started : found.filter(({ candidates }) => candidates.length > 0);
  return chosen.map(({ folder }) => folder);
}

function fromSetting(folder: string, setting: TargetSetting | undefined): TargetCandidate[] {
  if (setting?.command === undefined) return [];
  const { env, words } = splitCommand(setting.command);
  const [program, ...args] = words;
  if (program === undefined) return [];
  return [
    {
      id: 'setting',
      from: 'setting',
      detail: 'setting "throughline.target.command"',
      label: setting.command.trim(),
      folder,
      program,
      args,
      env,
    },
  ];
}
