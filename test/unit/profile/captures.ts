import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import type { CallTree, Frame, Profile } from '../../../src/engine/model/profile';
import { analyse } from '../../../src/engine/profile/analyse';
import { parseScript } from '../../../src/engine/profile/parseScript';
import { drawProfile } from './drawing';

/** A workspace on disk with an app in it, and captures that look as if it had run. */
export class Workspace {
  /** Real path: the system's folder for temporary files may be a link. */
  readonly folder = fs.realpathSync(fs.mkdtempSync(path.join(os.tmpdir(), 'throughline-profile-')));
  readonly app = path.join(this.folder, 'app');

  constructor() {
    this.write('app/package.json', '{ "name": "app" }');
  }

  /** @param name relative to the workspace's folder. */
  write(name: string, text: string): string {
    const file = path.join(this.folder, name);
    fs.mkdirSync(path.dirname(file), { recursive: true });
    fs.writeFileSync(file, text);
    return file;
  }

  /** Writes a capture of `drawing` and analyses it. Functions are placed as `name@file`, relative to the app. */
  analyse(drawing: string, scripts: readonly DrawnScript[]): Analysed {
    const folder = path.join(this.folder, 'capture');
    fs.rmSync(folder, { recursive: true, force: true });
    fs.mkdirSync(folder);
    const placed = drawing.replace(/([\w#.()]*)@([\w./-]+)/gu, (_, name: string, file: string) => {
      const script = scripts.find((item) => item.file === file)!;
      return `${name}@${this.url(script)}:${place(script.text, name)}`;
    });
    fs.writeFileSync(path.join(folder, 'profile.cpuprofile'), JSON.stringify(drawProfile(placed)));
    const entries = scripts.map((script, i) => {
      const url = this.url(script);
      if (script.captured === false) return { scriptId: url, url };
      fs.writeFileSync(path.join(folder, `${i}.js`), script.text);
      const sourceMapUrl = script.sourceMapUrl;
      return {
        scriptId: url,
        url,
        sourceFile: `${i}.js`,
        ...(sourceMapUrl !== undefined && { sourceMapUrl }),
      };
    });
    fs.writeFileSync(path.join(folder, 'scripts.json'), JSON.stringify(entries));
    const { profile, tree } = analyse({
      captures: [{ folder, pid: 1, thread: 'main' }],
      appFolder: this.app,
      treeFile: '',
    });
    return new Analysed(profile, tree, this.app);
  }

  /** Sets when a file was changed: seconds before now. */
  age(file: string, seconds: number): void {
    const time = Date.now() / 1000 - seconds;
    fs.utimesSync(file, time, time);
  }

  dispose(): void {
    fs.rmSync(this.folder, { recursive: true, force: true });
  }

  private url(script: DrawnScript): string {
    return script.url ?? pathToFileURL(path.join(this.app, script.file)).href;
  }
}

export interface DrawnScript {
  /** Relative to the app. */
  readonly file: string;
  readonly text: string;
  readonly sourceMapUrl?: string;
  /** Instead of the file's. */
  readonly url?: string;
  /** False where the agent left the text out. */
  readonly captured?: false;
}

/** Reads what a test asserts, in milliseconds. */
export class Analysed {
  constructor(
    readonly profile: Profile,
    readonly tree: CallTree,
    private readonly app: string,
  ) {}

  /** `name: self/total` of all functions with a cost. */
  functions(): Record<string, string> {
    return Object.fromEntries(
      this.profile.functions.map((fn) => [
        this.frame(fn.frame).functionName,
        `${fn.selfMicros / 1000}/${fn.totalMicros / 1000}`,
      ]),
    );
  }

  /** `file:line: self/total` of all lines with a cost; files relative to the app. */
  lines(): Record<string, string> {
    return Object.fromEntries(
      this.profile.lines.map((line) => [
        `${path.relative(this.app, line.file)}:${line.line}`,
        `${line.selfMicros / 1000}/${line.totalMicros / 1000}`,
      ]),
    );
  }

  frameNamed(name: string): Frame {
    const frame = this.profile.frames.find((item) => item.functionName === name);
    if (frame === undefined) throw new Error(`no frame is called ${name}`);
    return frame;
  }

  private frame(id: number): Frame {
    return this.profile.frames[id]!;
  }
}

/** Line and column (1-based) where V8 puts the function; of no such function the file's first place. */
function place(text: string, name: string): string {
  const script = parseScript(text);
  const fn = script?.functions.find((item) => item.name === name && item.index > 0);
  if (script !== undefined && fn !== undefined) {
    return `${script.lines.lineAt(fn.headAt)}:${script.lines.columnAt(fn.headAt) + 1}`;
  }
  const at = text.indexOf(`${name}(`);
  if (name === '' || at < 0) return '1:1';
  const before = text.slice(0, at).split('\n');
  return `${before.length}:${before.at(-1)!.length + 1}`;
}
