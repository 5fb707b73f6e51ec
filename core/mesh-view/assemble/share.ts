/** A share of requests as Gateway API writes it (`percent` or `fraction`), as a fraction that both engines know. */
import type { Share } from '../rows.ts';

interface WrittenShare {
  readonly percent?: number | undefined;
  readonly fraction?: { readonly numerator: number; readonly denominator: number } | undefined;
}

/** All requests when neither is said; fractions are rounded to millionths. */
export function shareOf({ percent, fraction }: WrittenShare): Share {
  if (fraction === undefined) return { numerator: percent ?? 100, denominator: 100 };
  return { numerator: Math.round((fraction.numerator / fraction.denominator) * 1_000_000), denominator: 1_000_000 };
}
