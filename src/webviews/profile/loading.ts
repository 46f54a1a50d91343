import { button, h } from '../ui/dom';
import { displayName } from '../ui/text';

/** What is over sooner needs no progress: it would only flicker. */
const SHOWN_AFTER_MS = 300;

/** What is being read, how far it is, and the way out. */
export class Loading {
  readonly element: HTMLElement;
  private readonly title = h('h1', { class: 'name' });
  private readonly message = h('p', { class: 'dim', role: 'status' });
  private readonly bar = h('progress', { max: 1, 'aria-label': 'Progress' });
  private readonly timer: number;

  constructor(cancel: () => void) {
    const content = h(
      'div',
      { class: 'loading', hidden: true },
      this.title,
      this.bar,
      this.message,
      button('Cancel', cancel),
    );
    this.element = h('main', { class: 'notice' }, content);
    this.timer = window.setTimeout(() => (content.hidden = false), SHOWN_AFTER_MS);
  }

  /** `fraction`: 0 to 1; absent where unknown. */
  show(title: string, message: string, fraction: number | undefined): void {
    this.title.textContent = displayName(title);
    this.message.textContent = displayName(message, 600);
    if (fraction === undefined) this.bar.removeAttribute('value');
    else this.bar.value = Math.min(Math.max(fraction, 0), 1);
  }

  dispose(): void {
    window.clearTimeout(this.timer);
  }
}
