/** Something wrong in a file, at its place; lines and columns are 1-based, the end is exclusive. */
export interface Problem {
  readonly severity: 'error' | 'warning';
  /** One sentence that says what is wrong and what is right. */
  readonly message: string;
  readonly line: number;
  readonly column: number;
  readonly endLine: number;
  readonly endColumn: number;
}
