/** Gateway API HTTPCORSFilter. */
import { headerName } from '../../schema/formats.ts';
import { array, boolean, defaulted, integer, object, oneOf, optional, string } from '../../schema/schema.ts';
import { METHODS } from '../match.ts';

const ORIGIN = /^(?:\*|https?:\/\/(?:\*|(?:\*\.)?[A-Za-z0-9-]+(?:\.[A-Za-z0-9-]+)*)(?::\d{1,5})?)$/;

export const cors = object(
  {
    allowOrigins: optional(
      array(string({ maxLength: 253 }), { maxItems: 64, uniqueBy: 'item' }),
      'Origins such as `https://*.shop.example`, or `*` alone.',
    ),
    allowCredentials: optional(boolean(), 'Whether cookies and Authorization may come along.'),
    allowMethods: optional(
      array(oneOf([...METHODS, '*']), { maxItems: 9, uniqueBy: 'item' }),
      'Methods, or `*` alone.',
    ),
    allowHeaders: optional(
      array(string({ format: headerName }), { maxItems: 64, uniqueBy: 'item' }),
      'Request headers, or `*` alone.',
    ),
    exposeHeaders: optional(
      array(string({ format: headerName }), { maxItems: 64, uniqueBy: 'item' }),
      'Response headers scripts may read.',
    ),
    maxAge: defaulted(integer(1, 2_147_483_647), 5, 'Seconds for which a browser may keep the answer.'),
  },
  (value, report) => {
    for (const name of ['allowOrigins', 'allowMethods', 'allowHeaders'] as const) {
      const words: readonly string[] = value[name] ?? [];
      if (words.length > 1 && words.includes('*'))
        report([name], 'exclusive-fields', '`*` stands alone', 'remove the others');
    }
    for (const [index, origin] of (value.allowOrigins ?? []).entries()) {
      if (!ORIGIN.test(origin))
        report(['allowOrigins', index], 'invalid-value', 'expected an origin such as `https://shop.example`, or `*`');
    }
  },
);
