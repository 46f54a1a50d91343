import type { StackProfile } from '../../model/stackProfile';
import type {
  Activity,
  Page,
  PageRequest,
  Sandwich,
  SearchRequest,
  SearchResult,
  TablePage,
  TableRequest,
  Transform,
  ViewSpec,
} from '../../model/view';
import { timelineActivity } from './activity';
import { ByteCache, columnBytes } from './byteCache';
import { type FunctionTotals, functionTotals, sortFunctions, tablePage } from './functionTable';
import { cutLimited, type FlameLayout, layoutTree } from './layout';
import { matchFrames, type QueryMatch } from './query';
import { restrictTree, sumTimeline, type TimelineSums } from './restrict';
import { sandwich } from './sandwich';
import { foundInLayout, matchedValues } from './search';
import { indexTime, type TimeIndex } from './timeIndex';
import { cutTimePageLimited } from './timeOrder';
import { foundInTime } from './timeSearch';
import { reshape } from './transforms';
import { composeNodes, type Reshaped, reweigh, type ViewTree } from './viewTree';

/** More boxes than this are not sent at once: `Page.min` tells what was left out. */
const MAX_PAGE_BOXES = 500_000;
/** What is kept of views that were shown before, so that going back is at once. */
const CACHE_BYTES = 256 * 1024 * 1024;

/** Answers what views ask of one profile, and keeps what the last few of them were computed from. */
export class ProfileViews {
  private readonly original: ViewTree;
  private wholeSums: TimelineSums | undefined;
  private readonly shapes = new ByteCache<Reshaped | undefined>(CACHE_BYTES / 4);
  private readonly views = new ByteCache<View>(CACHE_BYTES / 2);
  private readonly timeIndexes = new ByteCache<TimeIndex>(CACHE_BYTES / 4);

  /** @param selfBefore of a difference; see `differenceOf`. */
  constructor(
    private readonly profile: StackProfile,
    selfBefore?: Float64Array,
  ) {
    this.original = selfBefore ? { ...profile.tree, selfBefore } : profile.tree;
  }

  page({ spec, mode, from, to, min }: PageRequest): Page {
    const bounds = { ...(from !== undefined && { from }), ...(to !== undefined && { to }), min };
    if (mode === 'timeOrder') {
      const index = this.timeIndex(spec);
      const cut = cutTimePageLimited(index, bounds, MAX_PAGE_BOXES);
      return pageOf(cut, index.boxCount, bounds);
    }
    const { layout, tree } = this.view(spec);
    return pageOf(cutLimited(layout, tree, bounds, MAX_PAGE_BOXES), layout.boxCount, bounds);
  }

  /** Of the view before it is inverted, as the table. */
  sandwich(spec: ViewSpec, frame: number): Sandwich {
    return sandwich(this.profile.frames, this.view(uninverted(spec)).tree, frame);
  }

  /**
   * An inverted view has the functions and values of the view that was inverted, which knows them all. What was focused
   * after it is part of a chain of callers, which the inverted tree alone has.
   */
  table({ spec, query, sortBy, descending, offset, limit }: TableRequest): TablePage {
    const view = this.view(isFocusedInverted(spec) ? spec : uninverted(spec));
    const sorted = view.sorted(JSON.stringify([query, sortBy, descending]), (totals) => {
      const match = query.trim() === '' ? undefined : matchFrames(this.profile.frames, query);
      // What cannot be asked matches nothing; the search says why.
      if (match?.state === 'bad') return new Int32Array(0);
      return sortFunctions(totals, this.profile.frames, { sortBy, descending }, match?.frames);
    });
    return tablePage(view.totals, sorted, offset, limit);
  }

  search({ spec, mode, query }: SearchRequest): SearchResult {
    const match: QueryMatch = matchFrames(this.profile.frames, query);
    if (match.state === 'bad') return match;
    const { frames } = match;
    const view = this.view(mode === 'timeOrder' ? uninverted(spec) : spec);
    const found =
      mode === 'timeOrder'
        ? foundInTime(this.timeIndex(spec), frames)
        : foundInLayout(view.layout, view.tree, frames);
    return { state: 'ok', frames, ...matchedValues(view.tree, frames), ...found };
  }

  activity(buckets: number): Activity | undefined {
    return timelineActivity(this.profile, buckets);
  }

  /** The tree that a view shows, e.g. for an export. */
  tree(spec: ViewSpec): ViewTree {
    return this.view(spec).tree;
  }

  private view(spec: ViewSpec): View {
    const key = JSON.stringify([spec.transforms, spec.range ?? null, spec.threads ?? null]);
    return this.views.get(
      key,
      () => {
        const restricted = this.restricted(spec);
        const shape = this.shape(spec.transforms);
        const tree = shape ? reweigh(shape, restricted) : restricted;
        return new View(tree, this.profile.frames.names.length, isInverted(spec.transforms));
      },
      (view) => view.bytes,
    );
  }

