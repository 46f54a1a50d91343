const NAME = '[A-Z][A-Z0-9]*(?:_[A-Z0-9]+)+|[A-Z][A-Z0-9]{2,}';
/** Upper-case words that are no variable of the user's. */
const NO_NAME =
  /^(E[A-Z]{3,}|ERR_\w+|MODULE_NOT_FOUND|JSON|HTTP|HTTPS|NODE|ERROR|WARN|INFO|FATAL|ENV|UTF8|ESM|CJS)$/;

/**
 * The environment variable that an app says it lacks, or undefined. Reads the words of hand-written checks and
 * those of envalid, env-var, zod, Joi, dotenv-safe and Prisma.
 */
export function missingVariable(output: string): string | undefined {
  for (const pattern of PATTERNS) {
    for (const match of output.matchAll(pattern)) {
      const name = match.groups?.['name'];
      if (name && !NO_NAME.test(name) && !/ReferenceError/.test(match[0])) return name;
    }
  }
  return undefined;
}

const lacks = String.raw`(?:not (?:defined|set|provided|present|specified|found|configured)|undefined|unset|missing|required|a required|empty)`;

const PATTERNS = [
  // "Missing environment variable X", "environment variable not found: X", "Required env var X", and a list below it.
  new RegExp(
    String.raw`(?:[Mm]issing|[Rr]equired|[Ii]nvalid|[Uu]ndefined|[Uu]nset|[Ss]et|[Nn]eeds?|[Pp]rovide|not found)\b[^\n]{0,40}\b(?:[Ee]nvironment|ENVIRONMENT|[Ee]nv|ENV)[ -]?(?:[Vv]ar(?:iable)?s?)?\b[^A-Z]{0,80}\b(?<name>${NAME})\b`,
    'g',
  ),
  new RegExp(
    String.raw`[Ee]nv(?:ironment)?[ -][Vv]ar(?:iable)?s?\b[^\nA-Z]{0,40}\b(?<name>${NAME})\b[^\n]{0,40}\b${lacks}`,
    'g',
  ),
  new RegExp(
    String.raw`[Ee]nv(?:ironment)? [Vv]ar(?:iable)?s? (?:not found|missing|required)[^A-Z]{0,40}\b(?<name>${NAME})\b`,
    'g',
  ),
  // "X is not set", "X must be set", `process.env.X is required`, `"X" is a required variable`
  new RegExp(
    String.raw`^[^\n]*\b(?<name>${NAME})\b["'${'`'}]?,? (?:(?:env(?:ironment)? )?var(?:iable)? )?(?:is|was|are) ${lacks}\b`,
    'gm',
  ),
  new RegExp(
    String.raw`\b(?<name>${NAME})\b["'${'`'}]? (?:(?:env(?:ironment)? )?var(?:iable)? )?(?:must|has to|needs to|should) be (?:set|defined|provided|present|specified)`,
    'g',
  ),
  // "X required", "Missing X", "Please set X"
  new RegExp(
    String.raw`\b(?:[Mm]issing|[Pp]lease (?:set|provide|define))(?: required)?:? ["'${'`'}]?(?<name>${NAME})\b`,
    'g',
  ),
  // dotenv-safe
  new RegExp(String.raw`not present in the environment[^A-Z]{0,40}\b(?<name>${NAME})\b`, 'g'),
  // zod's issues
  new RegExp(
    String.raw`path"?: \[\s*["'](?<name>${NAME})["']\s*\][^\]}]{0,200}(?:[Rr]equired|received undefined)`,
    'g',
  ),
  new RegExp(
    String.raw`(?:[Rr]equired|received undefined)[^\]}]{0,200}path"?: \[\s*["'](?<name>${NAME})["']`,
    'g',
  ),
];
