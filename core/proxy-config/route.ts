/** Routes (envoy.config.route.v3). First match wins within a virtual host; virtual hosts by most specific domain. */
import type { BodyFormat } from './access-log.ts';
import type { FilterOverride, HeaderMutationStep } from './http-filter.ts';
import type { CookieMatcher, Fraction, HeaderMatcher, QueryParameterMatcher } from './matcher.ts';
import type { MetadataMatcher, StaticMetadata } from './metadata.ts';
import type { RateLimit } from './rate-limit.ts';
import type { Source } from './source.ts';
import type { LbMetadata } from './subset.ts';
import type { TextSource } from './text-source.ts';
import type { Decorator, RouteTracing } from './tracing.ts';

export interface RouteConfiguration {
  readonly name: string;
  readonly virtualHosts: readonly VirtualHost[];
  readonly headers: HeaderMutations;
  readonly ignorePortInHostMatching: boolean;
  readonly maxDirectResponseBodySizeBytes: number;
  /** internal_only_headers: removed from requests that come from outside. */
  readonly internalOnlyHeaders: readonly string[];
  /** ignore_path_parameters_in_path_matching: `;name=value` at the end of a path segment does not count when a route is matched. */
  readonly ignorePathParameters: boolean;
  /** most_specific_header_mutations_wins, default false. */
  readonly mostSpecificHeaderMutationsWins: boolean;
  /** typed_per_filter_config; as everywhere ordered by filter, each filter once. */
  readonly filterOverrides: readonly FilterOverride[];
}

export interface VirtualHost {
  readonly name: string;
  /** Exact, `*.suffix`, `prefix.*` or `*`; lower case; each domain once in a RouteConfiguration. */
  readonly domains: readonly string[];
  readonly routes: readonly Route[];
  readonly headers: HeaderMutations;
  /** Applies to routes without a retry policy of their own. */
  readonly retryPolicy: RetryPolicy | undefined;
  readonly requireTls: 'none' | 'external-only' | 'all';
  readonly includeRequestAttemptCount: boolean;
  readonly includeAttemptCountInResponse: boolean;
  /** include_is_timeout_retry_header: tries after a time-out of a try say so in x-envoy-is-timeout-retry. */
  readonly includeIsTimeoutRetry: boolean;
  /** Read by `%METADATA(VIRTUAL_HOST:...)%`; absent: none. */
  readonly metadata?: StaticMetadata;
  /** Requests that are counted apart; the first one that takes a request counts it. */
  readonly virtualClusters: readonly { readonly name: string; readonly headers: readonly HeaderMatcher[] }[];
  /** What its requests are counted by; absent: nothing. */
  readonly rateLimits?: readonly RateLimit[];
  readonly filterOverrides: readonly FilterOverride[];
}

export interface Route {
  /** Shown in logs and `why`; may be empty. */
  readonly name: string;
  /** Its requests are counted apart by that name; '': they are not. */
  readonly statPrefix: string;
  readonly match: RouteMatch;
  readonly action: RouteAction;
  readonly headers: HeaderMutations;
  readonly filterOverrides: readonly FilterOverride[];
  /** Without what says `source`; read by access rules and by `%METADATA(ROUTE:...)%`. */
  readonly metadata: StaticMetadata;
  readonly source: Source | undefined;
  /** Absent: the connection manager's words count. */
  readonly tracing?: RouteTracing;
  readonly decorator?: Decorator;
}

export interface RouteMatch {
  readonly path:
    | { readonly kind: 'prefix'; readonly value: string; readonly ignoreCase: boolean }
    | { readonly kind: 'exact'; readonly value: string; readonly ignoreCase: boolean }
    /** path_separated_prefix: `/a` matches `/a` and `/a/b`, not `/ab`. */
    | { readonly kind: 'path-separated-prefix'; readonly value: string; readonly ignoreCase: boolean }
    | { readonly kind: 'regex'; readonly regex: string; readonly ignoreCase: boolean }
    /** path_match_policy with a URI template: `/shops/{shop}/*`. */
    | { readonly kind: 'template'; readonly template: string }
    | { readonly kind: 'connect' };
  readonly headers: readonly HeaderMatcher[];
  readonly queryParameters: readonly QueryParameterMatcher[];
  readonly cookies: readonly CookieMatcher[];
  /** tls_context: what is asked of the client's certificate; undefined, and undefined within: nothing. */
  readonly tls: { readonly presented: boolean | undefined; readonly validated: boolean | undefined } | undefined;
  /** What filters know of the request; nothing before they have seen it. */
  readonly dynamicMetadata: readonly MetadataMatcher[];
  /** Matches gRPC requests (content-type) only. */
  readonly grpc: boolean;
  /** runtime_fraction's default value; undefined: always. */
  readonly fraction: Fraction | undefined;
}

export type RouteAction = ForwardAction | RedirectAction | DirectResponseAction;

