import type { Profile } from '../../engine/model/profile';
import type { Page, ProfileInfo, ViewSpec } from '../../engine/model/view';
import {
  ProfileSession,
  type OpenOptions,
  type OpenRequest,
  type SessionCosts,
} from '../../engine/profile/session';
import type { ProfileAnswer, ProfileQuery, ShownFrames, ValueBasis } from '../../protocol/profile';
import { FramePlaceIndex } from './framePlaces';
import type { ProfileContent } from './profileContent';
import { shownFrames } from './shownFrames';

/** What is shown first: plumbing of server frameworks is folded until the user unfolds it. */
const FIRST_SPEC: ViewSpec = { transforms: [{ type: 'foldFrameworks' }] };
/** A screen's pixels: narrower boxes are asked for when the user zooms. */
const FIRST_WIDTH = 4096;

/** A content's profile, held open, with what the webview is told of it. */
export class OpenedSession {
  readonly places: FramePlaceIndex;
  private asked: Promise<SessionCosts> | undefined;
  private known: SessionCosts | undefined;

  private constructor(
    readonly content: ProfileContent,
    readonly request: OpenRequest,
    private readonly session: ProfileSession,
    readonly frames: ShownFrames,
    readonly page: Page,
  ) {
    this.places = new FramePlaceIndex(session.opened.frames);
  }

  /** As `ProfileSession.open`. */
  static async open(
    dist: string,
    content: ProfileContent,
    request: OpenRequest,
    options: OpenOptions,
  ): Promise<OpenedSession> {
    const session = await ProfileSession.open(dist, request, options);
    try {
      const { info, frames } = session.opened;
      // In time order and merged alike, the root's width is what `total` is.
      const first = session.page({ spec: FIRST_SPEC, mode: 'merged', min: info.total / FIRST_WIDTH });
      const [page, shown] = await Promise.all([first, shownFrames(frames, content.folder)]);
      return new OpenedSession(content, request, session, shown, page);
    } catch (error) {
      session.dispose();
      throw error;
    }
  }

  /** Told to the webview: another of the file's profiles is another profile. */
  get id(): string {
    return `${this.content.id}#${this.info.active}`;
  }

  get info(): ProfileInfo {
    return this.session.opened.info;
  }

  get spec(): ViewSpec {
    return FIRST_SPEC;
  }

  get basis(): ValueBasis {
    const { unit, unitName, total, cpuScale, requests = 0 } = this.info;
    const { origin } = this.request;
    // Shares of a run are those of its lists.
    const whole = origin.kind === 'run' && unit === 'micros' && origin.activeMicros > 0;
    return {
      unit,
      ...(unitName !== undefined && { unitName }),
      total: whole ? origin.activeMicros : total,
      cpuScale,
      requests,
    };
  }

  /** How many functions with a file of their own the sources were sought of, and of how many they were found. */
  placed(): { readonly found: number; readonly of: number } {
    const { places, urlOf } = this.session.opened.frames;
    let found = 0;
    let of = 0;
    for (let frame = 0; frame < urlOf.length; frame++) {
      if (urlOf[frame]! < 0 || this.frames.kinds[frame] !== 0) continue;
      of++;
      if ((places?.fileOf[frame] ?? -1) >= 0) found++;
    }
    return { found, of };
  }

  /** Whether any function has a source on this machine. */
  get hasPlaces(): boolean {
    return this.session.opened.frames.places?.fileOf.some((file) => file >= 0) === true;
  }

  costs(): Promise<SessionCosts> {
    this.asked ??= this.session.costs().then((costs) => (this.known = costs));
    return this.asked;
  }

  /** Functions and lines where they are known by now: a click does not wait for them. */
  get knownProfile(): Profile | undefined {
    return this.content.profile ?? this.known?.profile;
  }

  async answer(query: ProfileQuery): Promise<ProfileAnswer> {
    const { session } = this;
    switch (query.type) {
      case 'page':
        return { type: 'page', page: await session.page(query.request) };
      case 'sandwich':
        return { type: 'sandwich', sandwich: await session.sandwich(query.spec, query.frame) };
      case 'table':
        return { type: 'table', table: await session.table(query.request) };
      case 'search':
        return { type: 'search', result: await session.search(query.request) };
      case 'activity': {
        const activity = await session.activity(query.buckets);
        return { type: 'activity', ...(activity && { activity }) };
      }
    }
  }

  export: ProfileSession['export'] = (format, spec) => this.session.export(format, spec);

  dispose(): void {
    this.session.dispose();
  }
}
