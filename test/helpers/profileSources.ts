import assert from 'node:assert/strict';
import fs from 'node:fs';
import path from 'node:path';

/**
 * Gives the app's functions of the profile sources in which they are found: files of the paths that were recorded,
 * below another folder, with a function wherever V8 saw one. Returns the files.
 */
export function writeSources(profile: string, folder: string): string[] {
  const head = Buffer.alloc(30e6);
  const descriptor = fs.openSync(profile, 'r');
  const size = fs.readSync(descriptor, head);
  fs.closeSync(descriptor);
  const files = new Map<string, Map<number, number>>();
  const recorded = /"url":"file:\/\/\/srv\/shop\/(src\/[\w/]+\.js)","lineNumber":(\d+),"columnNumber":(\d+)/g;
  for (const [, file = '', line, column] of head.subarray(0, size).toString('latin1').matchAll(recorded)) {
    const functions = files.get(file) ?? new Map<number, number>();
    files.set(file, functions.set(Number(line), Number(column)));
  }
  assert.ok(files.size > 50);
  for (const [file, functions] of files) {
    fs.mkdirSync(path.join(folder, path.dirname(file)), { recursive: true });
    fs.writeFileSync(path.join(folder, file), sourceWith(functions));
  }
  return [...files.keys()].map((file) => path.join(folder, file));
}

/** @param functions column by line, both 0-based. */
function sourceWith(functions: ReadonlyMap<number, number>): string {
  const lines: string[] = [];
  const starts = [...functions].sort(([a], [b]) => a - b);
  starts.forEach(([line, column], index) => {
    while (lines.length < line) lines.push('');
    const end = Math.min(line + 40, (starts[index + 1]?.[0] ?? Infinity) - 1);
    const begin = `${' '.repeat(column)}(n) => {`;
    if (end === line) lines.push(`${begin}};`);
    else lines.push(begin, ...Array.from({ length: end - line - 1 }, () => '  n++;'), '};');
  });
  return `${lines.join('\n')}\n`;
}
