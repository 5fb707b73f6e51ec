/** A share of requests, as Gateway API's HTTPRequestMirrorFilter writes it: `percent`, or `fraction` where that is too coarse. */
import type { Report } from '../schema/schema.ts';
import { defaulted, integer, object, optional, required } from '../schema/schema.ts';

const fraction = object(
  {
    numerator: required(integer(0, 2_147_483_647), 'Of `denominator` requests so many.'),
    denominator: defaulted(integer(1, 2_147_483_647), 100, 'The whole.'),
  },
  ({ numerator, denominator }, report) => {
    if (numerator > denominator) report(['numerator'], 'out-of-range', 'is greater than `denominator`');
  },
);

export const share = {
  percent: optional(integer(0, 100), 'Share of the requests in percent. Absent, and no `fraction`: all.'),
  fraction: optional(
    fraction,
    'Share of the requests as a fraction, to a millionth; not beside `percent`. `{ numerator: 1, denominator: 1000 }`: one in a thousand.',
  ),
};

export function checkShare(
  { percent, fraction: part }: { readonly percent?: number | undefined; readonly fraction?: unknown },
  report: Report,
): void {
  if (percent !== undefined && part !== undefined)
    report(['fraction'], 'exclusive-fields', 'not beside `percent`', 'remove one');
}
