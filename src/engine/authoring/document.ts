import type { CaptureFile, RequestFile } from '../model/loadTestFile';

/** Kinds of documents that a load test can be made of. */
export const DOCUMENT_KINDS = ['openapi', 'har', 'http'] as const;
export type DocumentKind = (typeof DOCUMENT_KINDS)[number];

/** A document that was read: what it offers, and the load test of what is chosen. */
export interface AuthoringDocument {
  readonly kind: DocumentKind;
  /** Proposed for the file, without the suffix. */
  readonly name: string;
  readonly offered: readonly Offered[];
  /** What could not be taken over whatever is chosen, in sentences. */
  readonly notes: readonly string[];
  /**
   * The text of a `*.load.json`.
   *
   * @param chosen indexes of `offered`, at least one; requests whose values others need are taken as well.
   */
  compose(chosen: readonly number[]): Composed;
}

export interface Offered {
  /** `GET /items/{id}`. */
  readonly label: string;
  /** Taken unless the user says otherwise. */
  readonly isPicked: boolean;
  /** Why not, as a sentence. */
  readonly reason?: string;
}

export interface Composed {
  readonly text: string;
  /** What could not be taken over, in sentences. */
  readonly notes: readonly string[];
}

/** What an importer makes of a document; `composed.ts` makes the load test of it. */
export interface Draft {
  readonly name: string;
  /** Only one on this machine: any other is left to the author to write. */
  readonly target?: string;
  /** `flow`: in order, by one virtual user. */
  readonly shape: 'requests' | 'flow';
  readonly requests: readonly DraftRequest[];
  readonly notes: readonly string[];
}

export interface DraftRequest extends Offered {
  /** A pause before it, as it was recorded. */
  readonly thinkMs?: number;
  /** Values that its reply has for requests after it. */
  readonly yields?: readonly Yielded[];
  /** Indexes of requests that it cannot be without. */
  readonly needs?: readonly number[];
  /**
   * The request, its texts as templates.
   *
   * @param placeholder `${name}` for a value that an earlier reply holds; undefined where none does.
   */
  readonly build: (placeholder: (value: string) => string | undefined) => RequestFile;
}

export interface Yielded {
  /** What the capture is called. */
  readonly name: string;
  /** By which a later request asks for it. */
  readonly value: string;
  readonly capture: CaptureFile;
}

/** A text that holds no placeholders, as a template. */
export function literal(text: string): string {
  return text.replace(/\$+(?=\{)/g, (dollars) => dollars + dollars);
}

/** What a secret, a variable or a capture may be called: `x-api-key` makes `X_API_KEY`. */
export function placeholderName(text: string): string {
  const name = text.replace(/[^A-Za-z0-9]+/g, '_').replace(/^_+|_+$/g, '');
  return /^[A-Za-z]/.test(name) ? name : `_${name}`;
}
