/** envoy.config.route.v3.RouteConfiguration to RouteConfiguration. */
import type { ForwardAction, Route, RouteConfiguration, VirtualHost } from '@weft/core/proxy-config';
import type { Messages } from '../../tables/index.ts';
import type { Cursor } from '../base/cursor.ts';
import { takeEnum, type EnumTable } from '../base/enumeration.ts';
import { takeSource } from '../base/metadata.ts';
import { decodeForward } from './forward.ts';
import { takeHeaders } from './headers.ts';
import { decodeMatch } from './match.ts';
import { decodeDirectResponse, decodeRedirect } from './redirect.ts';
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
  return {
    name: cursor.take('name') ?? '',
    virtualHosts: cursor.each('virtual_hosts', (host) => {
      const decoded = decodeVirtualHost(host, domains);
      if (names.has(decoded.name)) host.fault('name', 'duplicate-name', `two virtual hosts are named ${decoded.name}`);
      names.add(decoded.name);
      return decoded;
    }),
    headers: takeHeaders(cursor),
    ignorePortInHostMatching: cursor.take('ignore_port_in_host_matching') ?? false,
    maxDirectResponseBodySizeBytes: cursor.take('max_direct_response_body_size_bytes') ?? MAX_DIRECT_RESPONSE_BODY_SIZE,
    mostSpecificHeaderMutationsWins: cursor.take('most_specific_header_mutations_wins') ?? false,
  };
}

function decodeVirtualHost(
  cursor: Cursor<Messages['envoy.config.route.v3.VirtualHost']>,
  seen: Set<string>,
): VirtualHost {
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
    routes: cursor.each('routes', decodeRoute),
    headers: takeHeaders(cursor),
    retryPolicy: cursor.within('retry_policy', decodeRetryPolicy),
    requireTls: takeEnum(cursor, 'require_tls', TLS_REQUIREMENTS),
    includeRequestAttemptCount: cursor.take('include_request_attempt_count') ?? false,
    includeAttemptCountInResponse: cursor.take('include_attempt_count_in_response') ?? false,
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
  hashPolicies: [],
  priority: 'default',
  mirrors: [],
};

function decodeRoute(cursor: Cursor<Messages['envoy.config.route.v3.Route']>): Route {
  const match = cursor.within('match', decodeMatch);
  const action =
    cursor.within('route', decodeForward) ??
    cursor.within('redirect', decodeRedirect) ??
    cursor.within('direct_response', decodeDirectResponse);
  return {
    name: cursor.take('name') ?? '',
    match: match ?? { path: { kind: 'connect' }, headers: [], queryParameters: [], grpc: false, fraction: undefined },
    action: action ?? NOWHERE,
    headers: takeHeaders(cursor),
    source: takeSource(cursor),
  };
}
