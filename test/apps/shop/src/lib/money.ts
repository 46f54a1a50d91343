// Amounts are in euros unless the name says cents.

/** Whole cents of an amount, halves rounded up. */
export function toCents(amount: number): number {
  return Math.round(amount * 100);
}

/** `1234` cents as `12.34 EUR`. */
export function formatCents(cents: number): string {
  const euros = Math.floor(cents / 100);
  const rest = String(cents % 100).padStart(2, '0');
  return `${euros}.${rest} EUR`;
}

/** Rounds to whole cents, halves to the even cent, as invoices are rounded. V8 inlines it into its callers. */
export function roundCents(amount: number): number {
  const cents = amount * 100;
  const rest = cents % 1;
  const whole = cents - rest;
  return (rest > 0.5 || (rest === 0.5 && whole % 2 !== 0) ? whole + 1 : whole) / 100;
}
