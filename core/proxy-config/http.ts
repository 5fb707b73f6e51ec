/** The HTTP connection manager (envoy.extensions.filters.network.http_connection_manager.v3.HttpConnectionManager). */
import type { AccessLog, AccessLogFilter, BodyFormat } from './access-log.ts';
import type { HeaderMutationStep, HttpFilter } from './http-filter.ts';
import type { HeaderValueOption, RouteConfiguration } from './route.ts';
import type { ResourceFile } from './resource-file.ts';
import type { ScopedRoutes } from './scope.ts';
import type { TextSource } from './text-source.ts';
import type { Tracing } from './tracing.ts';

/** envoy.extensions.http.original_ip_detection.custom_header.v3.CustomHeaderConfig; the address in it does not make a request internal. */
export interface ClientHeader {
  /** Lower case. */
  readonly name: string;
  /** Answer to a request whose header is no address or is missing; undefined: it counts as from the other end of the connection. */
  readonly rejectStatus: number | undefined;
}

/** envoy.extensions.http.original_ip_detection.xff.v3.XffConfig with xff_trusted_cidrs. */
export interface ForwardedFor {
  /** CIDR; from the right, what x-forwarded-for names of them is passed over, where the peer is one of them. */
  readonly trusted: readonly string[];
  /** Whether the peer is appended to x-forwarded-for (not skip_xff_append, which is Envoy's default here). */
  readonly append: boolean;
}

export interface HttpConnectionManager {
  readonly statPrefix: string;
  readonly codec: 'auto' | 'http1' | 'http2';
  readonly http1: Http1Options;
  readonly http2: Http2Options;
  /** Route table by name (RDS: a row of `routes`, by ADS or from a file), inline, or the one of each request's scope. */
  readonly routes:
    | {
        readonly kind: 'rds';
        readonly name: string;
        readonly file?: ResourceFile;
        /** ms that the listener waits for its routes, 0: until they are there; absent: Envoy's 15 s. */
        readonly fetchTimeout?: number;
      }
    | { readonly kind: 'inline'; readonly configuration: RouteConfiguration }
    | ScopedRoutes;
  /** In order; the router stands for itself at the end and is not listed. */
  readonly httpFilters: readonly HttpFilter[];
  /** Upgrade types allowed for every route (upgrade_configs), lower case, e.g. `websocket`, `connect`. */
  readonly upgrades: readonly string[];
  readonly timeouts: HttpTimeouts;
  /** max_request_headers_kb; Envoy's default 60. */
  readonly maxRequestHeadersKb: number;
  /** common_http_protocol_options.max_headers_count; Envoy's default 100. */
  readonly maxHeadersCount: number;
  /** 0: unlimited. */
  readonly maxRequestsPerConnection: number;
  readonly useRemoteAddress: boolean;
  readonly xffNumTrustedHops: number;
  /** Who says whom a request is from instead of x-forwarded-for; absent: nobody. */
  readonly clientHeader?: ClientHeader;
  /** Whom x-forwarded-for is believed, instead of xffNumTrustedHops, beside useRemoteAddress: false; absent: hops say. */
  readonly forwardedFor?: ForwardedFor;
  readonly skipXffAppend: boolean;
  readonly via: string;
  /** Default `envoy`. */
  readonly serverName: string;
  readonly serverHeaderTransformation: 'overwrite' | 'append-if-absent' | 'pass-through';
  readonly generateRequestId: boolean;
  readonly preserveExternalRequestId: boolean;
  readonly alwaysSetRequestIdInResponse: boolean;
  readonly forwardClientCert: ForwardClientCert;
  readonly normalizePath: boolean;
  readonly mergeSlashes: boolean;
  readonly pathWithEscapedSlashes:
    | 'keep-unchanged'
    | 'reject-request'
    | 'unescape-and-redirect'
    | 'unescape-and-forward';
  readonly headersWithUnderscores: 'allow' | 'reject-request' | 'drop-header';
  readonly stripAnyHostPort: boolean;
  readonly stripMatchingHostPort: boolean;
  readonly stripTrailingHostDot: boolean;
  readonly accessLogs: readonly AccessLog[];
  /** local_reply_config: how answers of our own are rewritten; undefined: they go as they are. */
  readonly localReply: LocalReply | undefined;
  /** append_x_forwarded_port: the port that the client came to is told in x-forwarded-port. */
  readonly appendXForwardedPort: boolean;
  /** early_header_mutation_extensions: changes before anything else looks at a request. Absent: none. */
  readonly earlyMutations?: readonly HeaderMutationStep[];
  /** scheme_header_transformation.scheme_to_overwrite: what `:scheme` and x-forwarded-proto are, whatever came. */
  readonly schemeToOverwrite?: 'http' | 'https';
  /** internal_address_config: whose requests are internal, and may say x-envoy-* headers of the router. undefined: nobody's, Envoy's default. */
  readonly internalAddresses: { readonly ranges: readonly string[]; readonly unixSockets: boolean } | undefined;
  /** Absent: requests are not traced. */
  readonly tracing?: Tracing;
  /** request_id_extension: what request ids tell of tracing. Absent: the reason is written into them, and they decide what is sampled. */
  readonly requestIds?: RequestIds;
  readonly router: RouterOptions;
}