export interface ForwardAction {
  readonly kind: 'forward';
  /** What its requests are counted by; absent: nothing. */
  readonly rateLimits?: readonly RateLimit[];
  /** include_vh_rate_limits: by what its virtual host says as well. Absent: only where it says nothing itself. */
  readonly includesHostLimits?: true;
  readonly target:
    | { readonly kind: 'cluster'; readonly cluster: string }
    /** Weights are relative; their sum is at least 1. A cluster that does not exist answers `clusterNotFoundStatus` for its share. */
    | {
        readonly kind: 'weighted';
        readonly clusters: readonly WeightedCluster[];
        /** What chooses among them: chance, the number in a header of the request where it is one (header_name), or the hash policies' hash. */
        readonly choice:
          | { readonly kind: 'random' }
          | { readonly kind: 'header'; readonly header: string }
          | { readonly kind: 'hash' };
      }
    | { readonly kind: 'cluster-header'; readonly header: string };
  /** metadata_match, namespace `envoy.lb`: which subset of the cluster; a weighted cluster's own values win. */
  readonly metadataMatch: LbMetadata;
  readonly clusterNotFoundStatus: 503 | 404 | 500;
  readonly rewrite: {
    readonly path:
      | { readonly kind: 'none' }
      /** Replaces what the path matcher matched. */
      | { readonly kind: 'prefix'; readonly value: string }
      | { readonly kind: 'regex'; readonly regex: string; readonly substitution: string }
      /** path_rewrite_policy with a URI template whose variables are those of the match. */
      | { readonly kind: 'template'; readonly template: string };
    readonly host:
      | { readonly kind: 'none' }
      | { readonly kind: 'literal'; readonly value: string }
      /** The endpoint's host name (auto_host_rewrite). */
      | { readonly kind: 'auto' }
      | { readonly kind: 'header'; readonly header: string }
      /** host_rewrite_path_regex: made of the path as it arrived, without query. */
      | { readonly kind: 'path-regex'; readonly regex: string; readonly substitution: string };
    readonly appendXForwardedHost: boolean;
  };
  /** Whole exchange, from the end of the request, in ms; 0: none. Envoy's default 15000. */
  readonly timeout: number;
  /** max_stream_duration; where it stands `timeout` is not looked at, as in Envoy. */
  readonly streamDuration: StreamDuration | undefined;
  /** max_grpc_timeout and grpc_timeout_offset (deprecated): the time-out of gRPC requests instead of `timeout`. */
  readonly grpcTimeout: GrpcTimeout | undefined;
  /** Overrides the connection manager's stream_idle_timeout; undefined inherits, 0 is none. */
  readonly idleTimeout: number | undefined;
  /** undefined inherits the virtual host's. */
  readonly retryPolicy: RetryPolicy | undefined;
  /** hedge_on_per_try_timeout: a try whose time-out ended goes on beside the next one, and the first good answer counts. Absent: it ends. */
  readonly hedges?: true;
  /** Redirects of the upstream that are followed here; undefined: they go to the client. */
  readonly internalRedirect: InternalRedirect | undefined;
  /** Upgrade types switched on or off for this route, over the connection manager's. */
  readonly upgrades: readonly { readonly type: string; readonly enabled: boolean }[];
  /** Precedence and requirements for consistent hashing, in order. */
  readonly hashPolicies: readonly HashPolicy[];
  /** DEFAULT or HIGH circuit-breaker thresholds. */
  readonly priority: 'default' | 'high';
  /** The route's, else the virtual host's, else the table's. */
  readonly mirrors: readonly Mirror[];
}

/** envoy.config.route.v3.RouteAction.MaxStreamDuration: from the head's arrival, in ms; 0: none. */
export interface StreamDuration {
  /** undefined inherits the connection manager's. */
  readonly duration: number | undefined;
  /** The most that a request's grpc-timeout may ask for; undefined: grpc-timeout is not looked at. */
  readonly grpcHeaderMax: number | undefined;
  /** Taken from what grpc-timeout asks for, so that the answer comes before the client gives up. */
  readonly grpcHeaderOffset: number;
}

/** From the end of the request, in ms. */
export interface GrpcTimeout {
  /** The most that grpc-timeout may ask for, and what holds without it; 0: no limit. */
  readonly max: number;
  readonly offset: number;
}

/** envoy.config.route.v3.RouteAction.RequestMirrorPolicy */
export interface Mirror {
  /** '' with `clusterHeader`. */
  readonly cluster: string;
  /** The header of the request that names the cluster, without which there is no copy; '' without. */
  readonly clusterHeader: string;
  readonly fraction: Fraction | undefined;
  /** `-shadow` is added to the host; default true. */
  readonly marksHost: boolean;
  /** host_rewrite_literal, which is not marked; '': the request's own host. */
  readonly hostRewrite: string;
  /** request_headers_mutations, of the copy alone. */
  readonly request: readonly HeaderMutationStep[];
}

export interface WeightedCluster {
  /** '' with `clusterHeader`. */
  readonly cluster: string;
  /** The header of the request that names the cluster; '' without. */
  readonly clusterHeader: string;
  /** host_rewrite_literal, instead of the route's; '' without. */
  readonly hostRewrite: string;
  readonly weight: number;
  readonly metadataMatch: LbMetadata;
  readonly headers: HeaderMutations;
  readonly filterOverrides: readonly FilterOverride[];
}

