import assert from 'node:assert/strict';
import fs from 'node:fs';
import path from 'node:path';
import { LIMIT_SETTINGS, limitSettings } from '../../../src/engine/model/limitSettings';
import { planSettings } from '../../../src/engine/model/settings';

const root = path.resolve(import.meta.dirname, '../../..');
const manifest = JSON.parse(fs.readFileSync(path.join(root, 'package.json'), 'utf8')) as Manifest;
const texts = JSON.parse(fs.readFileSync(path.join(root, 'package.nls.json'), 'utf8')) as Record<
  string,
  string
>;
const { contributes } = manifest;

interface Manifest {
  activationEvents: string[];
  capabilities: { untrustedWorkspaces: { restrictedConfigurations: string[] } };
  contributes: {
    commands: { command: string }[];
    menus: Record<string, { command: string; when: string; group?: string }[]>;
    views: Record<string, { id: string; type?: string }[]>;
    viewsWelcome: { view: string; contents: string; when: string }[];
    configuration: { properties: Record<string, Setting> }[];
    colors: { id: string; defaults: Record<string, string> }[];
    walkthroughs: { id: string; steps: { media: { markdown: string }; completionEvents: string[] }[] }[];
  };
}

interface Setting {
  default: unknown;
  scope: string;
  minimum?: number;
  maximum?: number;
  type: string;
}

const commands = new Set(contributes.commands.map(({ command }) => command));
const views = Object.values(contributes.views).flat();
const settings = new Map(contributes.configuration.flatMap(({ properties }) => Object.entries(properties)));

describe('the manifest', () => {
  it('has a text for each key, and no text that nothing uses', () => {
    const used = [...JSON.stringify(manifest).matchAll(/%([\w.]+)%/g)].map(([, key]) => key ?? '');
    assert.deepEqual([...new Set(used)].sort(), Object.keys(texts).sort());
  });

  it('refers only to commands and views that it declares', () => {
    for (const { command } of Object.values(contributes.menus).flat())
      assert.ok(commands.has(command), command);
    const ids = new Set(views.map(({ id }) => id));
    for (const { view } of contributes.viewsWelcome) assert.ok(ids.has(view), view);
    const linked = Object.values(texts).flatMap((text) => [
      ...text.matchAll(/\(command:(throughline\.[\w.]+)/g),
    ]);
    for (const [, command = ''] of linked) {
      assert.ok(commands.has(command) || ids.has(command.replace(/\.focus$/, '')), command);
    }
    for (const { steps } of contributes.walkthroughs) {
      for (const { media, completionEvents } of steps) {
        assert.ok(fs.existsSync(path.join(root, media.markdown)), media.markdown);
        for (const event of completionEvents) {
          const [kind, subject = ''] = event.split(':');
          if (kind === 'onCommand') assert.ok(commands.has(subject), event);
          if (kind === 'onView') assert.ok(ids.has(subject), event);
        }
      }
    }
  });

  it('keeps to the conventions: four views at most with trees first, lazy activation, gated commands', () => {
    assert.ok(views.length <= 4);
    const kinds = views.map(({ type }) => (type === 'webview' ? 1 : 0));
    assert.deepEqual(kinds, [...kinds].sort());
    for (const event of manifest.activationEvents) assert.doesNotMatch(event, /^(\*|onStartupFinished)$/);
    const restricted = manifest.capabilities.untrustedWorkspaces.restrictedConfigurations;
    for (const key of ['target.command', 'target.folder', 'target.env', 'node.path']) {
      assert.ok(restricted.includes(`throughline.${key}`), key);
    }
    for (const key of restricted) assert.ok(settings.has(key), key);
  });

  it('has the defaults and limits by which settings are read', () => {
    const value = (key: string) => settings.get(`throughline.${key}`)?.default;
    assert.deepEqual(
      planSettings(value),
      planSettings(() => undefined),
    );
    for (const [name, { minimum, maximum, type }] of settings) {
      const key = name.slice('throughline.'.length);
      if (!/^(load|target)\.(?!limits\.)/.test(key) || maximum === undefined || minimum === undefined)
        continue;
      const problemsOf = (number: number) => planSettings((k) => (k === key ? number : undefined)).problems;
      assert.deepEqual(problemsOf(minimum), [], key);
      assert.deepEqual(problemsOf(maximum), [], key);
      if (type === 'integer' || type === 'number') {
        assert.equal(problemsOf(minimum - 1).length, 1, key);
        assert.equal(problemsOf(maximum + 1).length, 1, key);
      }
    }
  });

  it('has the limits of load by which they are read, restricted to trusted workspaces', () => {
    const restricted = manifest.capabilities.untrustedWorkspaces.restrictedConfigurations;
    for (const [name, { fallback, max }] of Object.entries(LIMIT_SETTINGS)) {
      const key = `throughline.load.limits.${name}`;
      const setting = settings.get(key);
      assert.deepEqual([setting?.default, setting?.minimum, setting?.maximum], [fallback, 1, max], key);
      assert.ok(restricted.includes(key), key);
      const problemsOf = (value: unknown) =>
        limitSettings((k) => (k === name ? value : undefined)).problems.length;
      assert.deepEqual([1, max, 0, max + 1, 1.5, '5'].map(problemsOf), [0, 0, 1, 1, 1, 1], key);
    }
  });

  it('gives each colour to all kinds of themes', () => {
    for (const { id, defaults } of contributes.colors) {
      assert.deepEqual(
        Object.keys(defaults).sort(),
        ['dark', 'highContrast', 'highContrastLight', 'light'],
        id,
      );
    }
  });
});
