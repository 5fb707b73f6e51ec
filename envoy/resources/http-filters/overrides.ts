/**
 * typed_per_filter_config of routes, virtual hosts, route tables and entries of weighted clusters: what they say about filters of the chain, by
 * name. A configuration for a filter that no chain has is of no consequence, as in Envoy; one of a type that is not known here is refused.
 */
import { NO_MESSAGE_MUTATIONS } from '@weft/core/proxy-config';
import type { FilterOverride, FilterOverrideConfig } from '@weft/core/proxy-config';
import { pack, type AnyMessage, type Messages } from '../../tables/index.ts';
import { readingAny, type AnyDecoders, type Cursor } from '../base/cursor.ts';
import type { Encoding } from '../base/encoding.ts';
import { BUFFER_PER_ROUTE, decodeBufferPerRoute, encodeBufferPerRoute } from './buffer.ts';
import { COMPRESSOR_PER_ROUTE } from './compressor.ts';
import { CORS_POLICY, decodeCorsPolicy, encodeCorsPolicy } from './cors.ts';
import { CSRF, decodeCsrf, encodeCsrf } from './csrf.ts';
import { decodeExtAuthzPerRoute, encodeExtAuthzPerRoute, EXT_AUTHZ_PER_ROUTE } from './ext-authz.ts';
import { decodeExtProcPerRoute, encodeExtProcPerRoute, EXT_PROC_PER_ROUTE } from './ext-proc.ts';
import { decodeFault, encodeFault, encodeFaultForGrpc, FAULT } from './fault.ts';
import { decodeMutations, encodeMutations, HEADER_MUTATION_PER_ROUTE } from './header-mutation.ts';
import { decodeJwtPerRoute, encodeJwtPerRoute, JWT_PER_ROUTE } from './jwt-authn/index.ts';
import { decodeLocalRateLimit, encodeLocalRateLimit, LOCAL_RATE_LIMIT } from './local-rate-limit.ts';
import { decodeOnDemand, encodeOnDemand, ON_DEMAND_PER_ROUTE } from './on-demand.ts';
import { decodeRateLimitPerRoute, encodeRateLimitPerRoute, RATE_LIMIT_PER_ROUTE } from './rate-limit.ts';
import { decodeRbacPerRoute, encodeHttpRbac, RBAC_PER_ROUTE, saysNothing } from './rbac.ts';
import {
  decodeStatefulSessionPerRoute,
  encodeStatefulSessionPerRoute,
  STATEFUL_SESSION_PER_ROUTE,
} from './stateful-session.ts';

const FILTER_CONFIG = 'envoy.config.route.v3.FilterConfig';

interface Configured {
  readonly typed_per_filter_config?: ReadonlyMap<string, AnyMessage> | undefined;
}

const CONFIGS: AnyDecoders<FilterOverrideConfig> = {
  [RBAC_PER_ROUTE]: decodeRbacPerRoute,
  [FAULT]: decodeFault,
  [HEADER_MUTATION_PER_ROUTE]: (cursor) => ({
    kind: 'header-mutation',
    mutations: cursor.within('mutations', decodeMutations) ?? NO_MESSAGE_MUTATIONS,
  }),
  [CORS_POLICY]: decodeCorsPolicy,
  [BUFFER_PER_ROUTE]: decodeBufferPerRoute,
  [STATEFUL_SESSION_PER_ROUTE]: decodeStatefulSessionPerRoute,
  [CSRF]: decodeCsrf,
  [LOCAL_RATE_LIMIT]: (cursor) => decodeLocalRateLimit(cursor, true),
  [JWT_PER_ROUTE]: decodeJwtPerRoute,
  [EXT_AUTHZ_PER_ROUTE]: decodeExtAuthzPerRoute,
  [EXT_PROC_PER_ROUTE]: decodeExtProcPerRoute,
  [RATE_LIMIT_PER_ROUTE]: decodeRateLimitPerRoute,
  [ON_DEMAND_PER_ROUTE]: decodeOnDemand,
  [COMPRESSOR_PER_ROUTE]: (cursor) => {
    cursor.take('disabled');
    return { kind: 'compressor' };
  },
};

export function takeFilterOverrides<Message extends Configured>(cursor: Cursor<Message>): FilterOverride[] {
  const own = cursor as unknown as Cursor<Configured>;
  const overrides: FilterOverride[] = [];
  for (const [filter, any] of own.take('typed_per_filter_config') ?? []) {
    const path = own.at('typed_per_filter_config').key(filter);
    const said = readingAny<Omit<FilterOverride, 'filter'>>(any, path, own.report, {
      ...wrapped(),
      [FILTER_CONFIG]: decodeFilterConfig,
    });
    if (said !== undefined) overrides.push({ filter, ...said });
  }
  return overrides.toSorted((a, b) => (a.filter < b.filter ? -1 : 1));
}

