import { parentPort } from 'node:worker_threads';
import { ThroughlineError } from '../model/errors';
import { analyse } from './analyse';
import { analyseHeap } from './analyseHeap';
import { analyseLog } from './analyseLog';
import type { AnalysisReply, AnalysisRequest } from './analysisMessages';
import { ANALYSIS_REQUEST } from './analysisMessages';
import { writeCallTree } from './callTreeFile';
import { replyOfError } from './workerThread';

// Entry of the worker thread: one message in, progress and one reply out.

parentPort?.on('message', (message: unknown) => {
  void reply(message);
});

async function reply(message: unknown): Promise<void> {
  try {
    const parsed = ANALYSIS_REQUEST.safeParse(message);
    if (!parsed.success)
      throw new ThroughlineError('INTERNAL', 'The analysis got a message it does not know.');
    await handle(parsed.data as AnalysisRequest);
  } catch (error) {
    post(replyOfError(error, 'The profile could not be analysed.'));
  }
}

async function handle(message: AnalysisRequest): Promise<void> {
  const { profile, tree, stacks } = analysed(message);
  await writeCallTree(message.request.treeFile, tree, profile.frames, stacks);
  post({ type: 'profile', profile });
}

function analysed(message: AnalysisRequest): ReturnType<typeof analyse> {
  switch (message.type) {
    case 'analyse':
      return analyse(message.request, (progress) => post({ type: 'progress', progress }));
    case 'analyseHeap':
      return analyseHeap(message.request);
    case 'analyseLog':
      return analyseLog(message.capture, message.request);
  }
}

function post(message: AnalysisReply): void {
  parentPort?.postMessage(message);
}
