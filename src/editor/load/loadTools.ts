import type * as Tools from '../../engine/loadTools';
import { LazyBundle } from './lazyBundle';

/** The engine of load tests. */
export class LoadTools extends LazyBundle<typeof Tools> {
  /** @param dist folder of the bundles. */
  constructor(dist: string) {
    super(dist, 'loadTools.cjs');
  }
}
