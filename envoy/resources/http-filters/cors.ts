/** envoy.extensions.filters.http.cors.v3.CorsPolicy. */
import type { CorsPolicy } from '@weft/core/proxy-config';
import type { Messages } from '../../tables/index.ts';
import type { Cursor } from '../base/cursor.ts';
import { some } from '../base/encoding.ts';
import { decodeFraction, decodeString, encodeFraction, encodeString } from '../base/matcher.ts';
import { NONE, runtimeFraction } from './fraction.ts';

type Wire = Messages['envoy.extensions.filters.http.cors.v3.CorsPolicy'];

export const CORS = 'envoy.extensions.filters.http.cors.v3.Cors';
export const CORS_POLICY = 'envoy.extensions.filters.http.cors.v3.CorsPolicy';

const ALL = { numerator: 100, denominator: 100 } as const;

export const decodeCorsPolicy = (cursor: Cursor<Wire>): CorsPolicy => ({
  kind: 'cors',
  allowOrigins: cursor.each('allow_origin_string_match', decodeString),
  allowMethods: cursor.take('allow_methods') ?? '',
  allowHeaders: cursor.take('allow_headers') ?? '',
  exposeHeaders: cursor.take('expose_headers') ?? '',
  maxAge: cursor.take('max_age') ?? '',
  allowCredentials: cursor.take('allow_credentials'),
  allowPrivateNetworkAccess: cursor.take('allow_private_network_access'),
  forwardNotMatchingPreflights: cursor.take('forward_not_matching_preflights'),
  enabled: cursor.within('filter_enabled', decodeFraction) ?? ALL,
  shadow: cursor.within('shadow_enabled', decodeFraction) ?? NONE,
});

export const encodeCorsPolicy = (policy: CorsPolicy): Wire => ({
  allow_origin_string_match: some(policy.allowOrigins.map(encodeString)),
  allow_methods: policy.allowMethods || undefined,
  allow_headers: policy.allowHeaders || undefined,
  expose_headers: policy.exposeHeaders || undefined,
  max_age: policy.maxAge || undefined,
  allow_credentials: policy.allowCredentials,
  allow_private_network_access: policy.allowPrivateNetworkAccess,
  forward_not_matching_preflights: policy.forwardNotMatchingPreflights,
  filter_enabled: encodeFraction(policy.enabled),
  shadow_enabled: runtimeFraction(policy.shadow),
});
