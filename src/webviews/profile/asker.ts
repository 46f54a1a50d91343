import { errorMessage } from '../../engine/model/errors';
import type { FlameBoxes } from '../../engine/model/flame';
import { BadMessage, within } from '../../protocol/guards';
import type { FromProfile, ProfileAnswer, ProfileQuery, ToProfile } from '../../protocol/profile';
import type { Host } from '../ui/host';

type Reply = Extract<ToProfile, { type: 'reply' }>;
type AnswerOf<T> = Extract<ProfileAnswer, { type: T }>;

/** Asks the profile's session, and leads each answer to who asked. */
export class Asker {
  private readonly waiting = new Map<number, (answer: ProfileAnswer) => void>();

  constructor(
    private readonly host: Host<FromProfile>,
    private readonly profileId: string,
    private readonly frameCount: number,
    private readonly failed: (message: string) => void,
  ) {}

  /** `answered` is called once at most: not where the session failed, which is told in words. */
  ask<Q extends ProfileQuery>(query: Q, answered: (answer: AnswerOf<Q['type']>) => void): number {
    const request = nextRequest();
    this.waiting.set(request, (answer) => {
      if (answer.type === query.type) answered(answer as AnswerOf<Q['type']>);
      else if (answer.type === 'error') this.failed(answer.message);
    });
    this.host.post({ type: 'query', request, profileId: this.profileId, query });
    return request;
  }

  /** The answer is of no use any more. */
  forget(request: number): void {
    this.waiting.delete(request);
  }

  receive(reply: Reply): void {
    const waiting = this.waiting.get(reply.request);
    this.waiting.delete(reply.request);
    if (reply.profileId !== this.profileId || !waiting) return;
    try {
      checkFrames(reply.answer, this.frameCount);
    } catch (error) {
      this.failed(`The answer cannot be shown: ${errorMessage(error)}`);
      return;
    }
    waiting(reply.answer);
  }
}

/** One question at a time, of which only the latest counts: an earlier one that is not answered yet is forgotten. */
export class Latest {
  private request: number | undefined;

  constructor(private readonly asker: Asker) {}

  get isWaiting(): boolean {
    return this.request !== undefined;
  }

  ask<Q extends ProfileQuery>(query: Q, answered: (answer: AnswerOf<Q['type']>) => void): void {
    this.cancel();
    this.request = this.asker.ask(query, (answer) => {
      this.request = undefined;
      answered(answer);
    });
  }

  cancel(): void {
    if (this.request !== undefined) this.asker.forget(this.request);
    this.request = undefined;
  }
}

/** Throws `BadMessage` where an answer speaks of functions that the profile does not have. */
function checkFrames(answer: ProfileAnswer, frameCount: number): void {
  const check = (boxes: FlameBoxes) => within(boxes.frame, 'frame', -(2 ** 31), frameCount);
  switch (answer.type) {
    case 'page':
      return check(answer.page.boxes);
    case 'sandwich':
      check(answer.sandwich.callers);
      check(answer.sandwich.callees);
      if (answer.sandwich.frame >= frameCount) throw new BadMessage(`frame is ${answer.sandwich.frame}`);
      return;
    case 'table':
      return within(answer.table.frame, 'frame', 0, frameCount);
    case 'search':
      if (answer.result.state === 'ok' && answer.result.frames.length !== frameCount) {
        throw new BadMessage('it is of another profile');
      }
      return;
    case 'activity':
    case 'error':
      return;
  }
}

let lastRequest = 0;

/** Ids are unique in the page, over all profiles it shows. */
export function nextRequest(): number {
  return ++lastRequest;
}
