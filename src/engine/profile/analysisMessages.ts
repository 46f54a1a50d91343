import * as z from 'zod/mini';
import type { Profile } from '../model/profile';
import type { AnalyseProgress, AnalyseRequest } from './analyse';
import type { LogCapture } from './analyseLog';
import type { FailedReply } from './workerThread';

/** What the client asks of the worker; one at a time, the worker replies once. */
export type AnalysisRequest =
  | { readonly type: 'analyse'; readonly request: AnalyseRequest }
  | { readonly type: 'analyseHeap'; readonly request: AnalyseRequest }
  | {
      readonly type: 'analyseLog';
      readonly capture: LogCapture;
      readonly request: AnalyseRequest;
    };

export type AnalysisReply =
  | { readonly type: 'progress'; readonly progress: AnalyseProgress }
  | { readonly type: 'profile'; readonly profile: Profile }
  | FailedReply;

const span = z.object({ startMicros: z.number(), endMicros: z.number() });

const analyse = z.object({
  captures: z.array(
    z.object({
      folder: z.string(),
      pid: z.number(),
      thread: z.string(),
      clusterWorker: z.exactOptional(z.boolean()),
    }),
  ),
  window: z.optional(span),
  appFolder: z.string(),
  workspaceFolders: z.optional(z.array(z.string())),
  agentFile: z.optional(z.string()),
  treeFile: z.string(),
});

/** Checked by the worker. The replies carry the worker's own values and are not checked again. */
export const ANALYSIS_REQUEST = z.discriminatedUnion('type', [
  z.object({ type: z.literal('analyse'), request: analyse }),
  z.object({ type: z.literal('analyseHeap'), request: analyse }),
  z.object({
    type: z.literal('analyseLog'),
    capture: z.discriminatedUnion('format', [
      z.object({ format: z.literal('v8log'), file: z.string(), pid: z.number() }),
      z.object({ format: z.literal('perfScript'), file: z.string() }),
    ]),
    request: analyse,
  }),
]);
