import { ThroughlineError } from '../../model/errors';
import type { StackProfile, ValueUnit } from '../../model/stackProfile';
import type { FrameDraft } from './frameInterner';
import { KeyTable } from './jsonBytes';
import { END, type JsonScanner } from './jsonScanner';
import { Float64List, Int32List } from './numberList';
import type { Imported } from './source';
import { SpeedscopeStacks } from './speedscopeStacks';
import { StackBuilder } from './stackBuilder';

const [NAME, UNIT, START, END_VALUE, EVENTS, SAMPLES, WEIGHTS] = [0, 1, 2, 3, 4, 5, 6];
const PROFILE_KEYS = new KeyTable([
  ...['name', 'unit', 'startValue', 'endValue', 'events', 'samples', 'weights'],
]);
const [EVENT_TYPE, EVENT_AT, EVENT_FRAME] = [0, 1, 2];
const EVENT_KEYS = new KeyTable(['type', 'at', 'frame']);
const MAX_PROFILES = 2000;
const NAME_BYTES = 400;

/** What a value of a unit is multiplied by to be in microseconds or bytes. */
const UNITS: Readonly<Record<string, readonly [ValueUnit, number]>> = {
  nanoseconds: ['micros', 1e-3],
  microseconds: ['micros', 1],
  milliseconds: ['micros', 1e3],
  seconds: ['micros', 1e6],
  bytes: ['bytes', 1],
};

/** One of the file's profiles as read: what its stacks mean is known once all of its keys are. */
interface ReadProfile {
  name: string;
  unit: string;
  startValue: number;
  endValue: number;
  /** Of evented profiles: frame, or -1 - frame where it closes. */
  events?: Int32List;
  times?: Float64List;
  /** Of sampled ones: frames of all samples, outermost first, and where each ends. */
  stackFrames?: Int32List;
  stackEnds?: Int32List;
  weights?: Float64List;
}

export class SpeedscopeProfiles {
  constructor(
    private readonly sourceName: string,
    private readonly scanner: JsonScanner,
    private readonly frames: readonly FrameDraft[],
  ) {}

  read(active: number): Imported {
    const { scanner } = this;
    const offsets = new Float64List(64);
    const heads: { readonly name: string; readonly unit: string; readonly isTimed: boolean }[] = [];
    if (!scanner.beginArray()) scanner.failType('has no array at profiles');
    while (scanner.nextItem()) {
      if (heads.length >= MAX_PROFILES) this.fail(`has more than ${MAX_PROFILES} profiles`);
      scanner.peek();
      offsets.push(scanner.offset);
      heads.push(this.readHead());
    }
    if (heads.length === 0) this.fail('holds no profiles');
    if (areThreads(heads)) {
      const stacks = this.stacksOf(heads[0]!.unit, '');
      heads.forEach(({ name }, at) => {
        this.readInto(stacks, offsets.values[at]!, name);
      });
      return { profiles: [stacks.finish()], active: 0 };
    }
    const profiles = heads.map(({ name, unit }, at): StackProfile => {
      const stacks = this.stacksOf(unit, heads.length > 1 ? name : '');
      this.readInto(stacks, offsets.values[at]!, name);
      return stacks.finish();
    });
    const shown = Number.isInteger(active) && active >= 0 && active < profiles.length ? active : 0;
    return { profiles, active: shown };
  }

  private stacksOf(unit: string, name: string): SpeedscopeStacks {
    const known = Object.hasOwn(UNITS, unit) ? UNITS[unit]! : undefined;
    const builder = new StackBuilder(this.sourceName);
    return new SpeedscopeStacks(builder, this.frames, {
      ...{ name, unit: known?.[0] ?? 'samples', factor: known?.[1] ?? 1 },
    });
  }

  /** Name and unit, which may stand behind the stacks. */
  private readHead() {
    const { scanner } = this;
    let name = '';
    let unit = 'none';
    if (!scanner.beginObject()) scanner.failType('has an entry of profiles that is no object');
    for (let key = scanner.nextKey(PROFILE_KEYS); key !== END; key = scanner.nextKey(PROFILE_KEYS)) {
      if (key === NAME) name = scanner.string(NAME_BYTES) ?? '';
      else if (key === UNIT) unit = scanner.string(NAME_BYTES) ?? 'none';
      else scanner.skip();
    }
    return { name, unit, isTimed: Object.hasOwn(UNITS, unit) && unit !== 'bytes' };
  }

