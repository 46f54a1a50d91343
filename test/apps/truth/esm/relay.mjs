import { target } from './target.mjs';

export function forward(value) {
  return target(value + 1, 150);
}
