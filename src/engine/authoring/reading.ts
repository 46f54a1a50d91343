import { errorMessage, ThroughlineError } from '../model/errors';

/** Of a document: more is no document of an author, or a recording with everything that was downloaded. */
export const MOST_BYTES = { openapi: 20_000_000, har: 64_000_000, http: 5_000_000 } as const;
/** Requests of one document that are offered. */
export const MOST_REQUESTS = 2000;

export type JsonObject = Readonly<Record<string, unknown>>;

/** @param line 1-based, where it is known. */
export function badDocument(name: string, message: string, line?: number): ThroughlineError {
  return new ThroughlineError('BAD_DOCUMENT', `${name}${line === undefined ? '' : `:${line}`}: ${message}`);
}

/** Throws `BAD_DOCUMENT` with the line of a mistake. */
export function parseJsonDocument(text: string, name: string): unknown {
  try {
    return JSON.parse(text.replace(/^\ufeff/, ' ')) as unknown;
  } catch (error) {
    const message = errorMessage(error);
    const [, position] = /position (\d+)/.exec(message) ?? [];
    const at = position === undefined ? text.trimEnd().length : Number(position);
    throw badDocument(
      name,
      'It is no JSON: something is wrong here, or it ends too early.',
      lineOf(text, at),
    );
  }
}

/** 1-based, of an offset. */
export function lineOf(text: string, offset: number): number {
  let line = 1;
  for (let at = text.indexOf('\n'); at >= 0 && at < offset; at = text.indexOf('\n', at + 1)) line++;
  return line;
}

export function isObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

export function objectOf(value: unknown): JsonObject {
  return isObject(value) ? value : {};
}

export function listOf(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : [];
}

export function textOf(value: unknown): string | undefined {
  return typeof value === 'string' ? value : undefined;
}

/** Whether load may go there without being asked: this machine. */
export function isLoopback(origin: string): boolean {
  if (!URL.canParse(origin)) return false;
  const { hostname } = new URL(origin);
  return (
    hostname === 'localhost' ||
    hostname === '[::1]' ||
    /^127(\.\d{1,3}){3}$/.test(hostname) ||
    hostname.endsWith('.localhost')
  );
}
