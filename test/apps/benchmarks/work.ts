/** Sums of squares, by hand: a cost that grows with `count`. */
export function sumOfSquares(count: number): number {
  let sum = 0;
  for (let i = 0; i < count; i++) sum += i * i;
  return sum;
}
