/** envoy.extensions.filters.http.jwt_authn.v3.JwtProvider. */
import type { JwtKeys, JwtProvider } from '@weft/core/proxy-config';
import type { Messages } from '../../../tables/index.ts';
import type { Cursor } from '../../base/cursor.ts';
import { fromMilliseconds, takeDuration } from '../../base/duration.ts';
import { some, unless } from '../../base/encoding.ts';
import { decodeString, encodeString } from '../../base/matcher.ts';
import { encodeTextSource } from '../../base/text-source.ts';
import { decodeLocal } from './local.ts';
import { decodeRemote, encodeRemote } from './remote.ts';

type Wire = Messages['envoy.extensions.filters.http.jwt_authn.v3.JwtProvider'];
type WireClaim = Messages['envoy.extensions.filters.http.jwt_authn.v3.JwtClaimToHeader'];
type ClaimHeader = JwtProvider['claimToHeaders'][number];

const CLOCK_SKEW = 60;
const CACHED_TOKENS = 100;
const LONGEST_CACHED = 4096;

export function decodeProvider(name: string, cursor: Cursor<Wire>): JwtProvider {
  return {
    name,
    issuer: cursor.take('issuer') ?? '',
    audiences: cursor.take('audiences') ?? [],
    subjects: cursor.within('subjects', decodeString),
    requireExpiration: cursor.take('require_expiration') ?? false,
    maxLifetime: cursor.has('max_lifetime') ? takeDuration(cursor, 'max_lifetime', 0) : undefined,
    keys: decodeKeys(cursor),
    fromHeaders: cursor.each('from_headers', (header) => ({
      name: (header.take('name') ?? '').toLowerCase(),
      prefix: header.take('value_prefix') ?? '',
    })),
    fromParameters: cursor.take('from_params') ?? [],
    fromCookies: cursor.take('from_cookies') ?? [],
    forward: cursor.take('forward') ?? false,
    forwardPayloadHeader: (cursor.take('forward_payload_header') ?? '').toLowerCase(),
    padForwardPayloadHeader: cursor.take('pad_forward_payload_header') ?? false,
    claimToHeaders: cursor.each('claim_to_headers', decodeClaim),
    clearRouteCache: cursor.take('clear_route_cache') ?? false,
    payloadInMetadata: cursor.take('payload_in_metadata') ?? '',
    headerInMetadata: cursor.take('header_in_metadata') ?? '',
    failedStatusInMetadata: cursor.take('failed_status_in_metadata') ?? '',
    spaceDelimitedClaims:
      cursor.within('normalize_payload_in_metadata', (inner) => inner.take('space_delimited_claims')) ?? [],
    clockSkewSeconds: cursor.take('clock_skew_seconds') || CLOCK_SKEW,
    cache: cursor.within('jwt_cache_config', (inner) => ({
      tokens: inner.take('jwt_cache_size') || CACHED_TOKENS,
      longest: inner.take('jwt_max_token_size') || LONGEST_CACHED,
    })),
  };
}

function decodeKeys(cursor: Cursor<Wire>): JwtKeys {
  const remote = cursor.within('remote_jwks', decodeRemote);
  const local = cursor.within('local_jwks', decodeLocal);
  const keys = remote ?? local;
  if (keys === undefined)
    cursor.refuse('missing-field', 'a provider without keys refuses every token', 'set local_jwks or remote_jwks');
  return keys ?? { kind: 'local', source: { kind: 'inline', text: '' } };
}

/** `claim_name` is the path with its keys joined by dots; `claim_path` says keys that hold dots themselves. */
function decodeClaim(cursor: Cursor<WireClaim>): ClaimHeader {
  const header = (cursor.take('header_name') ?? '').toLowerCase();
  const name = cursor.take('claim_name') ?? '';
  const path = cursor.each('claim_path', (segment) => segment.take('key') ?? '');
  if ((name === '') === (path.length === 0))
    cursor.fault('claim_name', 'oneof-conflict', 'one of claim_name and claim_path says which claim');
  return { header, path: path.length > 0 ? path : name.split('.') };
}

const encodeClaim = ({ header, path }: ClaimHeader): WireClaim =>
  path.some((key) => key === '' || key.includes('.'))
    ? { header_name: header, claim_path: path.map((key) => ({ key })) }
    : { header_name: header, claim_name: path.join('.') };

export const encodeProvider = (provider: JwtProvider): Wire => ({
  issuer: provider.issuer || undefined,
  audiences: some(provider.audiences),
  subjects: provider.subjects === undefined ? undefined : encodeString(provider.subjects),
  require_expiration: provider.requireExpiration ? true : undefined,
  max_lifetime: provider.maxLifetime === undefined ? undefined : fromMilliseconds(provider.maxLifetime),
  ...(provider.keys.kind === 'local'
    ? { local_jwks: encodeTextSource(provider.keys.source) }
    : { remote_jwks: encodeRemote(provider.keys) }),
  from_headers: some(provider.fromHeaders.map(({ name, prefix }) => ({ name, value_prefix: prefix || undefined }))),
  from_params: some(provider.fromParameters),
  from_cookies: some(provider.fromCookies),
  forward: provider.forward ? true : undefined,
  forward_payload_header: provider.forwardPayloadHeader || undefined,
  pad_forward_payload_header: provider.padForwardPayloadHeader ? true : undefined,
  claim_to_headers: some(provider.claimToHeaders.map(encodeClaim)),
  clear_route_cache: provider.clearRouteCache ? true : undefined,
  payload_in_metadata: provider.payloadInMetadata || undefined,
  header_in_metadata: provider.headerInMetadata || undefined,
  failed_status_in_metadata: provider.failedStatusInMetadata || undefined,
  normalize_payload_in_metadata:
    provider.spaceDelimitedClaims.length === 0 ? undefined : { space_delimited_claims: provider.spaceDelimitedClaims },
  clock_skew_seconds: unless(provider.clockSkewSeconds, CLOCK_SKEW),
  jwt_cache_config:
    provider.cache === undefined
      ? undefined
      : {
          jwt_cache_size: unless(provider.cache.tokens, CACHED_TOKENS),
          jwt_max_token_size: unless(provider.cache.longest, LONGEST_CACHED),
        },
});
