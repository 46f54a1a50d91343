import './profile.css';
import type { FromProfile, ToProfile } from '../../protocol/profile';
import { parseToProfile } from '../../protocol/profileMessages';
import { button, h, icon } from '../ui/dom';
import { connect } from '../ui/host';
import { displayName } from '../ui/text';
import { onThemeChange } from '../ui/theme';
import { Loading } from './loading';
import { ProfileView } from './profileView';

let shown: ProfileView | undefined;
let loading: Loading | undefined;

const host = connect<ToProfile, FromProfile>(parseToProfile, receive, (reason) => {
  // A graph that is shown stays: what failed was not needed for it.
  if (!shown) failed(`The profile cannot be shown: ${reason}`, 'Try again, or open another profile.');
});

onThemeChange(() => shown?.themeChanged());
host.post({ type: 'ready' });

function receive(message: ToProfile): void {
  switch (message.type) {
    case 'loading':
      if (!loading) {
        clear();
        loading = new Loading(() => host.post({ type: 'cancel' }));
        document.body.replaceChildren(loading.element);
      }
      loading.show(message.title, message.message, message.fraction);
      break;
    case 'opened':
      if (message.page.boxes.total[0] === 0 && !message.info.difference) {
        empty('The profile holds nothing: no samples were taken, or the program was idle.');
        break;
      }
      clear();
      shown = new ProfileView(message, host);
      document.body.replaceChildren(shown.element);
      break;
    case 'reveal':
      if (shown?.profileId === message.profileId) shown.reveal(message.frame);
      break;
    case 'cursor':
      if (shown?.profileId === message.profileId) shown.cursor(message.frames);
      break;
    case 'reply':
      shown?.reply(message);
      break;
    case 'empty':
      empty(message.message);
      break;
    case 'failed':
      failed(message.message, message.nextStep);
      break;
    case 'done':
      shown?.done(message.error, message.message);
      break;
  }
}

function empty(message: string): void {
  notice(
    icon('flame'),
    h('p', { role: 'status' }, displayName(message, 600)),
    button('Load Test and Profile App', () => host.post({ type: 'measure' }), { class: 'primary' }),
  );
}

function failed(message: string, nextStep: string): void {
  notice(
    icon('warning'),
    h('p', { role: 'alert' }, displayName(message, 600)),
    h('p', { class: 'dim' }, displayName(nextStep, 600)),
    button('Try Again', () => host.post({ type: 'retry' })),
  );
}

function notice(...content: readonly Node[]): void {
  clear();
  document.body.replaceChildren(h('main', { class: 'notice' }, ...content));
}

function clear(): void {
  shown?.dispose();
  loading?.dispose();
  shown = loading = undefined;
}
