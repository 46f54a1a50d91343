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
    if (reply.profileId === this.profileId) waiting?.(reply.answer);
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

let lastRequest = 0;

/** Ids are unique in the page, over all profiles it shows. */
export function nextRequest(): number {
  return ++lastRequest;
}
