/** Gateway API HTTPRequestMirrorFilter. */
import { backendObject, checkBackendObject } from '../../gateway/backend-ref.ts';
import { defaulted, integer, object, optional, required } from '../../schema/schema.ts';

const fraction = object(
  {
    numerator: required(integer(0, 2_147_483_647), 'Of `denominator` requests so many.'),
    denominator: defaulted(integer(1, 2_147_483_647), 100, 'The whole.'),
  },
  ({ numerator, denominator }, report) => {
    if (numerator > denominator) report(['numerator'], 'out-of-range', 'is greater than `denominator`');
  },
);

export const requestMirror = object(
  {
    backendRef: required(object(backendObject, checkBackendObject), 'Where the copy goes; its answer is thrown away.'),
    percent: optional(integer(0, 100), 'Share of the requests in percent. Absent, and no `fraction`: all.'),
    fraction: optional(fraction, 'Share of the requests as a fraction; not beside `percent`.'),
  },
  ({ percent, fraction: part }, report) => {
    if (percent !== undefined && part !== undefined)
      report(['fraction'], 'exclusive-fields', 'not beside `percent`', 'remove one');
  },
);