  private readInto(stacks: SpeedscopeStacks, offset: number, name: string): void {
    this.scanner.seek(offset);
    const profile = this.readProfile();
    stacks.begin(name === '' ? 'main' : name, profile.startValue, profile.endValue);
    const { events, times, stackFrames, stackEnds, weights } = profile;
    if (events && times) stacks.addEvents(events, times);
    else if (stackFrames && stackEnds) {
      if (!weights) this.fail('has a profile without weights');
      if (weights.size !== stackEnds.size) {
        this.fail(`has a profile of ${stackEnds.size} samples and ${weights.size} weights`);
      }
      stacks.addSamples(stackFrames, stackEnds, weights);
    } else this.fail('has a profile without events or samples');
  }

  private readProfile(): ReadProfile {
    const { scanner } = this;
    const profile: ReadProfile = { name: '', unit: 'none', startValue: 0, endValue: 0 };
    scanner.beginObject();
    for (let key = scanner.nextKey(PROFILE_KEYS); key !== END; key = scanner.nextKey(PROFILE_KEYS)) {
      if (key === START) profile.startValue = scanner.number();
      else if (key === END_VALUE) profile.endValue = scanner.number();
      else if (key === EVENTS) this.readEvents(profile);
      else if (key === SAMPLES) this.readSamples(profile);
      else if (key === WEIGHTS) {
        profile.weights = new Float64List();
        if (!scanner.numbers(profile.weights)) scanner.failType('has no array at weights');
      } else scanner.skip();
    }
    return profile;
  }

  private readEvents(profile: ReadProfile): void {
    const { scanner } = this;
    const events = (profile.events = new Int32List());
    const times = (profile.times = new Float64List());
    if (!scanner.beginArray()) scanner.failType('has no array at events');
    while (scanner.nextItem()) {
      let type: string | undefined;
      let at = NaN;
      let frame = NaN;
      if (!scanner.beginObject()) scanner.failType('has an event that is no object');
      for (let key = scanner.nextKey(EVENT_KEYS); key !== END; key = scanner.nextKey(EVENT_KEYS)) {
        if (key === EVENT_TYPE) type = scanner.string(8);
        else if (key === EVENT_AT) at = scanner.number();
        else if (key === EVENT_FRAME) frame = scanner.number();
        else scanner.skip();
      }
      this.checkFrame(frame);
      if (type !== 'O' && type !== 'C') this.fail('has an event that neither opens nor closes a frame');
      if (!Number.isFinite(at)) this.fail('has an event without a time');
      events.push(type === 'O' ? frame : -1 - frame);
      times.push(at);
    }
  }

  private readSamples(profile: ReadProfile): void {
    const { scanner } = this;
    const frames = (profile.stackFrames = new Int32List());
    const ends = (profile.stackEnds = new Int32List());
    const checked = {
      push: (frame: number) => {
        this.checkFrame(frame);
        frames.push(frame);
      },
    };
    if (!scanner.beginArray()) scanner.failType('has no array at samples');
    while (scanner.nextItem()) {
      if (!scanner.numbers(checked)) scanner.failType('has a sample that is no array');
      if (frames.size > MAX_STACK_FRAMES) this.fail('has more samples than can be read');
      ends.push(frames.size);
    }
  }

  private checkFrame(frame: number): void {
    if (!(Number.isInteger(frame) && frame >= 0 && frame < this.frames.length)) {
      this.fail(`names a frame that it does not have (${frame} of ${this.frames.length})`);
    }
  }

  private fail(what: string): never {
    throw new ThroughlineError('BAD_PROFILE', `The profile ${this.sourceName} ${what}.`);
  }
}

/** Of all samples of one profile: 1 GB. */
const MAX_STACK_FRAMES = 1 << 28;

/** Profiles of one run's threads, which are shown together; others stand on their own. */
function areThreads(
  heads: readonly { readonly name: string; readonly unit: string; readonly isTimed: boolean }[],
) {
  const [first] = heads;
  return (
    heads.length > 1 &&
    first!.isTimed &&
    heads.every(({ name, unit }) => unit === first!.unit && THREAD_NAME.test(name))
  );
}

const THREAD_NAME = /\b(?:thread|process|worker|pid|tid|main)\b|^[\w .-]*\(?#?\d+\)?$/iu;
