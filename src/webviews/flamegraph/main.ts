import './flamegraph.css';
import type { FromFlamegraph, ToFlamegraph } from '../../protocol/flamegraph';
import { parseToFlamegraph } from '../../protocol/flamegraph';
import { button, h, icon } from '../ui/dom';
import { connect } from '../ui/host';
import { onThemeChange } from '../ui/theme';
import { ProfileView } from './profileView';

let shown: ProfileView | undefined;

const host = connect<ToFlamegraph, FromFlamegraph>(parseToFlamegraph, receive, (reason) => {
  // A graph that is shown stays: what failed was not needed for it.
  if (!shown) failed(`The flamegraph cannot be shown: ${reason}`, 'Try again, or open another run.');
});

onThemeChange(() => shown?.themeChanged());
notice(h('p', { class: 'dim', role: 'status' }, 'Loading…'));
host.post({ type: 'ready' });

function receive(message: ToFlamegraph): void {
  switch (message.type) {
    case 'loading':
      notice(h('p', { class: 'dim', role: 'status' }, `Laying out ${message.title}…`));
      break;
    case 'profile':
      if (message.columns.totalMicros[0] === 0) {
        empty(
          'The profile has no samples in the steady window: the app was idle. Send more load, or measure longer.',
        );
        break;
      }
      show(new ProfileView(message, host));
      break;
    case 'reveal':
      if (shown?.profileId === message.profileId) shown.reveal(message.frame);
      break;
    case 'empty':
      empty(message.message);
      break;
    case 'failed':
      failed(message.message, message.nextStep);
      break;
    case 'opened':
      shown?.opened(message.request, message.error);
      break;
  }
}

function empty(message: string): void {
  notice(
    icon('flame'),
    h('p', { role: 'status' }, message),
    button('Load Test and Profile App', () => host.post({ type: 'measure' }), { class: 'primary' }),
  );
}

function failed(message: string, nextStep: string): void {
  notice(
    icon('warning'),
    h('p', { role: 'alert' }, message),
    h('p', { class: 'dim' }, nextStep),
    button('Try Again', () => host.post({ type: 'retry' })),
  );
}

function notice(...content: readonly Node[]): void {
  clear();
  document.body.replaceChildren(h('main', { class: 'notice' }, ...content));
}

function show(view: ProfileView): void {
  clear();
  shown = view;
  document.body.replaceChildren(view.element);
}

function clear(): void {
  shown?.dispose();
  shown = undefined;
}
