import { target } from './target.ts';

export function forward(value: number): number {
  return target(value + 1, 150);
}
