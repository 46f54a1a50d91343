import { createHash } from 'node:crypto';
import path from 'node:path';
import * as z from 'zod/mini';

/** What a `.tsbuildinfo` of TypeScript's incremental builds tells: the hash of each source as it was last built. */
const BUILD_INFO = z.object({
  fileNames: z.array(z.string()),
  fileInfos: z.array(z.union([z.string(), z.object({ version: z.optional(z.string()) })])),
  affectedFilesPendingEmit: z.optional(z.array(z.unknown())),
});

/**
 * Whether an incremental build saw `source` with this text and wrote all of it: then the source may be newer than its
 * map, since such builds write nothing for a file that was touched, or changed and changed back.
 * @param info text of the `.tsbuildinfo` that is at `infoFile`. False where it is none.
 */
export function isBuiltFrom(infoFile: string, info: string, source: string, text: string): boolean {
  let value: unknown;
  try {
    value = JSON.parse(info);
  } catch {
    return false;
  }
  // Until TypeScript 5.5 all but the version was in `program`.
  const program = (value as { readonly program?: unknown } | null)?.program ?? value;
  const parsed = BUILD_INFO.safeParse(program);
  if (!parsed.success || (parsed.data.affectedFilesPendingEmit?.length ?? 0) > 0) return false;
  const { fileNames, fileInfos } = parsed.data;
  const at = fileNames.findIndex((name) => path.resolve(path.dirname(infoFile), name) === source);
  const entry = fileInfos[at];
  const version = typeof entry === 'string' ? entry : entry?.version;
  return version === createHash('sha256').update(text).digest('hex');
}
