/** What of a RateLimit both kinds of limits say alike. */
import type { RateLimitRow } from '@weft/core/mesh-view';
import type { HeaderValueOption } from '@weft/core/proxy-config';

export const ALWAYS = { numerator: 100, denominator: 100 } as const;

/** Headers of answers beyond the limit. */
export const addedHeaders = ({ headers }: RateLimitRow): readonly HeaderValueOption[] =>
  headers.map(
    ({ name, value }): HeaderValueOption => ({
      name: name.toLowerCase(),
      value: value.replaceAll('%', '%%'),
      append: 'overwrite-if-exists-or-add',
      keepEmptyValue: true,
    }),
  );
