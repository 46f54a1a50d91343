import { writeLoadTest } from '../../engine/model/writeLoadTest';
import type { Route } from '../../engine/model/load';
import { encodeInPath } from '../../engine/model/template';

/** A new `*.load.json` for its author to go on from: each part with a comment that says what it is for. */
export function loadTestText(routes: readonly Route[]): string {
  return writeLoadTest({
    requests: routes.map(({ method, path }) => ({ method, path: encodeInPath(path) })),
  });
}
