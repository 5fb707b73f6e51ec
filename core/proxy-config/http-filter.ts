/** HTTP filters of a connection manager, and what routes say about them (typed_per_filter_config). */
import type { DnsCache } from './dns-cache.ts';
import type { JwtAuthnFilter, JwtRouteRequirement } from './jwt-authn.ts';
import type { ExtProcFilter, ExtProcOverride } from './ext-proc.ts';
import type { ExtAuthzFilter, ExtAuthzOverride } from './ext-authz.ts';
import type { Fraction, HeaderMatcher, StringMatcher } from './matcher.ts';
import type { MetadataStruct } from './metadata.ts';
import type { RateLimitFilter, RateLimitOverride } from './rate-limit.ts';
import type { Rbac } from './rbac.ts';
import type { HeaderValueOption } from './route.ts';

/** One filter of a chain. */
export type HttpFilter = HttpFilterConfig & {
  /** What routes call it by. */
  readonly name: string;
  /** Off unless a route switches it on. */
  readonly disabled: boolean;
};

export type HttpFilterConfig =
  | RbacFilter
  /** gRPC-Web from the client as gRPC to the upstream. */
  | { readonly kind: 'grpc-web' }
  | FaultFilter
  | HeaderMutationFilter
  /** Its policies stand with the routes. */
  | { readonly kind: 'cors' }
  | BufferFilter
  | CsrfFilter
  | LocalRateLimitFilter
  | CompressorFilter
  | HealthCheckFilter
  | JwtAuthnFilter
  | GrpcStatsFilter
  | DecompressorFilter
  | StatefulSessionFilter
  | SetMetadataFilter
  | ExtAuthzFilter
  | ExtProcFilter
  | RateLimitFilter
  | OnDemandFilter
  | DynamicForwardProxyFilter;

/** What a route, virtual host, route table or entry of weighted clusters says about the filter of that name. */
export interface FilterOverride {
  readonly filter: string;
  readonly disabled: boolean;
  /** Undefined: only whether it is on. */
  readonly config: FilterOverrideConfig | undefined;
}

export type FilterOverrideConfig =
  | RbacFilter
  | FaultFilter
  | { readonly kind: 'header-mutation'; readonly mutations: MessageMutations }
  | CorsPolicy
  | BufferFilter
  | CsrfFilter
  | LocalRateLimitFilter
  | JwtRouteRequirement
  | StatefulSessionFilter
  | ExtAuthzOverride
  | ExtProcOverride
  | RateLimitOverride
  | OnDemandFilter
  /** CompressorPerRoute: answers go as they are, and are counted. */
  | { readonly kind: 'compressor' };

/** envoy.extensions.filters.http.rbac.v3.RBAC */
export interface RbacFilter {
  readonly kind: 'rbac';
  /** Undefined: nothing is refused. */
  readonly rules: Rbac | undefined;
  readonly shadowRules: Rbac | undefined;
  /** Stand before the names of counters and of metadata; '' without. */
  readonly statPrefix: string;
  readonly shadowStatPrefix: string;
  /** track_per_rule_stats: a counter for each policy that decides. */
  readonly perRuleStats: boolean;
}

/** envoy.extensions.filters.http.dynamic_forward_proxy.v3.FilterConfig: requests to clusters of that kind wait until their host is resolved. */
export interface DynamicForwardProxyFilter {
  readonly kind: 'dynamic-forward-proxy';
  readonly cache: DnsCache;
}

/** envoy.extensions.filters.http.set_metadata.v3.Config */
export interface SetMetadataFilter {
  readonly kind: 'set-metadata';
  /** In order. */
  readonly entries: readonly {
    readonly namespace: string;
    readonly value: MetadataStruct;
    /** A namespace that is there is merged with it; else it stays as it is. */
    readonly overwrites: boolean;
  }[];
}

/** envoy.extensions.filters.http.fault.v3.HTTPFault */
export interface FaultFilter {
  readonly kind: 'fault';
  readonly delay:
    | {
        /** ms; undefined: as x-envoy-fault-delay-request says. */
        readonly fixed: number | undefined;
        readonly fraction: Fraction;
      }
    | undefined;
  readonly abort:
    | {
        readonly status:
          | { readonly kind: 'http'; readonly code: number }
          | { readonly kind: 'grpc'; readonly code: number }
          /** As x-envoy-fault-abort-request or x-envoy-fault-abort-grpc-request says. */
          | { readonly kind: 'header' };
        readonly fraction: Fraction;
        readonly body: string;
      }
    | undefined;
  /** Only requests to that cluster; '' for all. */
  readonly upstreamCluster: string;
  readonly headers: readonly HeaderMatcher[];
  /** Only requests whose x-envoy-downstream-service-node is one of these; empty: all. */
  readonly downstreamNodes: readonly string[];
  readonly maxActiveFaults: number | undefined;
  readonly responseRateLimit:
    | {
        /** KiB/s; undefined: as x-envoy-fault-throughput-response says. */
        readonly fixed: number | undefined;
        readonly fraction: Fraction;
      }
    | undefined;
  readonly downstreamClusterStats: boolean;
  /** Keys of the runtime that are asked instead of Envoy's own (`fault.http.*`). Absent: those. */
  readonly runtimeKeys?: FaultRuntimeKeys;
}

