import path from 'node:path';
import { parentPort } from 'node:worker_threads';
import { ThroughlineError } from '../model/errors';
import type { StackProfile } from '../model/stackProfile';
import type { ExportFormat, ViewSpec } from '../model/view';
import { costsPart } from './costParts';
import { exportProfile } from './export/exportProfile';
import { type Opened, openProfile } from './open/openProfile';
import { profileInfo } from './profileInfo';
import {
  type OpenedProfile,
  type OpenRequest,
  type ProfileOrigin,
  SESSION_REQUEST,
  type SessionCosts,
  type SessionReply,
  type SessionRequest,
} from './sessionMessages';
import { type Difference, differenceOf } from './view/difference';
import { ProfileViews } from './view/profileViews';
import { transferables } from './transferables';
import { replyOfError } from './workerThread';

// Entry of a session's worker thread: opens one profile, then answers requests about it, each under its id.

interface Session {
  readonly profile: StackProfile;
  /** What the user calls it. */
  readonly title: string;
  readonly views: ProfileViews;
  readonly opened: OpenedProfile;
  costs(): SessionCosts;
}

let session: Session | undefined;
/** Requests are answered one after another, so that none overtakes the opening. */
let last = Promise.resolve();

parentPort?.on('message', (message: unknown) => {
  last = last.then(() => reply(message));
});

async function reply(message: unknown): Promise<void> {
  const id = (message as { readonly id?: unknown } | null)?.id;
  if (typeof id !== 'number') return;
  try {
    const parsed = SESSION_REQUEST.safeParse(message);
    if (!parsed.success) {
      throw new ThroughlineError(
        'INTERNAL',
        'The session got a message it does not know.',
        parsed.error.message,
      );
    }
    const value = await answer(parsed.data as SessionRequest);
    // What the session keeps is copied: only what was made for this reply is handed over.
    post({ id, type: 'value', value }, KEPT.has(parsed.data.type) ? [] : transferables(value));
  } catch (error) {
    post({ id, ...replyOfError(error, 'The profile could not be shown.') });
  }
}

const KEPT = new Set<SessionRequest['type']>(['open', 'costs']);

async function answer(message: SessionRequest): Promise<unknown> {
  if (message.type === 'open') {
    session = await open(message.request, message.id);
    return session.opened;
  }
  if (!session) throw new ThroughlineError('INTERNAL', 'The session has no profile open.');
  const { views } = session;
  switch (message.type) {
    case 'page':
      return views.page(message.request);
    case 'sandwich':
      return views.sandwich(message.spec, message.frame);
    case 'table':
      return views.table(message.request);
    case 'search':
      return views.search(message.request);
    case 'activity':
      return views.activity(message.buckets);
    case 'costs':
      return costsPart(session.costs(), message.part);
    case 'export':
      return exportText(session, message.format, message.spec);
  }
}

function exportText({ views, profile, title }: Session, format: ExportFormat, spec: ViewSpec): string {
  const inversions = spec.transforms.filter(({ type }) => type === 'invert').length;
  return exportProfile(format, profile, views.tree(spec), { title, inverted: inversions % 2 === 1 });
}

async function open(request: OpenRequest, id: number): Promise<Session> {
  const { before, ...after } = request;
  const progressOf = (begin: number, end: number): Parameters<typeof openProfile>[1] => {
    return ({ message, fraction }) => {
      const scaled = fraction === undefined ? {} : { fraction: begin + fraction * (end - begin) };
      post({ id, type: 'progress', progress: { message, ...scaled } });
    };
  };
  const opened = await openProfile(after, progressOf(0, before ? 0.5 : 1));
  let difference: Difference | undefined;
  if (before) {
    const shown = opened.profiles[opened.active]!;
    const other = await openNamed({ ...after, origin: before }, shown, progressOf(0.5, 1));
    const names = { before: originName(before), after: originName(request.origin) };
    difference = differenceOf(other.profile, opened.profile, names);
  }
  const profile = difference?.profile ?? opened.profile;
  let costs: SessionCosts | undefined;
  return {
    profile,
    title: originName(request.origin),
    views: new ProfileViews(profile, difference?.selfBefore),
    opened: { info: profileInfo(opened, profile, difference?.info), frames: profile.frames },
    costs: () => (costs ??= opened.costs()),
  };
}

/** Of a file with several profiles the one called `name`, where there is one. */
async function openNamed(
  { profile: _profile, ...request }: OpenRequest,
  name: string,
  onProgress: Parameters<typeof openProfile>[1],
): Promise<Opened> {
  const opened = await openProfile(request, onProgress);
  const named = opened.profiles.indexOf(name);
  if (named < 0 || opened.profiles[opened.active] === name) return opened;
  return openProfile({ ...request, profile: named }, onProgress);
}

/** A file by its name, a run by its folder's. */
function originName(origin: ProfileOrigin): string {
  return origin.kind === 'file' ? path.basename(origin.file) : path.basename(path.dirname(origin.treeFile));
}

function post(message: SessionReply, transfer: readonly ArrayBuffer[] = []): void {
  parentPort?.postMessage(message, transfer);
}
