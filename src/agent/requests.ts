import type { subscribe as Subscribe } from 'node:diagnostics_channel';
import type { AgentMessage } from '../engine/model/agent';

/** Distinct routes kept; a service with ids in its paths has no end of them. */
const MAX_ROUTES = 200;

export interface RequestCounts {
  /** Requests since the last call. */
  readonly take: () => number;
  /** Sends the routes that were requested since the last call. */
  readonly report: (send: (message: AgentMessage) => void) => void;
}

/** Counts what the process's HTTP servers receive, by method and path without query. Runs once a request. */
export function countRequests(subscribe: typeof Subscribe, onNewRoute: () => void): RequestCounts {
  const byMethod = new Map<string, Map<string, number>>();
  let routes = 0;
  let requests = 0;

  subscribe('http.server.request.start', (message) => {
    try {
      requests++;
      const { method, url } = (message as { request: { method: string; url: string } }).request;
      const query = url.indexOf('?');
      const path = query < 0 ? url : url.slice(0, query);
      let paths = byMethod.get(method);
      if (!paths) byMethod.set(method, (paths = new Map<string, number>()));
      const count = paths.get(path);
      if (count !== undefined) paths.set(path, count + 1);
      else if (routes < MAX_ROUTES) {
        routes++;
        paths.set(path, 1);
        onNewRoute();
      }
    } catch {
      // Not a request as Node's own server makes them.
    }
  });

  return {
    take() {
      const taken = requests;
      requests = 0;
      return taken;
    },
    report(send) {
      const counts: [string, string, number][] = [];
      for (const [method, paths] of byMethod) {
        for (const [path, count] of paths) {
          if (count === 0) continue;
          counts.push([method, path, count]);
          paths.set(path, 0);
        }
      }
      if (counts.length > 0) send({ type: 'routes', routes: counts });
    },
  };
}
