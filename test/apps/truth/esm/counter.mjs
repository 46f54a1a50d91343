export default class Counter {
  value = 0;

  step(rounds) {
    let value = this.value;
    for (let i = 0; i < rounds; i++) value = ((value ^ (value << 3) ^ i) + 1) & 0xfffffff; // plant: counter
    this.value = value;
  }
}
