/** Functions of the exported script, by name; those that it uses are written into it. */
export const HELPERS = {
  known: `/** Ends the iteration where a value is not known: a request without it must not be sent. */
function known(value, name) {
  if (value === undefined) throw new Error(\`no value for \${name}\`);
  return value;
}`,
  inPath: `/** Percent-encodes what cannot be in a path; "/", "?", "&" and "%" stay. */
function inPath(value) {
  return value.replace(/[^!$-;=?-[\\]_a-z~]+/g, encodeURIComponent);
}`,
  inJson: `function inJson(value) {
  return JSON.stringify(value).slice(1, -1);
}`,
  inHeader: `function inHeader(value) {
  return value.replace(/[\\u0000-\\u0008\\u000a-\\u001f\\u007f]+/g, " ");
}`,
  row: `/** Rows in turn over all iterations that take one. \`uses\`: which turns of the flows do. */
function row(rows, uses) {
  const turn = exec.scenario.iterationInTest;
  const cycles = Math.floor(turn / uses.length);
  const each = uses.reduce((sum, use) => sum + use, 0);
  const before = uses.slice(0, turn % uses.length).reduce((sum, use) => sum + use, 0);
  return rows[(cycles * each + before) % rows.length];
}`,
  randomRow: `function randomRow(rows) {
  return rows[Math.floor(Math.random() * rows.length)];
}`,
  bodyOf: `function bodyOf(reply) {
  return typeof reply.body === "string" ? reply.body : "";
}`,
  at: `/** The value at a JSON pointer (RFC 6901), or undefined. */
function at(reply, pointer) {
  let value;
  try {
    value = JSON.parse(bodyOf(reply));
  } catch (notJson) {
    return undefined;
  }
  for (const raw of pointer.split("/").slice(1)) {
    const key = raw.replace(/~1/g, "/").replace(/~0/g, "~");
    if (value === null || typeof value !== "object" || !Object.prototype.hasOwnProperty.call(value, key))
      return undefined;
    if (Array.isArray(value) && !/^(0|[1-9][0-9]*)$/.test(key)) return undefined;
    value = value[key];
  }
  return value;
}`,
  textAt: `function textAt(reply, pointer) {
  const value = at(reply, pointer);
  return value === undefined || typeof value === "string" ? value : JSON.stringify(value);
}`,
  header: `function header(reply, name) {
  const found = Object.keys(reply.headers).find((key) => key.toLowerCase() === name);
  return found === undefined ? undefined : reply.headers[found];
}`,
  firstMatch: `function firstMatch(reply, pattern) {
  const match = pattern.exec(bodyOf(reply));
  return match === null ? undefined : match.length > 1 ? match[1] : match[0];
}`,
  same: `function same(a, b) {
  if (a === b) return true;
  if (a === null || b === null || typeof a !== "object" || typeof b !== "object") return false;
  const keys = Object.keys(a);
  return (
    Array.isArray(a) === Array.isArray(b) &&
    keys.length === Object.keys(b).length &&
    keys.every((key) => Object.prototype.hasOwnProperty.call(b, key) && same(a[key], b[key]))
  );
}`,
  within: `function within(value, ranges) {
  return ranges.some(([low, high]) => value >= low && value <= high);
}`,
  follow: `/** Redirects within the target's origin; another origin is never followed. */
function follow(first, method, body, params) {
  let reply = first;
  for (let left = MAX_REDIRECTS; left > 0 && [301, 302, 303, 307, 308].includes(reply.status); left--) {
    const location = header(reply, "location");
    if (location === undefined) break;
    const path = location.startsWith(\`\${ORIGIN}/\`) ? location.slice(ORIGIN.length) : location;
    if (!path.startsWith("/") || path.startsWith("//")) break;
    if (reply.status < 307 && method !== "GET" && method !== "HEAD") {
      method = "GET";
      body = null;
    }
    reply = http.request(method, ORIGIN + path, body, Object.assign({}, params, { jar: new http.CookieJar() }));
  }
  return reply;
}`,
} as const;

export type Helper = keyof typeof HELPERS;

/** Helpers that a helper calls. */
export const HELPER_NEEDS: Partial<Record<Helper, readonly Helper[]>> = {
  at: ['bodyOf'],
  textAt: ['at', 'bodyOf'],
  firstMatch: ['bodyOf'],
  follow: ['header'],
};
