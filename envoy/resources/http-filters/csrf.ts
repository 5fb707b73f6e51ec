/** envoy.extensions.filters.http.csrf.v3.CsrfPolicy, for the filter and for routes alike. */
import type { CsrfFilter } from '@weft/core/proxy-config';
import type { Messages } from '../../tables/index.ts';
import type { Cursor } from '../base/cursor.ts';
import { some } from '../base/encoding.ts';
import { decodeFraction, decodeString, encodeFraction, encodeString } from '../base/matcher.ts';
import { NONE, runtimeFraction } from './fraction.ts';

type Wire = Messages['envoy.extensions.filters.http.csrf.v3.CsrfPolicy'];

export const CSRF = 'envoy.extensions.filters.http.csrf.v3.CsrfPolicy';

export const decodeCsrf = (cursor: Cursor<Wire>): CsrfFilter => ({
  kind: 'csrf',
  enabled: cursor.within('filter_enabled', decodeFraction) ?? NONE,
  shadow: cursor.within('shadow_enabled', decodeFraction) ?? NONE,
  additionalOrigins: cursor.each('additional_origins', decodeString),
});

export const encodeCsrf = (filter: CsrfFilter): Wire => ({
  filter_enabled: encodeFraction(filter.enabled),
  shadow_enabled: runtimeFraction(filter.shadow),
  additional_origins: some(filter.additionalOrigins.map(encodeString)),
});
