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

/** Connects to the extension; may be called once a page. A message that `parse` refuses is logged and dropped. */
export function connect<In, Out>(parse: (data: unknown) => In, receive: (message: In) => void): Host<Out> {
  const api = acquireVsCodeApi();
  window.addEventListener('message', (event: MessageEvent<unknown>) => {
    let message: In;
    try {
      message = parse(event.data);
    } catch (error) {
      console.error(error);
      return;
    }
    receive(message);
  });
  return {
    post: (message) => api.postMessage(message),
    saved: () => api.getState(),
    save: (state) => api.setState(state),
  };
}
