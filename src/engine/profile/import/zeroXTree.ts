import { ThroughlineError } from '../../model/errors';
import { OPEN_BRACKET } from './jsonBytes';
import { JsonScanner } from './jsonScanner';
import type { ByteSource, Imported, Importer, ImportOptions } from './source';
import { StackBuilder } from './stackBuilder';
import { findTreesInPage } from './zeroXPage';
import { readTree, readTicks } from './zeroXNodes';

/**
 * What 0x writes: its page with the flamegraph, the trees alone (`stacks.<pid>.json`), or its ticks (`ticks.json`). Its
 * values are samples: their weights are only in V8's log.
 */
export const importZeroXTree: Importer = (source, options): Imported => {
  const reader = new ZeroXReader(source, options);
  return { profiles: [reader.read()], active: 0 };
};

class ZeroXReader {
  private readonly builder: StackBuilder;
  private readonly scanner: JsonScanner;

  constructor(
    private readonly source: ByteSource,
    options: ImportOptions,
  ) {
    this.builder = new StackBuilder(source.name);
    this.scanner = new JsonScanner(source, options);
  }

  read() {
    const { scanner, builder } = this;
    const first = scanner.peek();
    if (first === OPEN_BRACKET) readTicks(scanner, builder);
    else {
      if (first === LESS_THAN) {
        const offset = findTreesInPage(this.source);
        if (offset === undefined) scanner.fail('is a web page without the trees of 0x');
        scanner.seek(offset!);
      }
      this.readTrees();
    }
    const profile = builder.build({ format: '0x', unit: 'samples', hasSamples: true });
    if (profile.threads[0]!.samples === 0) {
      throw new ThroughlineError('BAD_PROFILE', `The profile ${this.source.name} holds no samples.`);
    }
    return profile;
  }

  /** `{"merged":…,"unmerged":…}`, of which the second tells tiers apart; or a tree by itself. */
  private readTrees(): void {
    const { scanner, builder } = this;
    const start = scanner.offset;
    let merged = -1;
    let unmerged = -1;
    if (!scanner.beginObject()) scanner.failType('is no tree of 0x');
    for (let key = scanner.nextName(MAX_KEY); key !== undefined; key = scanner.nextName(MAX_KEY)) {
      scanner.peek();
      if (key === 'merged') merged = scanner.offset;
      if (key === 'unmerged') unmerged = scanner.offset;
      scanner.skip();
    }
    scanner.seek(unmerged >= 0 ? unmerged : merged >= 0 ? merged : start);
    readTree(scanner, builder);
  }
}

const LESS_THAN = 0x3c;
const MAX_KEY = 64;
