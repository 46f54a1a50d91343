import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { setImmediate } from 'node:timers/promises';
import { CsvError, parse } from 'csv-parse';
import { MAX_COLUMNS, MAX_ROWS, type Rows } from './rows';

/** Parsed at a stretch, in some milliseconds. */
const CHUNK = 16 * 1024;
const MAX_RECORD = 1024 * 1024;

export type CsvRows =
  | { readonly state: 'ok'; readonly rows: Rows }
  /** `line` is 1-based. */
  | { readonly state: 'bad'; readonly message: string; readonly line: number };

/** Reads CSV as RFC 4180 states it, with a row of headings. In turns, so that a large file blocks nobody. */
export async function rowsOfCsv(content: Uint8Array): Promise<CsvRows> {
  const table = new Table(content);
  const parser = parse({
    bom: true,
    relaxColumnCount: true,
    skipEmptyLines: true,
    maxRecordSize: MAX_RECORD,
    onRecord: (record: string[], { bytes }) => {
      table.add(record, bytes);
      return null;
    },
  });
  try {
    // Nothing comes out of the parser; it is read so that it ends.
    await pipeline(Readable.from(chunks(content, table)), parser, async (records) => {
      for await (const _ of records);
    });
  } catch (error) {
    if (!(error instanceof CsvError)) throw error;
    table.fail(sentenceOf(error));
  }
  return table.result();
}

class Table {
  problem: (CsvRows & { state: 'bad' }) | undefined;
  #columns: readonly string[] | undefined;
  readonly #rows: string[][] = [];
  /** Where the record begins that is read now, but for empty lines. */
  #start = 0;

  constructor(private readonly content: Uint8Array) {}

  /** @param end of the record, in bytes from the content's start. */
  add(record: string[], end: number): void {
    const message = this.#columns === undefined ? headingProblem(record) : this.#rowProblem(record);
    if (message !== undefined) this.fail(message);
    if (this.#columns === undefined) this.#columns = record;
    else this.#rows.push(record);
    this.#start = end;
  }

  /** Of the record that is read now. Lines are counted here: the parser counts a CRLF within quotes twice. */
  fail(message: string): void {
    if (this.problem) return;
    const text = Buffer.from(this.content).toString('latin1');
    const begin = text.slice(this.#start).search(/[^\r\n]/);
    const before = text.slice(0, begin === -1 ? text.length : this.#start + begin);
    this.problem = { state: 'bad', message, line: 1 + (before.match(/\r\n|\r|\n/g)?.length ?? 0) };
  }

  result(): CsvRows {
    if (this.problem) return this.problem;
    if (this.#columns === undefined)
      return { state: 'bad', message: 'it is empty; the first row names the columns', line: 1 };
    if (this.#rows.length === 0)
      return { state: 'bad', message: 'there is no row below the headings', line: 1 };
    return { state: 'ok', rows: { columns: this.#columns, rows: this.#rows } };
  }

  #rowProblem(record: readonly string[]): string | undefined {
    const expected = this.#columns!.length;
    if (record.length !== expected)
      return `the row has ${record.length === 1 ? 'one value' : `${record.length} values`}, but there ${expected === 1 ? 'is one heading' : `are ${expected} headings`}`;
    return this.#rows.length === MAX_ROWS ? `there are more than ${MAX_ROWS} rows` : undefined;
  }
}

/** Ends early where something is wrong. */
async function* chunks(content: Uint8Array, table: Table): AsyncGenerator<Uint8Array> {
  for (let at = 0; at < content.length && !table.problem; at += CHUNK) {
    yield content.subarray(at, at + CHUNK);
    await setImmediate();
  }
}

function headingProblem(names: readonly string[]): string | undefined {
  if (names.length > MAX_COLUMNS) return `there are more than ${MAX_COLUMNS} columns`;
  if (names.some((name) => name.trim() === '')) return 'a heading is empty';
  const twice = names.find((name, index) => names.indexOf(name) !== index);
  if (twice !== undefined) return `the heading "${twice}" is there twice`;
  return undefined;
}

function sentenceOf({ code, message }: CsvError): string {
  switch (code) {
    case 'CSV_QUOTE_NOT_CLOSED':
      return 'a quoted value has no closing quote';
    case 'CSV_INVALID_CLOSING_QUOTE':
    case 'CSV_NON_TRIMABLE_CHAR_AFTER_CLOSING_QUOTE':
      return 'after a closing quote comes no comma; write a quote within a value twice';
    case 'INVALID_OPENING_QUOTE':
      return 'a quote stands within a value that is not quoted';
    case 'CSV_MAX_RECORD_SIZE':
      return 'a row is larger than 1 MB';
    default:
      return message;
  }
}
