/** envoy.extensions.filters.network.http_connection_manager.v3.HttpConnectionManager to HttpConnectionManager. */
import type {
  ClientHeader,
  ForwardClientCert,
  ForwardedFor,
  HttpConnectionManager,
  HttpTimeouts,
} from '@weft/core/proxy-config';
import type { Messages } from '../../tables/index.ts';
import { decodeAccessLog } from '../access-log/access-log.ts';
import { decodeCidr } from '../base/address.ts';
import { decodeTimedSource } from '../base/config-source.ts';
import { readingAny, type Cursor } from '../base/cursor.ts';
import { takeDuration } from '../base/duration.ts';
import { takeEnum } from '../base/enumeration.ts';
import { decodeHttpStatus } from '../http-filters/http-status.ts';
import { decodeStep } from '../route/header-steps.ts';
import { decodeRouteConfiguration } from '../route/index.ts';
import { decodeTracing, takeRequestIds } from '../tracing/index.ts';
import { CLIENT_CERT, CODECS, ESCAPED_SLASHES, SERVER_HEADER, UNDERSCORES } from './enumerations.ts';
import { takeHttpFilters } from './filters.ts';
import { decodeLocalReply } from './local-reply.ts';
import { decodeHttp1, decodeHttp2, HTTP1_OPTIONS, HTTP2_OPTIONS } from './protocol-options.ts';
import { decodeScopedRoutes } from './scoped-routes.ts';
import {
  EARLY_MUTATION,
  FORWARD_CLIENT_CERT,
  MAX_HEADERS_COUNT,
  MAX_REQUEST_HEADERS_KB,
  SERVER_NAME,
  TIMEOUTS,
} from './standards.ts';

const XFF = 'envoy.extensions.http.original_ip_detection.xff.v3.XffConfig';
const CUSTOM_HEADER = 'envoy.extensions.http.original_ip_detection.custom_header.v3.CustomHeaderConfig';
/** What Envoy answers where the configuration says no status of its own. */
const FORBIDDEN = 403;

type Wire = Messages['envoy.extensions.filters.network.http_connection_manager.v3.HttpConnectionManager'];

