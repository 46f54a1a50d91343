import { h } from '../ui/dom';

export type MenuItem =
  | {
      readonly label: string;
      /** As the user reads it, e.g. `F`. */
      readonly key?: string;
      readonly disabled?: boolean;
      /** Why it is disabled. */
      readonly title?: string;
      /** Present where the item is one of several that are on or off. */
      readonly checked?: boolean;
      run(): void;
    }
  | 'separator';

/** A menu at a point of the page: arrows, Home, End and first letters move, Enter chooses, Escape and Tab close. */
export class Menu {
  readonly element = h('div', { class: 'menu', role: 'menu', hidden: true, tabindex: -1 });
  private items: HTMLElement[] = [];
  private back: Element | null = null;

  constructor() {
    this.element.addEventListener('keydown', (event) => this.onKey(event));
    this.element.addEventListener('contextmenu', (event) => event.preventDefault());
    this.element.addEventListener('focusout', (event) => {
      if (!this.element.contains(event.relatedTarget as Node | null)) this.close(false);
    });
    window.addEventListener('resize', () => this.close(false));
    window.addEventListener('blur', () => this.close(false));
  }

  get isOpen(): boolean {
    return !this.element.hidden;
  }

  open(items: readonly MenuItem[], x: number, y: number, label: string): void {
    // Of a menu in whose place another opens: the keyboard goes back to where the first one took it from.
    if (!this.isOpen) this.back = document.activeElement;
    this.items = [];
    this.element.setAttribute('aria-label', label);
    this.element.replaceChildren(...items.map((item) => this.item(item)));
    this.element.hidden = false;
    const { offsetWidth: width, offsetHeight: height } = this.element;
    const left = Math.max(4, Math.min(x, window.innerWidth - width - 4));
    const top = y + height + 4 > window.innerHeight ? Math.max(4, window.innerHeight - height - 4) : y;
    this.element.style.left = `${left}px`;
    this.element.style.top = `${top}px`;
    (this.items.find((item) => item.getAttribute('aria-checked') === 'true') ?? this.items[0])?.focus();
  }

  /** Below the element that was pressed. */
  openBelow(anchor: HTMLElement, items: readonly MenuItem[], label: string): void {
    const { left, bottom } = anchor.getBoundingClientRect();
    this.open(items, left, bottom + 2, label);
  }

  close(giveBack = true): void {
    if (!this.isOpen) return;
    this.element.hidden = true;
    if (giveBack && this.back instanceof HTMLElement) this.back.focus();
  }

  private item(item: MenuItem): HTMLElement {
    if (item === 'separator') return h('div', { role: 'separator', class: 'menu-separator' });
    const element = h(
      'div',
      {
        role: item.checked === undefined ? 'menuitem' : 'menuitemradio',
        class: 'menu-item',
        tabindex: -1,
        'aria-disabled': item.disabled ? 'true' : undefined,
        title: item.title,
        'aria-checked': item.checked === undefined ? undefined : String(item.checked),
        'aria-keyshortcuts': item.key,
      },
      h('span', { class: 'menu-check', 'aria-hidden': 'true' }, item.checked ? '✓' : ''),
      h('span', { class: 'name' }, item.label),
      item.key ? h('kbd', { 'aria-hidden': 'true' }, item.key) : undefined,
    );
    if (item.disabled) return element;
    this.items.push(element);
    element.addEventListener('pointermove', () => element.focus());
    element.addEventListener('click', () => {
      this.close();
      item.run();
    });
    return element;
  }

  private onKey(event: KeyboardEvent): void {
    const at = this.items.indexOf(document.activeElement as HTMLElement);
    const go = (to: number) => this.items[(to + this.items.length) % this.items.length]?.focus();
    if (event.key === 'ArrowDown') go(at + 1);
    else if (event.key === 'ArrowUp') go(at < 0 ? -1 : at - 1);
    else if (event.key === 'Home') go(0);
    else if (event.key === 'End') go(-1);
    else if (event.key === 'Enter' || event.key === ' ') this.items[at]?.click();
    else if (event.key === 'Escape' || event.key === 'Tab') this.close();
    else if (event.key.length === 1) this.goToLetter(event.key.toLowerCase(), at);
    event.preventDefault();
    event.stopPropagation();
  }

  private goToLetter(letter: string, at: number): void {
    const order = [...this.items.slice(at + 1), ...this.items.slice(0, at + 1)];
    order.find((item) => item.querySelector('.name')?.textContent?.toLowerCase().startsWith(letter))?.focus();
  }
}