export interface FaultRuntimeKeys {
  readonly delayDuration?: string;
  readonly abortHttpStatus?: string;
  readonly abortGrpcStatus?: string;
  readonly maxActiveFaults?: string;
}

/** envoy.extensions.filters.http.header_mutation.v3.HeaderMutation */
export interface HeaderMutationFilter {
  readonly kind: 'header-mutation';
  readonly mutations: MessageMutations;
  readonly mostSpecificWins: boolean;
}

export interface MessageMutations {
  readonly request: readonly HeaderMutationStep[];
  readonly query: readonly QueryMutationStep[];
  readonly response: readonly HeaderMutationStep[];
  /** Of messages that have trailers. */
  readonly requestTrailers: readonly HeaderMutationStep[];
  readonly responseTrailers: readonly HeaderMutationStep[];
}

/** Nothing of a message changes. */
export const NO_MESSAGE_MUTATIONS: MessageMutations = {
  request: [],
  query: [],
  response: [],
  requestTrailers: [],
  responseTrailers: [],
};

/** envoy.config.common.mutation_rules.v3.HeaderMutation; applied in order. */
export type HeaderMutationStep =
  | { readonly kind: 'remove'; readonly name: string }
  | { readonly kind: 'append'; readonly option: HeaderValueOption };

/** envoy.config.core.v3.KeyValueMutation */
export type QueryMutationStep =
  | { readonly kind: 'remove'; readonly name: string }
  | {
      readonly kind: 'append';
      readonly name: string;
      /** May hold command operators. */
      readonly value: string;
      readonly append: HeaderValueOption['append'];
    };

/** envoy.extensions.filters.http.cors.v3.CorsPolicy; what is undefined or empty is asked of the next less specific level. */
export interface CorsPolicy {
  readonly kind: 'cors';
  readonly allowOrigins: readonly StringMatcher[];
  readonly allowMethods: string;
  readonly allowHeaders: string;
  readonly exposeHeaders: string;
  readonly maxAge: string;
  readonly allowCredentials: boolean | undefined;
  readonly allowPrivateNetworkAccess: boolean | undefined;
  readonly forwardNotMatchingPreflights: boolean | undefined;
  readonly enabled: Fraction;
  /** Counted though not enabled. */
  readonly shadow: Fraction;
}

/** envoy.extensions.filters.http.buffer.v3.Buffer */
export interface BufferFilter {
  readonly kind: 'buffer';
  /** Undefined: off for a route. */
  readonly maxRequestBytes: number | undefined;
}

/** envoy.extensions.filters.http.csrf.v3.CsrfPolicy */
export interface CsrfFilter {
  readonly kind: 'csrf';
  readonly enabled: Fraction;
  readonly shadow: Fraction;
  readonly additionalOrigins: readonly StringMatcher[];
}

/** envoy.type.v3.TokenBucket */
export interface TokenBucket {
  readonly maxTokens: number;
  readonly tokensPerFill: number;
  /** ms */
  readonly fillInterval: number;
}

/** Buckets of their own for requests of which the route says these entries, no more and no less. */
export interface LocalDescriptors {
  /** Of `RateLimit.stage`. */
  readonly stage: number;
  readonly hostLimits: RateLimitOverride['hostLimits'];
  /** A request that has a bucket of its own needs a token of the common one too. */
  readonly alwaysAll: boolean;
  readonly limits: readonly {
    readonly entries: readonly (readonly [key: string, value: string])[];
    readonly bucket: TokenBucket;
  }[];
}

/** envoy.extensions.filters.http.local_ratelimit.v3.LocalRateLimit */
export interface LocalRateLimitFilter {
  readonly kind: 'local-rate-limit';
  readonly statPrefix: string;
  readonly status: number;
  /** Undefined: everything passes. */
  readonly bucket: TokenBucket | undefined;
  /** Limits of requests by the descriptors of their routes; absent: none. */
  readonly descriptors?: LocalDescriptors;
  readonly enabled: Fraction;
  readonly enforced: Fraction;
  readonly requestHeadersWhenNotEnforced: readonly HeaderValueOption[];
  readonly responseHeaders: readonly HeaderValueOption[];
  /** A bucket for each downstream connection. */
  readonly perConnection: boolean;
  /** x-ratelimit-limit, -remaining and -reset on answers. */
  readonly tellsLimits: boolean;
  /** Clients of gRPC are told RESOURCE_EXHAUSTED, not UNAVAILABLE. */
  readonly resourceExhausted: boolean;
}

