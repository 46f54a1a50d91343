/** Every value in quotes: line breaks, separators and quotes in it change nothing (RFC 4180). */
export function csvText(rows: readonly (readonly string[])[]): string {
  return rows.map((row) => `${row.map((value) => `"${value.replace(/"/g, '""')}"`).join(',')}\r\n`).join('');
}
