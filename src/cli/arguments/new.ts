import { DOCUMENT_KINDS, type DocumentKind } from '../../engine/authoring/document';
import { kindOfFile } from '../../engine/authoring/openDocument';
import { ThroughlineError } from '../../engine/model/errors';
import { atMost, parseStrictly } from './parsing';

export const NEW_USAGE = `Usage: throughline new --from <document> [options]

Writes a load test made of an OpenAPI document (2.0, 3.0 or 3.1, JSON or YAML), a HAR recording or a .http
file. Requests that may change data, and static files of a recording, are left out unless asked for.
Passwords, tokens and cookies become \${secret:NAME}; values that an earlier reply of a recording holds are
captured from it. Nothing is fetched, and no file is written over.

  --from <file>   .yaml, .yml or .json, .har, .http or .rest
  --kind <kind>   ${DOCUMENT_KINDS.join(', ')} (default: by the name of the file)
  --out <file>    the new file (default: <name>.load.json in the current folder)
  --all           also requests that are left out by default
  --list          print what the document offers, and write nothing
  --json          print one JSON document on standard output
  -h, --help      print this

Exit code: 0 fine, 1 it failed, 2 bad usage or a document with errors.`;

export interface NewArguments {
  readonly from: string;
  readonly kind: DocumentKind;
  readonly out?: string;
  readonly all: boolean;
  readonly list: boolean;
  readonly json: boolean;
}

/** @throws {ThroughlineError} BAD_USAGE that names the argument. */
export function parseNew(argv: readonly string[]): NewArguments {
  const { values, positionals } = parseStrictly(argv, {
    from: { type: 'string' },
    kind: { type: 'string' },
    out: { type: 'string' },
    all: { type: 'boolean' },
    list: { type: 'boolean' },
    json: { type: 'boolean' },
  });
  atMost(positionals, 0, 'argument');
  const { from, out, kind: wanted, all = false, list = false, json = false } = values;
  if (from === undefined)
    throw new ThroughlineError('BAD_USAGE', '--from takes the document, and is missing.');
  const given = DOCUMENT_KINDS.find((each) => each === wanted);
  if (wanted !== undefined && given === undefined)
    throw new ThroughlineError('BAD_USAGE', `--kind takes one of ${DOCUMENT_KINDS.join(', ')}.`);
  const kind = given ?? kindOfFile(from);
  if (kind === undefined)
    throw new ThroughlineError('BAD_USAGE', `The name of "${from}" does not tell what it is: add --kind.`);
  return { from, kind, all, list, json, ...(out !== undefined && { out }) };
}
