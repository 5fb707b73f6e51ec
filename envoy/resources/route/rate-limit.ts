/** envoy.config.route.v3.RateLimit: what requests of a route are counted by. */
import type { RateLimit, RateLimitAction } from '@weft/core/proxy-config';
import type { Messages } from '../../tables/index.ts';
import type { Cursor } from '../base/cursor.ts';
import { some, unless } from '../base/encoding.ts';
import { takeEnum, enumName, type EnumTable } from '../base/enumeration.ts';
import { decodeHeader, decodeQuery, encodeHeader, encodeQuery } from '../base/matcher.ts';

type Wire = Messages['envoy.config.route.v3.RateLimit'];
type WireAction = Messages['envoy.config.route.v3.RateLimit.Action'];
type WireMetadata = Messages['envoy.config.route.v3.RateLimit.Action.MetaData'];
type WireKey = Messages['envoy.type.metadata.v3.MetadataKey'];

const MAX_STAGE = 10;

export function decodeRateLimit(cursor: Cursor<Wire>): RateLimit {
  const stage = cursor.take('stage') ?? 0;
  if (stage > MAX_STAGE) cursor.fault('stage', 'invalid-value', `a stage is at most ${MAX_STAGE}`);
  cursor.take('disable_key');
  return {
    stage,
    actions: cursor.each('actions', decodeAction),
  };
}

function decodeAction(cursor: Cursor<WireAction>): RateLimitAction {
  const action =
    cursor.within('source_cluster', (): RateLimitAction => ({ kind: 'source-cluster' })) ??
    cursor.within('destination_cluster', (): RateLimitAction => ({ kind: 'destination-cluster' })) ??
    cursor.within(
      'request_headers',
      (header): RateLimitAction => ({
        kind: 'request-header',
        name: (header.take('header_name') ?? '').toLowerCase(),
        key: header.take('descriptor_key') ?? '',
        skipIfAbsent: header.take('skip_if_absent') ?? false,
      }),
    ) ??
    cursor.within(
      'query_parameters',
      (query): RateLimitAction => ({
        kind: 'query-parameter',
        name: query.take('query_parameter_name') ?? '',
        key: query.take('descriptor_key') ?? '',
        skipIfAbsent: query.take('skip_if_absent') ?? false,
      }),
    ) ??
    cursor.within('remote_address', (): RateLimitAction => ({ kind: 'remote-address' })) ??
    cursor.within(
      'masked_remote_address',
      (mask): RateLimitAction => ({
        kind: 'masked-remote-address',
        v4: mask.take('v4_prefix_mask_len') ?? 32,
        v6: mask.take('v6_prefix_mask_len') ?? 128,
      }),
    ) ??
    cursor.within(
      'generic_key',
      (generic): RateLimitAction => ({
        kind: 'generic-key',
        key: generic.take('descriptor_key') || 'generic_key',
        value: generic.take('descriptor_value') ?? '',
      }),
    ) ??
    cursor.within(
      'header_value_match',
      (match): RateLimitAction => ({
        kind: 'header-value-match',
        key: match.take('descriptor_key') || 'header_match',
        value: match.take('descriptor_value') ?? '',
        expectMatch: match.take('expect_match') ?? true,
        headers: match.each('headers', decodeHeader),
      }),
    ) ??
    cursor.within(
      'query_parameter_value_match',
      (match): RateLimitAction => ({
        kind: 'query-value-match',
        key: match.take('descriptor_key') || 'query_match',
        value: match.take('descriptor_value') ?? '',
        expectMatch: match.take('expect_match') ?? true,
        parameters: match.each('query_parameters', decodeQuery),
      }),
    ) ??
    cursor.within('metadata', decodeMetadata);
  if (action === undefined) cursor.refuse('unsupported-value', 'none of the actions that are supported here');
  return action ?? { kind: 'source-cluster' };
}

const SOURCES: EnumTable<'dynamic' | 'route', 'DYNAMIC' | 'ROUTE_ENTRY'> = [
  ['dynamic', 'DYNAMIC'],
  ['route', 'ROUTE_ENTRY'],
];

function decodeMetadata(cursor: Cursor<WireMetadata>): RateLimitAction {
  const where = cursor.within('metadata_key', (key) => ({
    namespace: key.take('key') ?? '',
    path: key.each('path', (segment) => segment.take('key') ?? ''),
  }));
  return {
    kind: 'metadata',
    key: cursor.take('descriptor_key') ?? '',
    source: takeEnum(cursor, 'source', SOURCES),
    namespace: where?.namespace ?? '',
    path: where?.path ?? [],
    fallback: cursor.take('default_value') ?? '',
    skipIfAbsent: cursor.take('skip_if_absent') ?? false,
  };
}

export const encodeRateLimit = (limit: RateLimit): Wire => ({
  stage: unless(limit.stage, 0),
  actions: limit.actions.map(encodeAction),
});

function encodeAction(action: RateLimitAction): WireAction {
  switch (action.kind) {
    case 'source-cluster':
      return { source_cluster: {} };
    case 'destination-cluster':
      return { destination_cluster: {} };
    case 'request-header':
      return {
        request_headers: {
          header_name: action.name,
          descriptor_key: action.key,
          skip_if_absent: unless(action.skipIfAbsent, false),
        },
      };
    case 'query-parameter':
      return {
        query_parameters: {
          query_parameter_name: action.name,
          descriptor_key: action.key,
          skip_if_absent: unless(action.skipIfAbsent, false),
        },
      };
    case 'remote-address':
      return { remote_address: {} };
    case 'masked-remote-address':
      return { masked_remote_address: { v4_prefix_mask_len: action.v4, v6_prefix_mask_len: action.v6 } };
    case 'generic-key':
      return { generic_key: { descriptor_key: unless(action.key, 'generic_key'), descriptor_value: action.value } };
    case 'header-value-match':
      return {
        header_value_match: {
          descriptor_key: unless(action.key, 'header_match'),
          descriptor_value: action.value,
          expect_match: unless(action.expectMatch, true),
          headers: action.headers.map(encodeHeader),
        },
      };
    case 'query-value-match':
      return {
        query_parameter_value_match: {
          descriptor_key: unless(action.key, 'query_match'),
          descriptor_value: action.value,
          expect_match: unless(action.expectMatch, true),
          query_parameters: action.parameters.map(encodeQuery),
        },
      };
    case 'metadata':
      return {
        metadata: {
          descriptor_key: action.key,
          source: enumName(action.source, SOURCES),
          metadata_key: encodeKey(action.namespace, action.path),
          default_value: action.fallback || undefined,
          skip_if_absent: unless(action.skipIfAbsent, false),
        },
      };
  }
}

const encodeKey = (namespace: string, path: readonly string[]): WireKey => ({
  key: namespace,
  path: some(path.map((key) => ({ key }))),
});

interface WithLimits {
  readonly rate_limits?: readonly Wire[] | undefined;
}

/** Absent where there is none. */
export function takeRateLimits<Message extends WithLimits>(
  cursor: Cursor<Message>,
): { readonly rateLimits?: readonly RateLimit[] } {
  const rateLimits = (cursor as unknown as Cursor<WithLimits>).each('rate_limits', decodeRateLimit);
  return rateLimits.length === 0 ? {} : { rateLimits };
}

export const encodeRateLimits = (limits: readonly RateLimit[] | undefined): WithLimits => ({
  rate_limits: some((limits ?? []).map(encodeRateLimit)),
});
