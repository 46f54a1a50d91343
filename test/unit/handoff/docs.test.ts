// The table in docs/handoff.md is what the exporters say. UPDATE_DOCS=1 writes it anew.
import assert from 'node:assert/strict';
import fs from 'node:fs';
import path from 'node:path';
import { exportTest } from '../../../src/engine/handoff/exportTest';
import { HANDOFF_TOOLS } from '../../../src/engine/handoff/exported';
import { EXECUTOR_SAMPLES, fullTest } from './tests';

const file = path.resolve(__dirname, '../../../docs/handoff.md');
const BEGIN = '<!-- begin: what is lost -->\n';
const END = '<!-- end: what is lost -->';

describe('docs/handoff.md', () => {
  it('lists what each tool cannot express, by executor', () => {
    const text = fs.readFileSync(file, 'utf8');
    const [head, rest] = text.split(BEGIN);
    const [, tail] = rest!.split(END);
    const made = `${head}${BEGIN}\n${section()}\n${END}${tail}`;
    if (process.env['UPDATE_DOCS'] === '1') fs.writeFileSync(file, made);
    assert.equal(text, made);
  });
});

/** Of a test with everything in it: first what holds for every executor, then what one alone loses. */
function section(): string {
  return HANDOFF_TOOLS.map((tool) => {
    const lost = EXECUTOR_SAMPLES.map((executor) => exportTest(fullTest({ executor }), tool).notExpressed);
    const always = lost[0]!.filter((sentence) => lost.every((each) => each.includes(sentence)));
    const own = EXECUTOR_SAMPLES.flatMap(({ executor }, index) =>
      lost[index]!.filter((sentence) => !always.includes(sentence)).map(
        (sentence) => `- \`${executor}\`: ${sentence}`,
      ),
    );
    return `### ${tool}\n\n${[...always.map((sentence) => `- ${sentence}`), ...own].join('\n')}\n`;
  }).join('\n');
}