const wrapped = (): AnyDecoders<Omit<FilterOverride, 'filter'>> =>
  Object.fromEntries(
    Object.entries(CONFIGS).map(([name, decode]) => [
      name,
      (cursor: Cursor<object>) => ({
        disabled: false,
        config: (decode as (cursor: Cursor<object>) => FilterOverrideConfig)(cursor),
      }),
    ]),
  );

/** `config: {}` says that the filter is on, and nothing more. */
function decodeFilterConfig(cursor: Cursor<Messages[typeof FILTER_CONFIG]>): Omit<FilterOverride, 'filter'> {
  cursor.only('is_optional', false);
  const disabled = cursor.take('disabled') ?? false;
  const any = cursor.take('config');
  if (any === undefined && !disabled)
    cursor.fault('config', 'missing-field', 'neither a configuration nor disabled', 'set config: {}');
  const config =
    any === undefined || any.type_url === ''
      ? undefined
      : readingAny<FilterOverrideConfig>(any, cursor.at('config'), cursor.report, CONFIGS);
  return { disabled, config: disabled ? undefined : config };
}

export function encodeFilterOverrides(
  overrides: readonly FilterOverride[],
  encoding: Encoding,
  path: string,
): Configured {
  if (overrides.length === 0) return {};
  if (encoding.profile.engine === 'grpc') return overridesForGrpc(overrides, encoding, path);
  return {
    typed_per_filter_config: new Map(
      overrides.map((override, index) => [override.filter, encodeOverride(override, encoding, `${path}[${index}]`)]),
    ),
  };
}

/** Of filters, gRPC clients have the fault's alone (gRFC A33, A39). */
function overridesForGrpc(overrides: readonly FilterOverride[], encoding: Encoding, path: string): Configured {
  const said = overrides.flatMap(({ filter, disabled, config }, index): [string, AnyMessage][] => {
    const at = `${path}[${index}]`;
    if (config?.kind === 'fault')
      return [[filter, pack(FAULT, disabled ? {} : encodeFaultForGrpc(config, encoding, `${at}.config`))]];
    encoding.cannotSay(at, `gRPC clients have no filter ${filter}`);
    return [];
  });
  return said.length === 0 ? {} : { typed_per_filter_config: new Map(said) };
}

function encodeOverride({ disabled, config }: FilterOverride, encoding: Encoding, path: string): AnyMessage {
  if (disabled) return pack(FILTER_CONFIG, { disabled: true });
  if (config === undefined) return pack(FILTER_CONFIG, { config: { type_url: '' } });
  switch (config.kind) {
    case 'rbac':
      return pack(
        RBAC_PER_ROUTE,
        saysNothing(config) ? {} : { rbac: encodeHttpRbac(config, encoding, `${path}.config`) },
      );
    case 'fault':
      return pack(FAULT, encodeFault(config));
    case 'header-mutation':
      return pack(HEADER_MUTATION_PER_ROUTE, { mutations: encodeMutations(config.mutations) });
    case 'cors':
      return pack(CORS_POLICY, encodeCorsPolicy(config));
    case 'buffer':
      return pack(BUFFER_PER_ROUTE, encodeBufferPerRoute(config));
    case 'csrf':
      return pack(CSRF, encodeCsrf(config));
    case 'local-rate-limit':
      return pack(LOCAL_RATE_LIMIT, encodeLocalRateLimit(config));
    case 'jwt-authn':
      return pack(JWT_PER_ROUTE, encodeJwtPerRoute(config));
    case 'stateful-session':
      return pack(STATEFUL_SESSION_PER_ROUTE, encodeStatefulSessionPerRoute(config));
    case 'rate-limit':
      return pack(RATE_LIMIT_PER_ROUTE, encodeRateLimitPerRoute(config));
    case 'ext-authz':
      return pack(EXT_AUTHZ_PER_ROUTE, encodeExtAuthzPerRoute(config));
    case 'on-demand':
      return pack(ON_DEMAND_PER_ROUTE, encodeOnDemand(config));
    case 'ext-proc':
      return pack(EXT_PROC_PER_ROUTE, encodeExtProcPerRoute(config));
    case 'compressor':
      return pack(COMPRESSOR_PER_ROUTE, { disabled: true });
  }
}
