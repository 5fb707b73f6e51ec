/** envoy.config.route.v3.RouteConfiguration to RouteConfiguration. */
import type {
  ForwardAction,
  Mirror,
  Route,
  RouteConfiguration,
  RouteMatch,
  VirtualHost,
} from '@weft/core/proxy-config';
import type { Messages } from '../../tables/index.ts';
import type { Cursor } from '../base/cursor.ts';
import { takeEnum, type EnumTable } from '../base/enumeration.ts';
import { decodeHeader } from '../base/matcher.ts';
import { takeHostMetadata, takeRouteMetadata } from '../base/metadata.ts';
import { takeFilterOverrides } from '../http-filters/overrides.ts';
import { takeRouteTracing } from '../tracing/index.ts';
import { decodeForward, decodeHedging, type Inherited } from './forward.ts';
import { takeHeaders } from './headers.ts';
import { decodeMatch } from './match.ts';
import { decodeMirror } from './mirror.ts';
import { decodeDirectResponse, decodeRedirect } from './redirect.ts';
import { takeRateLimits } from './rate-limit.ts';
import { decodeRetryPolicy } from './retry.ts';
import { MAX_DIRECT_RESPONSE_BODY_SIZE } from './standards.ts';

export const TLS_REQUIREMENTS: EnumTable<VirtualHost['requireTls'], 'NONE' | 'EXTERNAL_ONLY' | 'ALL'> = [
  ['none', 'NONE'],
  ['external-only', 'EXTERNAL_ONLY'],
  ['all', 'ALL'],
];

export function decodeRouteConfiguration(
  cursor: Cursor<Messages['envoy.config.route.v3.RouteConfiguration']>,
): RouteConfiguration {
  cursor.only('validate_clusters', false);
  const domains = new Set<string>();
  const names = new Set<string>();
  const mirrors = cursor.each('request_mirror_policies', decodeMirror);
  return {
    name: cursor.take('name') ?? '',
    virtualHosts: cursor.each('virtual_hosts', (host) => {
      const decoded = decodeVirtualHost(host, domains, mirrors);
      if (names.has(decoded.name)) host.fault('name', 'duplicate-name', `two virtual hosts are named ${decoded.name}`);
      names.add(decoded.name);
      return decoded;
    }),
    headers: takeHeaders(cursor),
    ignorePortInHostMatching: cursor.take('ignore_port_in_host_matching') ?? false,
    maxDirectResponseBodySizeBytes: cursor.take('max_direct_response_body_size_bytes') ?? MAX_DIRECT_RESPONSE_BODY_SIZE,
    internalOnlyHeaders: (cursor.take('internal_only_headers') ?? []).map((name) => name.toLowerCase()),
    ignorePathParameters: cursor.take('ignore_path_parameters_in_path_matching') ?? false,
    mostSpecificHeaderMutationsWins: cursor.take('most_specific_header_mutations_wins') ?? false,
    filterOverrides: takeFilterOverrides(cursor),
  };
}

function decodeVirtualHost(
  cursor: Cursor<Messages['envoy.config.route.v3.VirtualHost']>,
  seen: Set<string>,
  mirrorsOfTable: readonly Mirror[],
): VirtualHost {
  const mirrors = cursor.each('request_mirror_policies', decodeMirror);
  const inherited: Inherited = {
    mirrors: mirrors.length > 0 ? mirrors : mirrorsOfTable,
    hedges: cursor.within('hedge_policy', decodeHedging) ?? false,
  };
  const domains = (cursor.take('domains') ?? []).map((domain, index) => {
    const lower = domain.toLowerCase();
    const path = cursor.at('domains').index(index);
    if (seen.has(lower)) cursor.report.fault(path, 'duplicate-name', `the domain ${lower} stands there twice`);
    seen.add(lower);
    if (lower === '' || (lower.length > 1 && lower.slice(1, -1).includes('*')) || /^\*.*\*$/.test(lower)) {
      cursor.report.fault(path, 'invalid-value', 'a domain is exact, *suffix, prefix* or *');
    }
    return lower;
  });
  return {
    name: cursor.take('name') ?? '',
    domains,
    routes: cursor.each('routes', (route) => decodeRoute(route, inherited)),
    headers: takeHeaders(cursor),
    retryPolicy: cursor.within('retry_policy', decodeRetryPolicy),
    requireTls: takeEnum(cursor, 'require_tls', TLS_REQUIREMENTS),
    includeRequestAttemptCount: cursor.take('include_request_attempt_count') ?? false,
    includeAttemptCountInResponse: cursor.take('include_attempt_count_in_response') ?? false,
    virtualClusters: cursor.each('virtual_clusters', (cluster) => ({
      name: cluster.take('name') ?? '',
      headers: cluster.each('headers', decodeHeader),
    })),
    includeIsTimeoutRetry: cursor.take('include_is_timeout_retry_header') ?? false,
    ...takeHostMetadata(cursor),
    filterOverrides: takeFilterOverrides(cursor),
    ...takeRateLimits(cursor),
  };
}

const NOWHERE: ForwardAction = {
  kind: 'forward',
  target: { kind: 'cluster', cluster: '' },
  metadataMatch: [],
  clusterNotFoundStatus: 503,
  rewrite: { path: { kind: 'none' }, host: { kind: 'none' }, appendXForwardedHost: false },
  timeout: 0,
  streamDuration: undefined,
  grpcTimeout: undefined,
  idleTimeout: undefined,
  retryPolicy: undefined,
  upgrades: [],
  internalRedirect: undefined,
  hashPolicies: [],
  priority: 'default',
  mirrors: [],
};

const NEVER: RouteMatch = {
  path: { kind: 'connect' },
  headers: [],
  queryParameters: [],
  cookies: [],
  tls: undefined,
  dynamicMetadata: [],
  grpc: false,
  fraction: undefined,
};

function decodeRoute(cursor: Cursor<Messages['envoy.config.route.v3.Route']>, inherited: Inherited): Route {
  const match = cursor.within('match', decodeMatch);
  const action =
    cursor.within('route', (action) => decodeForward(action, match?.path, inherited)) ??
    cursor.within('redirect', decodeRedirect) ??
    cursor.within('direct_response', decodeDirectResponse);
  return {
    name: cursor.take('name') ?? '',
    statPrefix: cursor.take('stat_prefix') ?? '',
    match: match ?? NEVER,
    action: action ?? NOWHERE,
    headers: takeHeaders(cursor),
    filterOverrides: takeFilterOverrides(cursor),
    ...takeRouteMetadata(cursor),
    ...takeRouteTracing(cursor),
  };
}