export type HashPolicy =
  | {
      readonly kind: 'header';
      readonly header: string;
      /** Applied to the value first; undefined: nothing is. */
      readonly rewrite: { readonly regex: string; readonly substitution: string } | undefined;
      readonly terminal: boolean;
    }
  | {
      readonly kind: 'cookie';
      readonly name: string;
      /** ms; a request without the cookie gets one that lives so long, 0 for the session. undefined: it gets none. */
      readonly ttl: number | undefined;
      readonly path: string;
      readonly attributes: readonly { readonly name: string; readonly value: string }[];
      readonly terminal: boolean;
    }
  | { readonly kind: 'source-ip'; readonly terminal: boolean }
  | { readonly kind: 'query'; readonly parameter: string; readonly terminal: boolean };

/** envoy.config.route.v3.RetryPolicy */
export interface RetryPolicy {
  /** Envoy's retry_on words, e.g. `5xx`, `gateway-error`, `connect-failure`, `reset`, `retriable-status-codes`. */
  readonly retryOn: readonly string[];
  /** Retries after the first try; Envoy's default 1. */
  readonly numRetries: number;
  /** ms; 0: none. */
  readonly perTryTimeout: number;
  /** ms; 0: none. */
  readonly perTryIdleTimeout: number;
  readonly retriableStatusCodes: readonly number[];
  /** retry_on `retriable-headers`: any one of the answer matches. */
  readonly retriableHeaders: readonly HeaderMatcher[];
  /** Retries are for requests of which any one matches; empty: for all. */
  readonly retriableRequestHeaders: readonly HeaderMatcher[];
  /** rate_limited_retry_back_off: what the answer asks for in the first header that is there, instead of `backOff`. */
  readonly rateLimitedBackOff:
    | {
        readonly headers: readonly { readonly name: string; readonly format: 'seconds' | 'unix-timestamp' }[];
        /** ms; an answer that asks for more is not heeded. Envoy's default 300000. */
        readonly max: number;
      }
    | undefined;
  /** ms; Envoy's defaults 25 and 10 x base. */
  readonly backOff: { readonly base: number; readonly max: number };
  /** retry_host_predicate previous_hosts: try other endpoints first. */
  readonly avoidPreviousHosts: boolean;
  /** host_selection_retry_max_attempts; Envoy's default 1. */
  readonly hostSelectionAttempts: number;
  /** retry_priority previous_priorities: after so many tries their priorities are left out; 0: priorities are chosen as ever. */
  readonly priorityUpdateFrequency: number;
}

/** envoy.config.route.v3.InternalRedirectPolicy */
export interface InternalRedirect {
  /** How many a request may go through; Envoy's default 1. */
  readonly maxRedirects: number;
  /** Statuses that are followed, of 301, 302, 303, 307 and 308; others are not looked at. Envoy's default 302 alone. */
  readonly codes: readonly number[];
  /** Whether the scheme may change: to any, or from https to http never (safe_cross_scheme). */
  readonly crossScheme: 'no' | 'safe' | 'yes';
  /** previous_routes: not to a route that the request was at before. */
  readonly avoidPreviousRoutes: boolean;
  /** allow_listed_routes: only to routes of these names; undefined: to any. */
  readonly allowedRoutes: readonly string[] | undefined;
  /** Headers of the redirect that the next request carries. */
  readonly responseHeadersToCopy: readonly string[];
}

export interface RedirectAction {
  readonly kind: 'redirect';
  readonly scheme: string | undefined;
  readonly host: string | undefined;
  readonly port: number | undefined;
  readonly path:
    | { readonly kind: 'keep' }
    | { readonly kind: 'full'; readonly value: string }
    | { readonly kind: 'prefix'; readonly value: string }
    | { readonly kind: 'regex'; readonly regex: string; readonly substitution: string };
  readonly status: 301 | 302 | 303 | 307 | 308;
  readonly stripQuery: boolean;
}

export interface DirectResponseAction {
  readonly kind: 'direct-response';
  readonly status: number;
  readonly body: TextSource;
  /** body_format: how the body is written, `%LOCAL_REPLY_BODY%` being `body`; undefined: as it is. */
  readonly bodyFormat: BodyFormat | undefined;
}

/** Header changes, applied remove first, then set and add in order (envoy.config.core.v3.HeaderValueOption). Names in lower case. */
export interface HeaderMutations {
  readonly requestRemove: readonly string[];
  readonly requestAdd: readonly HeaderValueOption[];
  readonly responseRemove: readonly string[];
  readonly responseAdd: readonly HeaderValueOption[];
}

export interface HeaderValueOption {
  readonly name: string;
  /** May hold Envoy's command operators (`%REQ(x)%`). */
  readonly value: string;
  readonly append: 'append-if-exists-or-add' | 'add-if-absent' | 'overwrite-if-exists-or-add' | 'overwrite-if-exists';
  readonly keepEmptyValue: boolean;
}
