/** What `counter` takes. */
interface Options {
  readonly rounds: number;
  readonly seed?: number;
}

export type { Options };

export class Counter {
  value = 0;

  step(rounds: number): void {
    let value = this.value;
    for (let i = 0; i < rounds; i++) value = ((value ^ (value << 3) ^ i) + 1) & 0xfffffff; // plant: counter
    this.value = value;
  }
}
