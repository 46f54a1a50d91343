import * as z from 'zod/mini';
import type { FlameColumns } from '../model/flame';
import type { Profile } from '../model/profile';
import type { AnalyseProgress, AnalyseRequest } from './analyse';
import type { V8LogCapture } from './analyseV8Log';
import type { FlameLayoutOptions } from './flameLayout';
import type { FailedReply } from './workerThread';

export interface LayoutRequest {
  readonly treeFile: string;
  readonly options?: FlameLayoutOptions;
}

/** What the client asks of the worker; one at a time, the worker replies once. */
export type AnalysisRequest =
  | { readonly type: 'analyse'; readonly request: AnalyseRequest }
  | { readonly type: 'analyseHeap'; readonly request: AnalyseRequest }
  | {
      readonly type: 'analyseV8Log';
      readonly capture: V8LogCapture;
      readonly request: AnalyseRequest;
    }
  | { readonly type: 'layout'; readonly request: LayoutRequest };

export type AnalysisReply =
  | { readonly type: 'progress'; readonly progress: AnalyseProgress }
  | { readonly type: 'profile'; readonly profile: Profile }
  | { readonly type: 'columns'; readonly columns: FlameColumns }
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
    type: z.literal('analyseV8Log'),
    capture: z.object({ file: z.string(), pid: z.number() }),
    request: analyse,
  }),
  z.object({
    type: z.literal('layout'),
    request: z.object({
      treeFile: z.string(),
      options: z.optional(z.object({ minMicros: z.optional(z.number()) })),
    }),
  }),
]);
