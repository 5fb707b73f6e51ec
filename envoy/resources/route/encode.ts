/** RouteConfiguration to envoy.config.route.v3.RouteConfiguration. */
import type { HeaderMutations, Route, RouteConfiguration, VirtualHost } from '@weft/core/proxy-config';
import type { ClientProfile } from '../../profile/index.ts';
import type { Messages } from '../../tables/index.ts';
import { Encoding, some, unless, type Encoded } from '../base/encoding.ts';
import { enumName } from '../base/enumeration.ts';
import { encodeHeader } from '../base/matcher.ts';
import { routeMetadata } from '../base/metadata.ts';
import { TLS_REQUIREMENTS } from './decode.ts';
import { routeTracing } from '../tracing/index.ts';
import { encodeForward } from './forward.ts';
import { encodeFilterOverrides } from '../http-filters/overrides.ts';
import { encodeHeaders } from './headers.ts';
import { encodeMatch } from './match.ts';
import { encodeDirectResponse, encodeRedirect } from './redirect.ts';
import { encodeRateLimits } from './rate-limit.ts';
import { encodeRetryPolicy } from './retry.ts';
import { MAX_DIRECT_RESPONSE_BODY_SIZE } from './standards.ts';

type Wire = Messages['envoy.config.route.v3.RouteConfiguration'];

export function encodeRouteConfiguration(routes: RouteConfiguration, profile: ClientProfile): Encoded<Wire> {
  const encoding = new Encoding(profile, `routes[${routes.name}]`);
  const message = routeConfigurationMessage(routes, encoding, '');
  return {
    message: encoding.check('envoy.config.route.v3.RouteConfiguration', message),
    diagnostics: encoding.diagnostics(),
  };
}

/** `path` leads to the route table within the row that is encoded; '' or ending in a dot. */
export function routeConfigurationMessage(routes: RouteConfiguration, encoding: Encoding, path: string): Wire {
  const grpc = encoding.profile.engine === 'grpc';
  if (grpc) withoutHeaders(routes.headers, encoding, `${path}headers`);
  return {
    name: routes.name || undefined,
    virtual_hosts: some(
      routes.virtualHosts.map((host, index) => virtualHost(host, encoding, `${path}virtualHosts[${index}]`)),
    ),
    ...(grpc
      ? {}
      : {
          ...encodeHeaders(routes.headers),
          ...encodeFilterOverrides(routes.filterOverrides, encoding, `${path}filterOverrides`),
          validate_clusters: false,
          most_specific_header_mutations_wins: routes.mostSpecificHeaderMutationsWins ? true : undefined,
          max_direct_response_body_size_bytes: unless(
            routes.maxDirectResponseBodySizeBytes,
            MAX_DIRECT_RESPONSE_BODY_SIZE,
          ),
          internal_only_headers: some(routes.internalOnlyHeaders),
          ignore_path_parameters_in_path_matching: routes.ignorePathParameters ? true : undefined,
          ignore_port_in_host_matching: routes.ignorePortInHostMatching ? true : undefined,
        }),
  };
}

function virtualHost(
  host: VirtualHost,
  encoding: Encoding,
  path: string,
): Messages['envoy.config.route.v3.VirtualHost'] {
  const grpc = encoding.profile.engine === 'grpc';
  const retry =
    host.retryPolicy === undefined ? undefined : encodeRetryPolicy(host.retryPolicy, encoding, `${path}.retryPolicy`);
  const routes = some(host.routes.map((route, index) => encodeRoute(route, encoding, `${path}.routes[${index}]`)));
  if (grpc) {
    withoutHeaders(host.headers, encoding, `${path}.headers`);
    if (host.requireTls !== 'none') encoding.cannotSay(`${path}.requireTls`, 'gRPC clients do not redirect to TLS');
    return {
      name: host.name,
      domains: host.domains,
      routes,
      ...encodeFilterOverrides(host.filterOverrides, encoding, `${path}.filterOverrides`),
      retry_policy: retry,
    };
  }
  return {
    name: host.name,
    domains: host.domains,
    routes,
    require_tls: enumName(host.requireTls, TLS_REQUIREMENTS),
    ...encodeHeaders(host.headers),
    ...encodeFilterOverrides(host.filterOverrides, encoding, `${path}.filterOverrides`),
    include_request_attempt_count: host.includeRequestAttemptCount ? true : undefined,
    include_is_timeout_retry_header: host.includeIsTimeoutRetry ? true : undefined,
    metadata: routeMetadata({ ...host, source: undefined }),
    virtual_clusters: some(
      host.virtualClusters.map(({ name, headers }) => ({ name, headers: headers.map(encodeHeader) })),
    ),
    include_attempt_count_in_response: host.includeAttemptCountInResponse ? true : undefined,
    retry_policy: retry,
    ...encodeRateLimits(host.rateLimits),
  };
}

function encodeRoute(route: Route, encoding: Encoding, path: string): Messages['envoy.config.route.v3.Route'] {
  const grpc = encoding.profile.engine === 'grpc';
  const match = encodeMatch(route.match, encoding, `${path}.match`);
  if (grpc) withoutHeaders(route.headers, encoding, `${path}.headers`);
  return {
    name: route.name || undefined,
    stat_prefix: grpc ? undefined : route.statPrefix || undefined,
    match,
    ...encodeAction(route, encoding, `${path}.action`),
    ...(grpc ? {} : encodeHeaders(route.headers)),
    ...encodeFilterOverrides(route.filterOverrides, encoding, `${path}.filterOverrides`),
    metadata: grpc ? undefined : routeMetadata(route),
    ...(grpc ? {} : routeTracing(route)),
  };
}

function encodeAction(
  route: Route,
  encoding: Encoding,
  path: string,
): Pick<Messages['envoy.config.route.v3.Route'], 'route' | 'redirect' | 'direct_response' | 'non_forwarding_action'> {
  const { action } = route;
  if (action.kind === 'forward') return { route: encodeForward(action, encoding, path) };
  if (encoding.profile.engine === 'grpc') {
    encoding.cannotSay(path, `gRPC clients know no ${action.kind}: matching calls fail with UNAVAILABLE`);
    return { non_forwarding_action: {} };
  }
  return action.kind === 'redirect'
    ? { redirect: encodeRedirect(action) }
    : { direct_response: encodeDirectResponse(action) };
}

function withoutHeaders(headers: HeaderMutations, encoding: Encoding, path: string): void {
  const { requestAdd, requestRemove, responseAdd, responseRemove } = headers;
  if (requestAdd.length + requestRemove.length + responseAdd.length + responseRemove.length > 0) {
    encoding.cannotSay(path, 'gRPC clients do not change headers');
  }
}
