import { pbkdf2Sync } from 'node:crypto';

const ITERATIONS = 4000;

/** A signature of the cart's total that the payment provider can check. */
export function signPayment(cart: string, totalCents: number): string {
  return pbkdf2Sync(`${cart}:${totalCents}`, 'shop', ITERATIONS, 32, 'sha256').toString('hex'); // planted: crypto
}