  private restricted({ range, threads }: ViewSpec): ViewTree {
    const { profile, original } = this;
    if (!profile.timeline || (!range && !threads)) return original;
    this.wholeSums ??= sumTimeline(profile.timeline, profile.threads, original.parent.length);
    return restrictTree(profile, original, this.wholeSums, { range, threads });
  }

  /**
   * What all of the transforms make of the profile's nodes, from what all but the last make of them. It is the same
   * for every range and thread, which so are cheap to change. Undefined where nothing changes.
   */
  private shape(transforms: readonly Transform[]): Reshaped | undefined {
    const last = transforms.at(-1);
    if (!last) return undefined;
    return this.shapes.get(
      JSON.stringify(transforms),
      () => {
        const first = this.shape(transforms.slice(0, -1));
        const second = reshape(
          this.profile.frames,
          first ? reweigh(first, this.original) : this.original,
          last,
        );
        if (!first || !second) return second ?? first;
        return { ...second, nodeOf: composeNodes(first.nodeOf, second.nodeOf) };
      },
      (shape) => (shape ? columnBytes(shape) : 0),
    );
  }

  /** Time order has no callers above callees. */
  private timeIndex(spec: ViewSpec): TimeIndex {
    const { transforms, range, threads } = uninverted(spec);
    return this.timeIndexes.get(
      JSON.stringify([transforms, range ?? null, threads ?? null]),
      () => {
        const { profile } = this;
        const shape = this.shape(transforms);
        const tree = shape ? reweigh(shape, this.original) : this.original;
        const timeline = profile.timeline ?? { node: new Int32Array(0), start: new Float64Array(0) };
        return indexTime({ threads: profile.threads, timeline }, tree, shape?.nodeOf, { range, threads });
      },
      (index) => columnBytes(index) + index.lanes.reduce((bytes, lane) => bytes + columnBytes(lane), 0),
    );
  }
}

/** A tree and what is computed from it when it is first asked for. */
class View {
  private laidOut: FlameLayout | undefined;
  private summed: FunctionTotals | undefined;
  private readonly orders = new ByteCache<Int32Array>(16 * 1024 * 1024);

  constructor(
    readonly tree: ViewTree,
    private readonly frameCount: number,
    private readonly inverted: boolean,
  ) {}

  get layout(): FlameLayout {
    return (this.laidOut ??= layoutTree(this.tree));
  }

  get totals(): FunctionTotals {
    return (this.summed ??= functionTotals(this.tree, this.layout, this.frameCount, this.inverted));
  }

  /** An order of the functions, kept for its further pages. */
  sorted(key: string, sort: (totals: FunctionTotals) => Int32Array): Int32Array {
    return this.orders.get(
      key,
      () => sort(this.totals),
      (order) => order.byteLength,
    );
  }

  /** With what may yet be computed, so that the cache's bound holds. */
  get bytes(): number {
    const layoutBytesPerNode = 44;
    const totalsBytesPerFrame = 44;
    return (
      columnBytes(this.tree) +
      this.tree.parent.length * layoutBytesPerNode +
      this.frameCount * totalsBytesPerFrame
    );
  }
}

function isInverted(transforms: readonly Transform[]): boolean {
  return transforms.filter(({ type }) => type === 'invert').length % 2 === 1;
}

function isFocusedInverted({ transforms }: ViewSpec): boolean {
  const focus = transforms.findLastIndex(({ type }) => type === 'focusFunction' || type === 'focusSubtree');
  return isInverted(transforms) && focus >= 0 && isInverted(transforms.slice(0, focus));
}

/**
 * The view without `invert`, for what does not depend on it. A subtree that was focused while it was inverted is a path
 * of callers, which is none of this view's.
 */
function uninverted(spec: ViewSpec): ViewSpec {
  const transforms = spec.transforms.filter(
    ({ type }, index) =>
      type !== 'invert' && !(type === 'focusSubtree' && isInverted(spec.transforms.slice(0, index))),
  );
  return transforms.length === spec.transforms.length ? spec : { ...spec, transforms };
}

function pageOf(
  cut: Pick<Page, 'boxes' | 'min'>,
  boxCount: number,
  bounds: { readonly from?: number; readonly to?: number },
): Page {
  const { boxes } = cut;
  const whole = !boxes.sampled && boxes.node.length === boxCount;
  return {
    boxes,
    boxCount,
    min: whole ? 0 : cut.min,
    from: whole ? 0 : (bounds.from ?? 0),
    to: whole ? boxes.total[0]! : (bounds.to ?? boxes.total[0]!),
  };
}
