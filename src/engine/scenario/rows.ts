/** Content of a set of data: each row has a value for each column. */
export interface Rows {
  readonly columns: readonly string[];
  readonly rows: readonly (readonly string[])[];
}

/** All rows are held by each generator process. */
export const MAX_ROWS = 200_000;
export const MAX_COLUMNS = 200;