export function decodeHttpConnectionManager(cursor: Cursor<Wire>): HttpConnectionManager {
  const common = cursor.within('common_http_protocol_options', (options) => ({
    idle: takeDuration(options, 'idle_timeout', TIMEOUTS.idle),
    maxConnectionDuration: takeDuration(options, 'max_connection_duration', TIMEOUTS.maxConnectionDuration),
    maxStreamDuration: takeDuration(options, 'max_stream_duration', TIMEOUTS.maxStreamDuration),
    maxHeadersCount: options.take('max_headers_count') ?? MAX_HEADERS_COUNT,
    maxRequestsPerConnection: options.take('max_requests_per_connection') ?? 0,
    headersWithUnderscores: takeEnum(options, 'headers_with_underscores_action', UNDERSCORES),
  }));
  // Who sent what is no message is not listened to any longer.
  cursor.only('stream_error_on_invalid_http_message', false);
  const tracing = cursor.within('tracing', decodeTracing);
  return {
    statPrefix: cursor.take('stat_prefix') ?? '',
    codec: takeEnum(cursor, 'codec_type', CODECS),
    http1: cursor.within('http_protocol_options', decodeHttp1) ?? HTTP1_OPTIONS,
    http2: cursor.within('http2_protocol_options', decodeHttp2) ?? HTTP2_OPTIONS,
    routes: decodeRoutes(cursor),
    ...takeHttpFilters(cursor),
    upgrades: cursor
      .each('upgrade_configs', (upgrade) => ({
        type: (upgrade.take('upgrade_type') ?? '').toLowerCase(),
        enabled: upgrade.take('enabled') ?? true,
      }))
      .filter((upgrade) => upgrade.enabled)
      .map((upgrade) => upgrade.type),
    timeouts: decodeTimeouts(cursor, common),
    maxRequestHeadersKb: cursor.take('max_request_headers_kb') ?? MAX_REQUEST_HEADERS_KB,
    maxHeadersCount: common?.maxHeadersCount ?? MAX_HEADERS_COUNT,
    maxRequestsPerConnection: common?.maxRequestsPerConnection ?? 0,
    useRemoteAddress: cursor.take('use_remote_address') ?? false,
    ...takeClient(cursor),
    skipXffAppend: cursor.take('skip_xff_append') ?? false,
    via: cursor.take('via') ?? '',
    serverName: cursor.take('server_name') ?? SERVER_NAME,
    serverHeaderTransformation: takeEnum(cursor, 'server_header_transformation', SERVER_HEADER),
    generateRequestId: cursor.take('generate_request_id') ?? true,
    preserveExternalRequestId: cursor.take('preserve_external_request_id') ?? false,
    alwaysSetRequestIdInResponse: cursor.take('always_set_request_id_in_response') ?? false,
    forwardClientCert: decodeForwardClientCert(cursor),
    normalizePath: cursor.take('normalize_path') ?? false,
    mergeSlashes: cursor.take('merge_slashes') ?? false,
    pathWithEscapedSlashes: takeEnum(cursor, 'path_with_escaped_slashes_action', ESCAPED_SLASHES),
    headersWithUnderscores: common?.headersWithUnderscores ?? 'allow',
    stripAnyHostPort: cursor.take('strip_any_host_port') ?? false,
    stripMatchingHostPort: cursor.take('strip_matching_host_port') ?? false,
    stripTrailingHostDot: cursor.take('strip_trailing_host_dot') ?? false,
    accessLogs: cursor.each('access_log', decodeAccessLog),
    localReply: cursor.within('local_reply_config', decodeLocalReply),
    appendXForwardedPort: cursor.take('append_x_forwarded_port') ?? false,
    ...takeEarlyMutations(cursor),
    ...takeScheme(cursor),
    ...takeRequestIds(cursor),
    ...(tracing === undefined ? {} : { tracing }),
    internalAddresses: cursor.within('internal_address_config', (config) => ({
      ranges: config.each('cidr_ranges', decodeCidr),
      unixSockets: config.take('unix_sockets') ?? false,
    })),
  };
}

/** One after the other, as their extensions stand. */
function takeEarlyMutations(cursor: Cursor<Wire>): Pick<HttpConnectionManager, 'earlyMutations'> {
  const steps = cursor
    .each('early_header_mutation_extensions', (extension) => {
      extension.take('name');
      return readingAny(extension.take('typed_config'), extension.at('typed_config'), extension.report, {
        [EARLY_MUTATION]: (mutation) => mutation.each('mutations', decodeStep),
      });
    })
    .flatMap((made) => made ?? []);
  return steps.length === 0 ? {} : { earlyMutations: steps };
}

function takeScheme(cursor: Cursor<Wire>): Pick<HttpConnectionManager, 'schemeToOverwrite'> {
  return (
    cursor.within('scheme_header_transformation', (transformation) => {
      const scheme = transformation.take('scheme_to_overwrite');
      return scheme === 'http' || scheme === 'https' ? { schemeToOverwrite: scheme } : {};
    }) ?? {}
  );
}

type Detected = number | ClientHeader | ForwardedFor;

/** Beside use_remote_address: false, an extension says what xff_num_trusted_hops says, which proxies are believed, or which header. */
function takeClient(
  cursor: Cursor<Wire>,
): Pick<HttpConnectionManager, 'xffNumTrustedHops' | 'clientHeader' | 'forwardedFor'> {
  const hops = cursor.take('xff_num_trusted_hops') ?? 0;
  const [detected, second] = cursor.each('original_ip_detection_extensions', (extension) => {
    extension.take('name');
    return readingAny<Detected>(extension.take('typed_config'), extension.at('typed_config'), extension.report, {
      [XFF]: decodeForwardedFor,
      [CUSTOM_HEADER]: decodeClientHeader,
    });
  });
  if (second !== undefined)
    cursor.fault('original_ip_detection_extensions', 'unsupported-value', 'only one is supported here');
  if (detected !== undefined && (cursor.take('use_remote_address') === true || hops > 0))
    cursor.fault(
      'original_ip_detection_extensions',
      'oneof-conflict',
      'not beside use_remote_address or xff_num_trusted_hops',
    );
  if (typeof detected !== 'object') return { xffNumTrustedHops: detected ?? hops };
  return 'trusted' in detected
    ? { xffNumTrustedHops: hops, forwardedFor: detected }
    : { xffNumTrustedHops: hops, clientHeader: detected };
}

