/** HttpConnectionManager to its message, for engines and for proxyless gRPC clients. */
import type { ForwardClientCert, HttpConnectionManager } from '@weft/core/proxy-config';
import { pack, type Messages } from '../../tables/index.ts';
import { encodeAccessLog } from '../access-log/access-log.ts';
import { encodeCidr } from '../base/address.ts';
import { sourceOf } from '../base/config-source.ts';
import { durationUnless } from '../base/duration.ts';
import { filled, some, unless, type Encoding } from '../base/encoding.ts';
import { enumName } from '../base/enumeration.ts';
import { encodeFaultForGrpc, FAULT } from '../http-filters/fault.ts';
import { encodeHttpStatus } from '../http-filters/http-status.ts';
import { encodeStep } from '../route/header-steps.ts';
import { routeConfigurationMessage } from '../route/index.ts';
import { encodeRequestIds, encodeTracing } from '../tracing/index.ts';
import { CLIENT_CERT, CODECS, ESCAPED_SLASHES, SERVER_HEADER, UNDERSCORES } from './enumerations.ts';
import { encodeHttpFilter, encodeRouter, ROUTER_FILTER } from './filters.ts';
import { encodeLocalReply } from './local-reply.ts';
import { encodeHttp1, encodeHttp2 } from './protocol-options.ts';
import { encodeScopedRoutes } from './scoped-routes.ts';
import { EARLY_MUTATION, MAX_HEADERS_COUNT, MAX_REQUEST_HEADERS_KB, SERVER_NAME, TIMEOUTS } from './standards.ts';

type Wire = Messages['envoy.extensions.filters.network.http_connection_manager.v3.HttpConnectionManager'];

export function encodeHttpConnectionManager(manager: HttpConnectionManager, encoding: Encoding, path: string): Wire {
  const { timeouts } = manager;
  return {
    codec_type: enumName(manager.codec, CODECS),
    stat_prefix: manager.statPrefix,
    ...encodeRoutes(manager, encoding, path),
    http_filters: [
      ...manager.httpFilters.map((filter, index) =>
        encodeHttpFilter(filter, encoding, `${path}.httpFilters[${index}]`),
      ),
      encodeRouter(manager.router),
    ],
    common_http_protocol_options: filled({
      idle_timeout: durationUnless(timeouts.idle, TIMEOUTS.idle),
      max_connection_duration: durationUnless(timeouts.maxConnectionDuration, TIMEOUTS.maxConnectionDuration),
      max_stream_duration: durationUnless(timeouts.maxStreamDuration, TIMEOUTS.maxStreamDuration),
      max_headers_count: unless(manager.maxHeadersCount, MAX_HEADERS_COUNT),
      max_requests_per_connection: unless(manager.maxRequestsPerConnection, 0),
      headers_with_underscores_action: enumName(manager.headersWithUnderscores, UNDERSCORES),
    }),
    http_protocol_options: encodeHttp1(manager.http1),
    http2_protocol_options: filled(encodeHttp2(manager.http2)),
    server_name: unless(manager.serverName, SERVER_NAME),
    server_header_transformation: enumName(manager.serverHeaderTransformation, SERVER_HEADER),
    max_request_headers_kb: unless(manager.maxRequestHeadersKb, MAX_REQUEST_HEADERS_KB),
    stream_idle_timeout: durationUnless(timeouts.streamIdle, TIMEOUTS.streamIdle),
    request_timeout: durationUnless(timeouts.request, TIMEOUTS.request),
    request_headers_timeout: durationUnless(timeouts.requestHeaders, TIMEOUTS.requestHeaders),
    drain_timeout: durationUnless(timeouts.drain, TIMEOUTS.drain),
    delayed_close_timeout: durationUnless(timeouts.delayedClose, TIMEOUTS.delayedClose),
    access_log: some(manager.accessLogs.map(encodeAccessLog)),
    local_reply_config: manager.localReply === undefined ? undefined : encodeLocalReply(manager.localReply),
    tracing: manager.tracing === undefined ? undefined : encodeTracing(manager.tracing),
    request_id_extension: encodeRequestIds(manager.requestIds),
    append_x_forwarded_port: manager.appendXForwardedPort ? true : undefined,
    early_header_mutation_extensions:
      manager.earlyMutations === undefined
        ? undefined
        : [
            {
              name: 'envoy.http.early_header_mutation.header_mutation',
              typed_config: pack(EARLY_MUTATION, { mutations: manager.earlyMutations.map(encodeStep) }),
            },
          ],
    scheme_header_transformation:
      manager.schemeToOverwrite === undefined ? undefined : { scheme_to_overwrite: manager.schemeToOverwrite },
    internal_address_config:
      manager.internalAddresses === undefined
        ? undefined
        : {
            cidr_ranges: some(manager.internalAddresses.ranges.map(encodeCidr)),
            unix_sockets: manager.internalAddresses.unixSockets ? true : undefined,
          },
    use_remote_address: manager.useRemoteAddress ? true : undefined,
    original_ip_detection_extensions: encodeClient(manager),
    xff_num_trusted_hops: unless(manager.xffNumTrustedHops, 0),
    skip_xff_append: manager.skipXffAppend ? true : undefined,
    via: manager.via || undefined,
    generate_request_id: unless(manager.generateRequestId, true),
    preserve_external_request_id: manager.preserveExternalRequestId ? true : undefined,
    always_set_request_id_in_response: manager.alwaysSetRequestIdInResponse ? true : undefined,
    ...encodeForwardClientCert(manager.forwardClientCert),
    upgrade_configs: some(manager.upgrades.map((upgrade_type) => ({ upgrade_type }))),
    normalize_path: manager.normalizePath ? true : undefined,
    merge_slashes: manager.mergeSlashes ? true : undefined,
    path_with_escaped_slashes_action: enumName(manager.pathWithEscapedSlashes, ESCAPED_SLASHES),
    strip_any_host_port: manager.stripAnyHostPort ? true : undefined,
    strip_matching_host_port: manager.stripMatchingHostPort ? true : undefined,
    strip_trailing_host_dot: manager.stripTrailingHostDot ? true : undefined,
  };
}

