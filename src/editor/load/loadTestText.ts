import type { Route } from '../../engine/model/load';
import { encodeInPath } from '../../engine/model/template';

/** A request of a new file, as `RequestFile` has it. */
type NewRequest = Route;

/** A new `*.load.json` for its author to go on from: each part with a comment that says what it is for. */
export function loadTestText(requests: readonly NewRequest[]): string {
  const lines = requests.map(
    ({ method, path }) =>
      `    { "method": ${JSON.stringify(method)}, "path": ${JSON.stringify(encodeInPath(path))} }`,
  );
  return `{
  // smoke, load, stress (finds the breaking point), capacity, spike or soak.
  "kind": "load",

  // Where to: an origin such as "http://127.0.0.1:3000". Without it the workspace's app is started and profiled.
  // "target": "http://127.0.0.1:3000",

  // One of these is sent each time, chosen by its "weight". For steps in order use "flows".
  "requests": [
${lines.join(',\n')}
  ],

  // 50 requests begin each second, however long the replies take. "constant-vus" waits for replies instead.
  "scenario": {
    "executor": "constant-arrival-rate",
    "rate": 50,
    "timeUnit": "1s",
    "duration": "30s",
    "preAllocatedVUs": 50
  },
  "warmup": "5s",

  // The test fails where one of these is broken.
  "thresholds": {
    "http_req_duration": ["p(99)<200"],
    "http_req_failed": ["rate<0.01"]
  },

  // What "holds" means to stress, capacity and spike tests.
  "objective": { "percentile": 99, "latency": "200ms", "errorRate": 0.01 }
}
`;
}
