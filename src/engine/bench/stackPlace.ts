import { fileURLToPath } from 'node:url';
import type { FilePlace, ReportedError } from './messages';

const MAX_TEXT = 16_000;

export function reportError(error: unknown, file: string): ReportedError {
  const stack = error instanceof Error ? (error.stack ?? String(error)) : safeString(error);
  const message = error instanceof Error ? error.message || error.name : safeString(error);
  const place = placeInStack(stack, file);
  return {
    message: message.slice(0, MAX_TEXT),
    stack: stack.slice(0, MAX_TEXT),
    ...(place && { place }),
  };
}

/** The innermost frame of V8's stack text that lies in `file` (absolute). */
export function placeInStack(stack: string, file: string): FilePlace | undefined {
  for (const line of stack.split('\n')) {
    const match = FRAME.exec(line.trimEnd()) ?? SYNTAX_ERROR.exec(line.trimEnd());
    if (match && samePath(match[1]!, file)) {
      return { line: Number(match[2]), column: Number(match[3] ?? 1) };
    }
  }
  return undefined;
}

/** `    at async Task.fn (file:///app/a.ts:7:9)`, with or without the name. */
const FRAME = /^\s+at (?:.*?\()?(?:async )?((?:file:|\/|[a-z]:[\\/]).*?):(\d+):(\d+)\)?$/i;
/** Node's `file:///app/a.mjs:3`, esbuild's `/app/a.ts:3:7: ERROR: Expected …`. */
const SYNTAX_ERROR = /^((?:file:|\/|[a-z]:[\\/]).*?):(\d+)(?::(\d+))?(?:: .*)?$/i;

function samePath(found: string, file: string): boolean {
  let path = found;
  if (found.startsWith('file:')) {
    try {
      path = fileURLToPath(found.replace(/[?#].*$/, ''));
    } catch {
      return false;
    }
  }
  return process.platform === 'win32' ? path.toLowerCase() === file.toLowerCase() : path === file;
}

/** What was thrown may be anything, also an object whose `toString` throws. */
function safeString(value: unknown): string {
  try {
    return String(value);
  } catch {
    return 'something that cannot be shown was thrown';
  }
}
