import { errorMessage } from '../../engine/model/errors';
/** The side of VS Code that a webview sees. */
interface VsCodeApi {
  postMessage(message: unknown): void;
  getState(): unknown;
  setState(state: unknown): void;
}

declare function acquireVsCodeApi(): VsCodeApi;

export interface Host<Out> {
  post(message: Out): void;
  /** What `save` was last given, also before the page was hidden or the window reloaded. */
  saved(): unknown;
  save(state: unknown): void;
}

/**
 * Connects to the extension; may be called once a page. A message that `parse` refuses, or that `receive` fails on, is
 * logged and given to `failed` with the reason: a page that waits for what never comes looks like one that hangs.
 */
export function connect<In, Out>(
  parse: (data: unknown) => In,
  receive: (message: In) => void,
  failed: (reason: string) => void,
): Host<Out> {
  const api = acquireVsCodeApi();
  window.addEventListener('message', (event: MessageEvent<unknown>) => {
    try {
      receive(parse(event.data));
    } catch (error) {
      console.error(error);
      failed(errorMessage(error));
    }
  });
  return {
    post: (message) => api.postMessage(message),
    saved: () => api.getState(),
    save: (state) => api.setState(state),
  };
}
