import path from 'node:path';
import type { Worker } from 'node:worker_threads';
import { CancelledError, throwIfCancelled, ThroughlineError } from '../model/errors';
import type { Profile } from '../model/profile';
import type { AnalyseProgress, AnalyseRequest } from './analyse';
import type { LogCapture } from './analyseLog';
import type { AnalysisReply, AnalysisRequest } from './analysisMessages';
import { crashError, errorOfReply, startWorker } from './workerThread';

export type { AnalyseProgress, AnalyseRequest };

export interface AnalysisOptions {
  readonly signal?: AbortSignal;
  readonly onProgress?: (progress: AnalyseProgress) => void;
}

/** Analyses profiles in a worker thread of `dist/analysis.cjs`: one a request, ended with it. */
export class Analysis {
  private readonly workers = new Set<Worker>();
  private disposed = false;

  /** @param dist folder of the built bundles. */
  constructor(private readonly dist: string) {}

  /**
   * From captures to functions and lines of the source; writes the call tree to `request.treeFile`.
   * @throws {ThroughlineError} BAD_PROFILE, STORE_FAILED, or INTERNAL where the worker crashed.
   * @throws {CancelledError} on the signal and on `dispose`.
   */
  analyse(request: AnalyseRequest, options: AnalysisOptions = {}): Promise<Profile> {
    return this.profile({ type: 'analyse', request: this.complete(request) }, options);
  }

  /** As `analyse`, of the allocations in the same captures: see `analyseHeap`. Bytes where the names say micros. */
  analyseHeap(request: AnalyseRequest, options: AnalysisOptions = {}): Promise<Profile> {
    return this.profile({ type: 'analyseHeap', request: this.complete(request) }, options);
  }

  /** As `analyse`, of V8's log or perf's stacks in place of captures. */
  analyseLog(
    capture: LogCapture,
    request: Omit<AnalyseRequest, 'captures'>,
    options: AnalysisOptions = {},
  ): Promise<Profile> {
    const complete = this.complete({ ...request, captures: [] });
    return this.profile({ type: 'analyseLog', capture, request: complete }, options);
  }

  /** Ends all work; what is under way is cancelled. */
  dispose(): void {
    this.disposed = true;
    for (const worker of this.workers) void worker.terminate();
  }

  private complete(request: AnalyseRequest): AnalyseRequest {
    return { ...request, agentFile: request.agentFile ?? path.join(this.dist, 'agent.cjs') };
  }

  private async profile(request: AnalysisRequest, options: AnalysisOptions): Promise<Profile> {
    const reply = await this.ask(request, options);
    if (reply.type !== 'profile') throw new ThroughlineError('INTERNAL', 'The analysis gave another reply.');
    return reply.profile;
  }

  private async ask(
    request: AnalysisRequest,
    { signal, onProgress }: AnalysisOptions,
  ): Promise<AnalysisReply> {
    if (signal) throwIfCancelled(signal);
    if (this.disposed) throw new CancelledError();
    const worker = startWorker(this.dist, 'analysis.cjs');
    this.workers.add(worker);
    const cancel = () => void worker.terminate();
    signal?.addEventListener('abort', cancel, { once: true });
    try {
      return await this.converse(worker, request, signal, onProgress);
    } finally {
      signal?.removeEventListener('abort', cancel);
      this.workers.delete(worker);
      await worker.terminate();
    }
  }

  private converse(
    worker: Worker,
    request: AnalysisRequest,
    signal: AbortSignal | undefined,
    onProgress: AnalysisOptions['onProgress'],
  ): Promise<AnalysisReply> {
    return new Promise((resolve, reject) => {
      worker.on('message', (reply: AnalysisReply) => {
        if (reply.type === 'progress') onProgress?.(reply.progress);
        else if (reply.type === 'error') reject(errorOfReply(reply));
        else resolve(reply);
      });
      worker.on('error', (error: Error) => reject(crashError(error, 'analysis')));
      worker.on('exit', (code) => {
        if (signal?.aborted === true || this.disposed) reject(new CancelledError());
        else reject(new ThroughlineError('INTERNAL', `The analysis ended early (exit code ${code}).`));
      });
      worker.postMessage(request);
    });
  }
}
