import assert from 'node:assert/strict';
import {
  currentLine,
  endByIndentation,
  isTextOf,
  isUntouched,
  TrackedText,
} from '../../../src/editor/annotations/trackedText';
import { sha256 } from './costlyRun';

const MEASURED = 'function hot() {\n  spin();\n}\n\nfunction cold() {\n  rest();\n}\n';

describe('a document against the measured file', () => {
  it('is fresh while its content hashes alike, whatever the byte-order mark and the line ends on disk', () => {
    const windows = MEASURED.replaceAll('\n', '\r\n');
    for (const onDisk of [MEASURED, `\ufeff${MEASURED}`, windows, `\ufeff${windows}`]) {
      for (const inEditor of [MEASURED, windows]) {
        assert.equal(new TrackedText(sha256(onDisk)).update(inEditor).kind, 'fresh');
      }
    }
    assert.equal(isTextOf(`${MEASURED} `, sha256(MEASURED)), false);
  });

  it('follows edits by line, and is fresh again after undo', () => {
    const tracked = new TrackedText(sha256(MEASURED));
    assert.equal(tracked.update(MEASURED).kind, 'fresh');
    const edited = tracked.update(`// a comment\n${MEASURED.replace('rest()', 'sleep()')}`);
    assert.equal(edited.kind, 'edited');
    assert.equal(currentLine(edited, 1), 2);
    assert.equal(currentLine(edited, 5), undefined, 'the edited line has no place');
    assert.equal(isUntouched(edited, 0, 2), true, 'hot() moved as a whole');
    assert.equal(isUntouched(edited, 4, 6), false, 'cold() was edited');
    assert.equal(tracked.update(MEASURED).kind, 'fresh');
  });

  it('counts a line inserted into a function as an edit of it', () => {
    const tracked = new TrackedText(sha256(MEASURED));
    tracked.update(MEASURED);
    const edited = tracked.update(MEASURED.replace('  spin();', '  log();\n  spin();'));
    assert.equal(isUntouched(edited, 0, 2), false);
    assert.equal(currentLine(edited, 1), 2, 'the line itself is as it was');
  });

  it('is stale when first seen in another version, and follows further edits', () => {
    const tracked = new TrackedText(sha256(MEASURED));
    const other = MEASURED.replace('spin', 'turn');
    const first = tracked.update(other);
    assert.equal(first.kind, 'stale');
    assert.equal(currentLine(first, 4), 4);
    const then = tracked.update(`\n${other}`);
    assert.equal(then.kind, 'stale');
    assert.equal(currentLine(then, 4), 5);
    assert.equal(tracked.update(MEASURED).kind, 'fresh', 'the measured version came back');
  });

  it('learns the measured text from the disk, of its hash alone', () => {
    const tracked = new TrackedText(sha256(MEASURED));
    const unsaved = `// unsaved\n${MEASURED}`;
    assert.equal(tracked.update(unsaved).kind, 'stale');
    assert.equal(tracked.learn(new TextEncoder().encode('something else')), false);
    assert.equal(tracked.learn(new TextEncoder().encode(MEASURED)), true);
    const state = tracked.update(unsaved);
    assert.equal(state.kind, 'edited');
    assert.equal(currentLine(state, 0), 1);
  });

  it('knows a file of mixed line ends from its bytes', () => {
    const mixed = 'a\r\nb\nc\r\n';
    const tracked = new TrackedText(sha256(mixed));
    assert.equal(tracked.update('a\r\nb\r\nc\r\n').kind, 'stale', 'the editor made the ends alike');
    tracked.learn(new TextEncoder().encode(mixed));
    assert.equal(tracked.update('a\r\nb\r\nc\r\n').kind, 'fresh');
  });
});

describe('the end of a function, by indentation', () => {
  const end = (text: string, first = 0) => endByIndentation(text.split('\n'), first);

  it('is its closing bracket', () => {
    assert.equal(end('function a() {\n  if (x) {\n    y();\n  }\n}\nrest();'), 4);
    assert.equal(end('class A {\n  m() {\n    y();\n  }\n  n() {}\n}', 1), 3);
  });

  it('passes over a head of several lines', () => {
    assert.equal(end('function a(\n  x,\n) {\n  y();\n}\nrest();'), 4);
  });

  it('is the declaration where nothing belongs to it, and the last line where nothing closes it', () => {
    assert.equal(end('const a = (x) => x;\nconst b = 1;'), 0);
    assert.equal(end('function a() {\n  y();'), 1);
    assert.equal(end('a', 3), 3);
  });
});
