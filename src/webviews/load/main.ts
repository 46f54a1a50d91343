import './load.css';
import type { FromLoad, ToLoad } from '../../protocol/load';
import { parseToLoad } from '../../protocol/loadMessages';
import { h, icon } from '../ui/dom';
import { connect } from '../ui/host';
import { displayName } from '../ui/text';
import { LiveView } from './liveView';
import { followTheme } from './plot';
import { Preferences } from './preferences';
import { ResultView } from './resultView';

const host = connect<ToLoad, FromLoad>(parseToLoad, receive, (reason) =>
  showNotice('The load test cannot be shown.', reason),
);
const preferences = new Preferences(host);
/** Says what begins, ends or is decided; figures change too often to be read out. */
const status = h('div', { class: 'visually-hidden', role: 'status', 'aria-live': 'polite' });
const content = h('main', {});
document.body.replaceChildren(content, status);
// The values at the cursor, when it is moved by keys.
document.body.addEventListener('plotcursor', (event) => say((event as CustomEvent<string>).detail));
followTheme();

let live: LiveView | undefined;
let result: ResultView | undefined;

host.post({ type: 'ready' });

function receive(message: ToLoad): void {
  switch (message.type) {
    case 'live':
      if (live?.testId !== message.test.id) {
        clear();
        preferences.keepRun(undefined);
        live = new LiveView({ preferences, post: (sent) => host.post(sent), say });
        content.replaceChildren(live.element);
      }
      // Points before these were lost: ask for all of them.
      if (!live.show(message)) host.post({ type: 'ready' });
      return;
    case 'result':
      clear();
      preferences.keepRun(message.result.ref);
      result = new ResultView(message.result, { preferences, post: (sent) => host.post(sent) });
      content.replaceChildren(result.element);
      window.scrollTo({ top: 0 });
      say(`${displayName(message.result.title)}: ${message.result.test.verdict.sentence}`);
      return;
    case 'failed':
      showNotice(`${displayName(message.title)} ended without a result.`, message.message, message.nextStep);
      return;
    case 'empty':
      showNotice(message.message);
  }
}

function showNotice(...sentences: readonly string[]): void {
  clear();
  const lines = sentences.filter((sentence) => sentence !== '');
  content.replaceChildren(
    h('div', { class: 'notice' }, icon('warning'), ...lines.map((line) => h('p', { class: 'name' }, line))),
  );
  say(lines.join(' '));
}

function clear(): void {
  live?.destroy();
  result?.destroy();
  live = undefined;
  result = undefined;
}

function say(text: string): void {
  if (status.textContent !== text) status.textContent = text;
}
