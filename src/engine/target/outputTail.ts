const MAX_CHARS = 64 * 1024;

/** The last 64 Ki characters of what a process wrote. */
export class OutputTail {
  private chunks: string[] = [];
  private length = 0;

  add(text: string): void {
    this.chunks.push(text);
    this.length += text.length;
    // Joined rarely, so that a chatty app costs little.
    if (this.length > 2 * MAX_CHARS) {
      const kept = this.text();
      this.chunks = [kept];
      this.length = kept.length;
    }
  }

  text(): string {
    return this.chunks.join('').slice(-MAX_CHARS);
  }
}
