import fs from 'node:fs';
import path from 'node:path';
import type { LaunchSpec } from '../../model/target';
import { FILES, type DriverRequest } from './messages';
import { entryOf } from './nodeArguments';
import { readImports } from './readImports';

export type ZeroXPlan =
  | {
      readonly state: 'ok';
      /** Starts the driver of 0x in place of the app. */
      readonly spec: LaunchSpec;
      /** The capture's own, to be given to `finishZeroX`. */
      readonly folder: string;
      /** What this capture will not see, in sentences. */
      readonly warnings: readonly string[];
    }
  /** 0x cannot do it. */
  | { readonly state: 'refused'; readonly reason: string };

export interface ZeroXOptions {
  /** Folder of the bundles `zeroXDriver.cjs` and `zeroXClock.cjs`. */
  readonly dist: string;
  /** Absolute; is made, and holds the capture until it is finished. */
  readonly folder: string;
}

/**
 * Plans a capture by 0x. Tells beforehand what 0x cannot do: it runs one process of Node, with a program whose file it
 * is told.
 * @param spec the plain command, not one that a package manager runs.
 */
export function planZeroXCommand(spec: LaunchSpec, options: ZeroXOptions): ZeroXPlan {
  const name = path.basename(spec.program).replace(/\.(exe|cmd)$/iu, '');
  if (!/^(node|nodejs)$/u.test(name)) {
    if (name === 'tsx') return refused(TSX_CLI);
    return refused(`0x runs "node FILE" alone, and "${spec.label}" runs "${name}".`);
  }
  const entry = entryOf(spec.args);
  if (entry.state === 'none') return refused(`0x cannot capture "${spec.label}": ${entry.reason}.`);
  if (/(?:^|[\\/])tsx[\\/]dist[\\/]cli\.[cm]js$/u.test(entry.file)) return refused(TSX_CLI);
  if (/(?:^|[\\/])node_modules[\\/](\.bin|npm|nodemon|pm2)[\\/]/u.test(entry.file)) {
    return refused(`0x captures one process, and "${spec.label}" is a tool that starts the app in another.`);
  }
  if (options.folder.includes('%')) {
    return refused(`V8 cannot write its log to a folder with "%" in its path: ${options.folder}.`);
  }
  const imports = readImports(path.resolve(spec.folder, entry.file));
  if (imports.cluster !== undefined) {
    return refused(`0x cannot capture an app that forks cluster workers, as ${imports.cluster} does.`);
  }
  const warnings =
    imports.workers === undefined
      ? []
      : [`0x captures the main thread alone; ${imports.workers} starts worker threads.`];

  for (const part of [FILES.logs, FILES.work, FILES.out]) {
    fs.mkdirSync(path.join(options.folder, part), { recursive: true });
  }
  const request: DriverRequest = {
    args: spec.args,
    folder: spec.folder,
    captureFolder: options.folder,
    clockFile: path.join(options.dist, 'zeroXClock.cjs'),
    title: spec.label,
  };
  const requestFile = path.join(options.folder, FILES.request);
  fs.writeFileSync(requestFile, JSON.stringify(request));
  return {
    state: 'ok',
    spec: { ...spec, args: [path.join(options.dist, 'zeroXDriver.cjs'), requestFile] },
    folder: options.folder,
    warnings,
  };
}

const TSX_CLI =
  '0x would capture the launcher of tsx, not the app: start the app by "node --import tsx FILE" for this capture.';

function refused(reason: string): ZeroXPlan {
  return { state: 'refused', reason };
}