function decodeForwardedFor(cursor: Cursor<Messages[typeof XFF]>): number | ForwardedFor {
  const trusted = cursor.within('xff_trusted_cidrs', (ranges) => ranges.each('cidrs', decodeCidr));
  const hops = cursor.take('xff_num_trusted_hops') ?? 0;
  if (trusted === undefined) {
    cursor.only('skip_xff_append', true);
    return hops;
  }
  if (hops > 0) cursor.fault('xff_trusted_cidrs', 'oneof-conflict', 'not beside xff_num_trusted_hops');
  return { trusted, append: cursor.take('skip_xff_append') === false };
}

/** A status that is no error stands for 403, as in Envoy. */
function decodeClientHeader(cursor: Cursor<Messages[typeof CUSTOM_HEADER]>): ClientHeader {
  cursor.only('allow_extension_to_set_address_as_trusted', false);
  const status = cursor.within('reject_with_status', (inner) => decodeHttpStatus(inner, FORBIDDEN));
  return {
    name: (cursor.take('header_name') ?? '').toLowerCase(),
    rejectStatus: status === undefined || status >= 400 ? status : FORBIDDEN,
  };
}

function decodeRoutes(cursor: Cursor<Wire>): HttpConnectionManager['routes'] {
  const inline = cursor.within('route_config', decodeRouteConfiguration);
  if (inline !== undefined) return { kind: 'inline', configuration: inline };
  const named = cursor.within('rds', (rds) => {
    if (!rds.has('config_source'))
      rds.fault('config_source', 'missing-field', 'routes need their source', 'set config_source: {ads: {}}');
    const source = rds.within('config_source', decodeTimedSource);
    const routes = rds.take('route_config_name') ?? '';
    if (routes === '') rds.fault('route_config_name', 'missing-field', 'the name of the routes must not be empty');
    return { name: routes, ...source };
  });
  if (named !== undefined) return { kind: 'rds', ...named };
  return cursor.within('scoped_routes', decodeScopedRoutes) ?? { kind: 'rds', name: '' };
}

function decodeTimeouts(
  cursor: Cursor<Wire>,
  common: Pick<HttpTimeouts, 'idle' | 'maxConnectionDuration' | 'maxStreamDuration'> | undefined,
): HttpTimeouts {
  return {
    request: takeDuration(cursor, 'request_timeout', TIMEOUTS.request),
    requestHeaders: takeDuration(cursor, 'request_headers_timeout', TIMEOUTS.requestHeaders),
    streamIdle: takeDuration(cursor, 'stream_idle_timeout', TIMEOUTS.streamIdle),
    idle: common?.idle ?? TIMEOUTS.idle,
    maxConnectionDuration: common?.maxConnectionDuration ?? TIMEOUTS.maxConnectionDuration,
    maxStreamDuration: common?.maxStreamDuration ?? TIMEOUTS.maxStreamDuration,
    drain: takeDuration(cursor, 'drain_timeout', TIMEOUTS.drain),
    delayedClose: takeDuration(cursor, 'delayed_close_timeout', TIMEOUTS.delayedClose),
  };
}

function decodeForwardClientCert(cursor: Cursor<Wire>): ForwardClientCert {
  const parts = cursor.within('set_current_client_cert_details', (details) => ({
    subject: details.take('subject') ?? false,
    cert: details.take('cert') ?? false,
    chain: details.take('chain') ?? false,
    dns: details.take('dns') ?? false,
    uri: details.take('uri') ?? false,
  }));
  return { ...FORWARD_CLIENT_CERT, ...parts, details: takeEnum(cursor, 'forward_client_cert_details', CLIENT_CERT) };
}