/** envoy.extensions.filters.http.compressor.v3.Compressor, towards the client. */
export interface CompressorFilter {
  readonly kind: 'compressor';
  /** Of the library: a part of the names of its statistics. */
  readonly libraryName: string;
  readonly library: Compression;
  readonly enabled: boolean;
  /** Shorter answers stay as they are. Envoy's default 30. */
  readonly minContentLength: number;
  /** Content types without parameters, lower case. */
  readonly contentTypes: readonly string[];
  readonly disableOnEtag: boolean;
  readonly removeAcceptEncoding: boolean;
  readonly uncompressibleStatuses: readonly number[];
  /** Of several compressors that a client takes alike this one is used. */
  readonly chooseFirst: boolean;
}

/** envoy.extensions.filters.http.health_check.v3.HealthCheck */
export interface HealthCheckFilter {
  readonly kind: 'health-check';
  /** The application answers, while this engine is not told to fail. */
  readonly passThrough: boolean;
  /** ms that an answer of the application holds; 0: each check goes to it. */
  readonly cacheTime: number;
  /** Without `passThrough`: how much of each cluster must be there, in percent; by name. */
  readonly clusters: readonly { readonly cluster: string; readonly percent: number }[];
  /** What makes a request a health check: all of them. */
  readonly headers: readonly HeaderMatcher[];
}

/** envoy.extensions.filters.http.grpc_stats.v3.FilterConfig */
export interface GrpcStatsFilter {
  readonly kind: 'grpc-stats';
  /** Which methods have counters of their own; the others are counted together. */
  readonly methods:
    | { readonly kind: 'all' }
    | {
        readonly kind: 'listed';
        readonly services: readonly { readonly name: string; readonly methods: readonly string[] }[];
      };
  /** `.` in the names of services is `_` in those of counters. */
  readonly replaceDots: boolean;
}

/** envoy.extensions.filters.http.stateful_session.v3.StatefulSession */
export interface StatefulSessionFilter {
  readonly kind: 'stateful-session';
  /** Undefined: no request has a session. */
  readonly state: SessionState | undefined;
  /** A session's endpoint or none: without it another one is taken. */
  readonly strict: boolean;
  /** Adds to the names of the counters; may be empty. */
  readonly statPrefix: string;
  /** Of a strict session whose endpoint is not there; 0: 503. */
  readonly notFoundStatus: number;
}

export type SessionState =
  | {
      readonly kind: 'cookie';
      readonly name: string;
      /** ms; 0: the browser's session. */
      readonly ttl: number;
      /** Only requests at or below it; '' for all. */
      readonly path: string;
      readonly attributes: readonly { readonly name: string; readonly value: string }[];
    }
  | { readonly kind: 'header'; readonly name: string };

/** envoy.extensions.filters.http.decompressor.v3.Decompressor */
export interface DecompressorFilter {
  readonly kind: 'decompressor';
  /** Of the library: a part of the names of its statistics. */
  readonly libraryName: string;
  readonly library: Decompression;
  readonly request: DecompressorDirection;
  /** Upstreams are told that answers may come in this coding. */
  readonly advertises: boolean;
  readonly response: DecompressorDirection;
}

export interface DecompressorDirection {
  readonly enabled: boolean;
  /** Also bodies that say no-transform. */
  readonly ignoreNoTransform: boolean;
}

export type Decompression =
  | {
      readonly encoding: 'gzip';
      readonly windowBits: number;
      readonly chunkSize: number;
      /** A body that grows more is refused. */
      readonly maxRatio: number;
    }
  | { readonly encoding: 'br' | 'zstd'; readonly chunkSize: number };

export type Compression =
  | {
      readonly encoding: 'gzip';
      /** 1 to 9; undefined: zlib's own choice. */
      readonly level: number | undefined;
      readonly memoryLevel: number;
      readonly strategy: number;
      readonly windowBits: number;
      readonly chunkSize: number;
    }
  | {
      readonly encoding: 'br';
      readonly quality: number;
      readonly windowBits: number;
      readonly inputBlockBits: number;
      readonly mode: 'generic' | 'text' | 'font';
      readonly chunkSize: number;
    }
  | {
      readonly encoding: 'zstd';
      readonly level: number;
      readonly checksum: boolean;
      readonly strategy: number;
      readonly chunkSize: number;
    };

/** envoy.extensions.filters.http.on_demand.v3: what a request misses is fetched while it waits; route tables of scopes always. */
export interface OnDemandFilter {
  readonly kind: 'on-demand';
  /** ms that a request waits for its cluster, Envoy's default 5000; undefined: clusters are not fetched. */
  readonly clusterTimeout: number | undefined;
}
