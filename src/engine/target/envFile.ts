/** `NAME=value` lines as dotenv reads them: comments, `export`, quotes; no expansion. */
export function parseEnvFile(text: string): Record<string, string> {
  const env: Record<string, string> = {};
  const line =
    /^[ \t]*(?:export[ \t]+)?([\w.-]+)[ \t]*=[ \t]*("(?:\\.|[^"\\])*"|'[^']*'|`[^`]*`|[^#\r\n]*)/gm;
  for (const [, name, raw = ''] of text.matchAll(line)) {
    if (name !== undefined) env[name] = unquoted(raw.trim());
  }
  return env;
}

function unquoted(value: string): string {
  const quote = value.charAt(0);
  if (value.length < 2 || !`"'\``.includes(quote) || !value.endsWith(quote)) return value;
  const inner = value.slice(1, -1);
  return quote === '"'
    ? inner
        .replace(/\\n/g, '\n')
        .replace(/\\r/g, '\r')
        .replace(/\\(["\\])/g, '$1')
    : inner;
}
