import type * as Tools from '../engine/tools';
import { LazyBundle } from './lazyBundle';

/** All of the engine that the start of the extension does not need. */
export class EngineTools extends LazyBundle<typeof Tools> {
  /** @param dist folder of the bundles. */
  constructor(dist: string) {
    super(dist, 'tools.cjs');
  }
}