function encodeRoutes(
  manager: HttpConnectionManager,
  encoding: Encoding,
  path: string,
): Pick<Wire, 'rds' | 'route_config' | 'scoped_routes'> {
  const { routes } = manager;
  switch (routes.kind) {
    case 'rds':
      return { rds: { config_source: sourceOf(routes.file, routes.fetchTimeout), route_config_name: routes.name } };
    case 'inline':
      return {
        route_config: routeConfigurationMessage(routes.configuration, encoding, `${path}.routes.configuration.`),
      };
    case 'scoped':
      return { scoped_routes: encodeScopedRoutes(routes, encoding, `${path}.routes`) };
  }
}

function encodeForwardClientCert(cert: ForwardClientCert): Partial<Wire> {
  return {
    forward_client_cert_details: enumName(cert.details, CLIENT_CERT),
    set_current_client_cert_details: filled({
      subject: cert.subject ? true : undefined,
      cert: cert.cert ? true : undefined,
      chain: cert.chain ? true : undefined,
      dns: cert.dns ? true : undefined,
      uri: cert.uri ? true : undefined,
    }),
  };
}

/** What a gRPC client reads of it (gRFC A27, A31, A33, A39). */
export function encodeManagerForGrpc(manager: HttpConnectionManager, encoding: Encoding, path: string): Wire {
  const filters = manager.httpFilters.flatMap((filter, index) => {
    const at = `${path}.httpFilters[${index}]`;
    // They do not read `disabled`: a filter that is off until a route has its word is one that does nothing.
    if (filter.kind === 'fault') {
      const config = filter.disabled ? {} : encodeFaultForGrpc(filter, encoding, at);
      return [{ name: filter.name, typed_config: pack(FAULT, config) }];
    }
    encoding.cannotSay(at, `gRPC clients have no ${filter.kind} filter`, 'error');
    return [];
  });
  if (manager.routes.kind === 'scoped')
    encoding.cannotSay(`${path}.routes`, 'gRPC clients have no scoped routes', 'error');
  if (manager.accessLogs.length > 0) encoding.cannotSay(`${path}.accessLogs`, 'gRPC clients write no access log');
  if (manager.tracing !== undefined) encoding.cannotSay(`${path}.tracing`, 'gRPC clients trace by themselves');
  return {
    stat_prefix: manager.statPrefix,
    ...encodeRoutes(manager, encoding, path),
    http_filters: [...filters, ROUTER_FILTER],
    common_http_protocol_options: filled({
      max_stream_duration: durationUnless(manager.timeouts.maxStreamDuration, TIMEOUTS.maxStreamDuration),
    }),
  };
}

function encodeClient({ clientHeader, forwardedFor }: HttpConnectionManager): Wire['original_ip_detection_extensions'] {
  if (forwardedFor !== undefined)
    return [
      {
        name: 'envoy.http.original_ip_detection.xff',
        typed_config: pack('envoy.extensions.http.original_ip_detection.xff.v3.XffConfig', {
          xff_trusted_cidrs: { cidrs: some(forwardedFor.trusted.map(encodeCidr)) },
          skip_xff_append: forwardedFor.append ? false : undefined,
        }),
      },
    ];
  if (clientHeader === undefined) return undefined;
  const { name, rejectStatus } = clientHeader;
  return [
    {
      name: 'envoy.http.original_ip_detection.custom_header',
      typed_config: pack('envoy.extensions.http.original_ip_detection.custom_header.v3.CustomHeaderConfig', {
        header_name: name,
        reject_with_status: rejectStatus === undefined ? undefined : encodeHttpStatus(rejectStatus),
      }),
    },
  ];
}