/** envoy.extensions.request_id.uuid.v3.UuidRequestIdConfig */
export interface RequestIds {
  /** Envoy's default true each. */
  readonly packTraceReason: boolean;
  readonly decideSampling: boolean;
}

/** envoy.extensions.filters.http.router.v3.Router */
export interface RouterOptions {
  /** dynamic_stats, default true: answers are counted by status and time. */
  readonly dynamicStats: boolean;
  /** No x-envoy-* header is added, to the request or the answer. */
  readonly suppressEnvoyHeaders: boolean;
  /** Requests with a malformed one of these get 400. */
  readonly strictCheckHeaders: readonly string[];
  /** x-envoy-expected-rq-timeout-ms of another proxy is the time-out. */
  readonly respectExpectedTimeout: boolean;
}

export const PLAIN_ROUTER: RouterOptions = {
  dynamicStats: true,
  suppressEnvoyHeaders: false,
  strictCheckHeaders: [],
  respectExpectedTimeout: false,
};

export interface LocalReply {
  /** The first whose filter takes the answer counts. */
  readonly mappers: readonly LocalReplyMapper[];
  /** The body of answers without a format of their mapper, `%LOCAL_REPLY_BODY%` in it; undefined: as it is. */
  readonly format: BodyFormat | undefined;
}

export interface LocalReplyMapper {
  readonly filter: AccessLogFilter;
  /** 0 leaves it. */
  readonly status: number;
  /** undefined leaves it. */
  readonly body: TextSource | undefined;
  readonly format: BodyFormat | undefined;
  readonly headers: readonly HeaderValueOption[];
}

export interface Http1Options {
  /** accept_http_10, default false (426 otherwise). */
  readonly acceptHttp10: boolean;
  readonly defaultHostForHttp10: string;
  readonly enableTrailers: boolean;
  /** allow_absolute_url, default true. */
  readonly allowAbsoluteUrl: boolean;
}

export interface Http2Options {
  readonly maxConcurrentStreams: number;
  readonly initialStreamWindowSize: number;
  readonly initialConnectionWindowSize: number;
  /** allow_connect, default false: extended CONNECT is taken from clients (RFC 8441), which carries WebSocket and other upgrades. */
  readonly allowConnect: boolean;
}

/** All in ms; 0 means none. Envoy's defaults in brackets. */
export interface HttpTimeouts {
  /** request_timeout: the whole request received [0]. */
  readonly request: number;
  /** request_headers_timeout [0]. */
  readonly requestHeaders: number;
  /** stream_idle_timeout [300000]. */
  readonly streamIdle: number;
  /** common_http_protocol_options.idle_timeout: a connection without requests [3600000]. */
  readonly idle: number;
  /** max_connection_duration [0]. */
  readonly maxConnectionDuration: number;
  /** max_stream_duration [0]. */
  readonly maxStreamDuration: number;
  /** drain_timeout [5000]. */
  readonly drain: number;
  /** delayed_close_timeout [1000]. */
  readonly delayedClose: number;
}

export interface ForwardClientCert {
  readonly details: 'sanitize' | 'forward-only' | 'append-forward' | 'sanitize-set' | 'always-forward-only';
  /** set_current_client_cert_details: which parts are written to x-forwarded-client-cert. */
  readonly subject: boolean;
  readonly cert: boolean;
  readonly chain: boolean;
  readonly dns: boolean;
  readonly uri: boolean;
}
