import { roundCents } from '../lib/money.js';

const INSTALMENTS = 40_000;
const VAT = 0.19;

/** Value-added tax over all instalments, rounded one by one as the law wants it. */
export function invoiceTax(order: number): number {
  let tax = 0;
  for (let instalment = 1; instalment <= INSTALMENTS; instalment++) {
    tax += roundCents((order + instalment) * VAT);
  }
  return roundCents(tax);
}
