/** Codes of the bytes that JSON is made of. */
export const SPACE = 0x20;
export const QUOTE = 0x22;
export const COMMA = 0x2c;
export const MINUS = 0x2d;
export const ZERO = 0x30;
export const COLON = 0x3a;
export const OPEN_BRACKET = 0x5b;
export const BACKSLASH = 0x5c;
export const CLOSE_BRACKET = 0x5d;
export const OPEN_BRACE = 0x7b;
export const CLOSE_BRACE = 0x7d;

/** White space, punctuation and control characters. */
export const ENDS_NUMBER = new Uint8Array(256);
for (let byte = 0; byte <= SPACE; byte++) ENDS_NUMBER[byte] = 1;
for (const byte of [QUOTE, COMMA, COLON, OPEN_BRACKET, CLOSE_BRACKET, OPEN_BRACE, CLOSE_BRACE])
  ENDS_NUMBER[byte] = 1;

/** Names of keys, found by their bytes. */
export class KeyTable {
  private readonly texts: readonly Buffer[];
  private readonly slots = new Int32Array(256).fill(-1);

  constructor(readonly names: readonly string[]) {
    this.texts = names.map((name) => Buffer.from(name));
    this.texts.forEach((text, i) => {
      let slot = slotOf(text, 0, text.length);
      while (this.slots[slot] !== -1) slot = (slot + 1) & 255;
      this.slots[slot] = i;
    });
  }

  find(bytes: Uint8Array, from: number, to: number): number {
    for (let slot = slotOf(bytes, from, to); ; slot = (slot + 1) & 255) {
      const index = this.slots[slot]!;
      if (index < 0) return -1;
      const text = this.texts[index]!;
      if (text.length !== to - from) continue;
      let at = 0;
      while (at < text.length && text[at] === bytes[from + at]) at++;
      if (at === text.length) return index;
    }
  }
}

function slotOf(bytes: Uint8Array, from: number, to: number): number {
  const length = to - from;
  return length === 0 ? 0 : (length * 37 + bytes[from]! * 5 + bytes[to - 1]!) & 255;
}
