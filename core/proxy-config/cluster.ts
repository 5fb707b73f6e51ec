/** Clusters (envoy.config.cluster.v3.Cluster): a named set of endpoints and how they are reached. */
import type { DnsCache, DnsFamily } from './dns-cache.ts';
import type { Endpoint, EndpointSet } from './endpoint.ts';
import type { StaticMetadata } from './metadata.ts';
import type { ResourceFile } from './resource-file.ts';
import type { Http2Options } from './http.ts';
import type { ProxyProtocolVersion, TcpKeepalive } from './listener.ts';
import type { AnswerMatcher } from './matcher.ts';
import type { Source } from './source.ts';
import type { SubsetBalancing } from './subset.ts';
import type { UpstreamTransport } from './tls.ts';

export interface Cluster {
  readonly name: string;
  /** alt_stat_name; '' uses the name. */
  readonly altStatName: string;
  readonly discovery: /** Endpoints from the table `endpoints`, by service name; they come by ADS or from a file. */
    | {
        readonly kind: 'eds';
        readonly serviceName: string;
        readonly file?: ResourceFile;
        /** ms that the cluster waits for its endpoints, 0: until they are there; absent: Envoy's 15 s. */
        readonly fetchTimeout?: number;
      }
    | { readonly kind: 'static'; readonly endpoints: EndpointSet }
    | {
        readonly kind: 'strict-dns' | 'logical-dns';
        readonly endpoints: EndpointSet;
        /** ms; Envoy's default 5000. */
        readonly refreshRate: number;
        /** After a failed query: doubles from `base` to `max`; undefined: `refreshRate`. */
        readonly failureRefreshRate: { readonly base: number; readonly max: number } | undefined;
        readonly respectTtl: boolean;
        /** dns_jitter in ms: up to so much is added to every wait between two queries. */
        readonly jitter: number;
        readonly family: DnsFamily;
      }
    | { readonly kind: 'original-dst' }
    /** envoy.clusters.dynamic_forward_proxy: the host that each request is for, where the HTTP filter with this cache resolved it. */
    | { readonly kind: 'dynamic-forward-proxy'; readonly cache: DnsCache }
    /** envoy.clusters.aggregate: the clusters of these names as one, the levels of each after those of the one before. */
    | { readonly kind: 'aggregate'; readonly clusters: readonly string[] };
  /** ms; Envoy's default 5000. */
  readonly connectTimeout: number;
  readonly perConnectionBufferLimitBytes: number;
  readonly loadBalancing: LoadBalancing;
  /**
   * common_lb_config.locality_weighted_lb_config: localities of a priority share its traffic by their weights and health, one without a
   * weight gets none. Otherwise localities do not matter.
   */
  readonly localityWeighted: boolean;
  /** zone_aware_lb_config; it matters only to a proxy whose bootstrap names its own cluster. */
  readonly zoneAware: ZoneAware;
  /** lb_subset_config; undefined: none. */
  readonly subsets: SubsetBalancing | undefined;
  /** Percent of healthy endpoints below which all are used; Envoy's default 50, 0 never panics. */
  readonly panicThreshold: number;
  /** override_host_status: states in which an endpoint keeps its sessions; Envoy's default unknown, healthy and degraded. */
  readonly overrideHostStatuses: readonly Endpoint['health'][];
  readonly circuitBreakers: { readonly default: CircuitBreakerThresholds; readonly high: CircuitBreakerThresholds };
  readonly outlierDetection: OutlierDetection | undefined;
  /**
   * HttpProtocolOptions.outlier_detection.error_matcher: answers that outlier detection takes for 500, all others for 200, but those of gRPC with a
   * status in their head, which goes before it. Absent: by their status.
   */
  readonly errorMatcher?: AnswerMatcher | undefined;
  readonly healthChecks: readonly HealthCheck[];
  readonly transport: UpstreamTransport;
  /**
   * transport_socket_matches on the endpoint's `dev.weft` transport: when set, an endpoint whose workload says `plaintext` is reached
   * without TLS although `transport` is TLS (permissive meshes).
   */
  readonly plaintextByEndpoint: boolean;
  /** Sent before the transport of every connection (upstream_proxy_protocol around `transport`); undefined: none. */
  readonly proxyProtocol: ProxyProtocolVersion | undefined;
  /** internal_upstream around `transport`: filter metadata that connections to a listener of this process take along; []: none. */
  readonly passthroughMetadata: readonly PassedMetadata[];
  readonly protocol: UpstreamProtocol;
  /** upstream_connection_options.tcp_keepalive in seconds and probes; undefined: off. */
  readonly tcpKeepalive: TcpKeepalive | undefined;
  /** ms without a request after which a pooled connection closes; 0: never. Envoy's default 3600000. */
  readonly idleTimeout: number;
  /** 0: unlimited. */
  readonly maxRequestsPerConnection: number;
  /** preconnect_policy; `NO_PRECONNECT`: connections are opened when exchanges need them. */
  readonly preconnect: Preconnect;
  /** connection_pool_per_downstream_connection: exchanges of one caller never share a connection with another's. */
  readonly poolPerDownstreamConnection: boolean;
  /** ms that a pooled connection lives; then it takes no more requests. 0: as long as it can. */
  readonly maxConnectionDuration: number;
  /** common_lb_config.ignore_new_hosts_until_first_hc: endpoints that were never checked do not count as unhealthy ones. */
  readonly ignoreUncheckedEndpoints: boolean;
  /** common_lb_config.close_connections_on_host_set_change: pooled connections end when any endpoint comes or goes. */
  readonly closeConnectionsOnChange: boolean;
  /** wait_for_warm_on_init, Envoy's default true: it is put to work only when its names are resolved and its endpoints checked. */
  readonly waitForWarm: boolean;
  /** upstream_http_protocol_options: what of a request TLS to the endpoint is about; undefined: nothing. */
  readonly autoSni: AutoSni | undefined;
  /** upstream_bind_config: the address that connections come from; '' leaves it to the system. */
  readonly sourceAddress: string;
  readonly closeConnectionsOnHostHealthFailure: boolean;
  readonly ignoreHealthOnHostRemoval: boolean;
  /** Without what says `source`; read by `%METADATA(CLUSTER:...)%`; absent: none. */
  readonly metadata?: StaticMetadata;
  readonly source: Source | undefined;
}

/** InternalUpstreamTransport.MetadataValueSource: a namespace of the endpoint's metadata or of the cluster's. */
export interface PassedMetadata {
  readonly of: 'endpoint' | 'cluster';
  readonly namespace: string;
}

/** envoy.config.cluster.v3.Cluster.PreconnectPolicy, each from 1 (only what is needed) to 3. */
export interface Preconnect {
  /** Of one endpoint: connections, or room for streams, for each exchange that is there. */
  readonly perUpstream: number;
  /** Over the cluster: exchanges that are expected for each that comes, at the endpoints that would be next. */
  readonly predictive: number;
}

export const NO_PRECONNECT: Preconnect = { perUpstream: 1, predictive: 1 };

/** envoy.config.core.v3.UpstreamHttpProtocolOptions */
export interface AutoSni {
  /** auto_sni: the host that the request is for is the SNI. */
  readonly sni: boolean;
  /** auto_san_validation: the endpoint's certificate must carry it as a DNS name. */
  readonly san: boolean;
  /** override_auto_sni_header: the header whose value stands for the host, where the request has it; '': the host. */
  readonly header: string;
}

export type UpstreamProtocol =
  /** `enableTrailers`: trailers pass in both directions (default false, as Envoy's). */
  | { readonly kind: 'http1'; readonly enableTrailers: boolean }
  | { readonly kind: 'http2'; readonly options: Http2Options }
  /**
   * auto_config: what ALPN agrees on, HTTP/1.1 without. `weft/1` means HTTP/2 too; `enableTrailers` is that of HTTP/1.1. Exchanges that
   * HTTP/2 cannot carry (upgrades) go over HTTP/1.1 beside it.
   */
  | { readonly kind: 'auto'; readonly enableTrailers: boolean; readonly options: Http2Options }
  /** use_downstream_protocol_config */
  | { readonly kind: 'downstream'; readonly options: Http2Options };

export type LoadBalancing =
  | { readonly kind: 'round-robin'; readonly slowStart: SlowStart | undefined }
  | {
      readonly kind: 'least-request';
      readonly choiceCount: number;
      readonly activeRequestBias: number;
      /** selection_method FULL_SCAN: the least busy of all instead of `choiceCount` drawn ones. */
      readonly fullScan: boolean;
      readonly slowStart: SlowStart | undefined;
    }
  | { readonly kind: 'random' }
  | PeakEwma
  | {
      readonly kind: 'ring-hash';
      readonly minimumRingSize: number;
      readonly maximumRingSize: number;
      /** Of the points of the ring; keys are always hashed by XXH64. */
      readonly hashFunction: 'xx-hash' | 'murmur-hash-2';
      readonly consistent: ConsistentHashing;
    }
  | { readonly kind: 'maglev'; readonly tableSize: number; readonly consistent: ConsistentHashing }
  /** ORIGINAL_DST clusters, aggregates and dynamic forward proxies. */
  | { readonly kind: 'cluster-provided' };

/**
 * envoy.extensions.load_balancing_policies.peak_ewma.v3alpha.PeakEwma (a contrib extension of Envoy): of two endpoints drawn at random the
 * one with the lower product of latency and requests under way. Of our engine only.
 */
export interface PeakEwma {
  readonly kind: 'peak-ewma';
  /** ms after which a measured latency counts for 1/e of itself; 10000. */
  readonly decayTime: number;
  /** ms that an endpoint without measured latency counts for; 10. */
  readonly defaultRtt: number;
  /** What an endpoint costs that has requests under way and has not answered one yet; 1000000. */
  readonly penalty: number;
}

/** envoy.extensions.load_balancing_policies.common.v3.LocalityLbConfig.ZoneAwareLbConfig, and the older one of the cluster. */
export interface ZoneAware {
  /** Percent of picks that look at zones; Envoy's default 100. */
  readonly routingEnabled: number;
  /** With fewer healthy endpoints zones do not matter; Envoy's default 6. */
  readonly minClusterSize: number;
  /** Where there is panic nobody is picked, instead of anybody. */
  readonly failTrafficOnPanic: boolean;
  /** With at least so many healthy endpoints here everything stays here; 0: no such rule. */
  readonly forceLocalZone: number;
  /** locality_basis HEALTHY_HOSTS_WEIGHT: localities count by the weights of their endpoints, not by their number. */
  readonly byWeight: boolean;
}

export const PLAIN_ZONE_AWARE: ZoneAware = {
  routingEnabled: 100,
  minClusterSize: 6,
  failTrafficOnPanic: false,
  forceLocalZone: 0,
  byWeight: false,
};

/** consistent_hashing_lb_config */
export interface ConsistentHashing {
  /** Endpoints are hashed by their host names instead of their addresses; filter metadata `envoy.lb` `hash_key` comes before both. */
  readonly useHostname: boolean;
  /** An endpoint takes at most so many percent of its fair share of the requests under way, others take the rest; at least 100, 0: no bound. */
  readonly balanceFactor: number;
}

export const PLAIN_CONSISTENT: ConsistentHashing = { useHostname: false, balanceFactor: 0 };

/** ms; aggression is Envoy's exponent (default 1), minWeightPercent default 10. */
export interface SlowStart {
  readonly window: number;
  readonly aggression: number;
  readonly minWeightPercent: number;
}

/** envoy.config.cluster.v3.CircuitBreakers.Thresholds; Envoy's defaults 1024, 1024, 1024, 3. */
export interface CircuitBreakerThresholds {
  readonly maxConnections: number;
  /** per_host_thresholds; Envoy's default 4294967295. */
  readonly maxConnectionsPerEndpoint: number;
  readonly maxPendingRequests: number;
  readonly maxRequests: number;
  readonly maxRetries: number;
  /** When set it replaces maxRetries. Envoy's defaults 20 % and 3. */
  readonly retryBudget: RetryBudget | undefined;
  readonly trackRemaining: boolean;
}

/** Further tries at a time: `percent` of the requests that are active or wait, at least `minRetryConcurrency`. */
export interface RetryBudget {
  readonly percent: number;
  readonly minRetryConcurrency: number;
  /** budget_interval in ms: each request counts for so long from its beginning, whether it is over or not. 0: while it is active. */
  readonly interval: number;
}

/** envoy.config.cluster.v3.OutlierDetection; enforcing values are percentages, 0 detects without ejecting. Times in ms. */
export interface OutlierDetection {
  readonly interval: number;
  readonly baseEjectionTime: number;
  readonly maxEjectionTime: number;
  readonly maxEjectionPercent: number;
  readonly maxEjectionTimeJitter: number;
  readonly consecutive5xx: number;
  readonly enforcingConsecutive5xx: number;
  readonly consecutiveGatewayFailure: number;
  readonly enforcingConsecutiveGatewayFailure: number;
  readonly splitExternalLocalOriginErrors: boolean;
  readonly consecutiveLocalOriginFailure: number;
  readonly enforcingConsecutiveLocalOriginFailure: number;
  /** always_eject_one_host: whatever maxEjectionPercent says. */
  readonly alwaysEjectOne: boolean;
  /** successful_active_health_check_uneject_host, Envoy's default true: an endpoint that passes its active checks returns at once. */
  readonly returnsWhenChecked: boolean;
  readonly successRate: {
    readonly enforcing: number;
    readonly minimumHosts: number;
    readonly requestVolume: number;
    /** Thousandths, Envoy's default 1900. */
    readonly stdevFactor: number;
    /** Of success rates of what this side met itself, where that is told apart; Envoy's default 100. */
    readonly enforcingLocalOrigin: number;
  };
  readonly failurePercentage: {
    readonly enforcing: number;
    /** Envoy's default 0. */
    readonly enforcingLocalOrigin: number;
    readonly threshold: number;
    readonly minimumHosts: number;
    readonly requestVolume: number;
  };
  /** What Envoy has no word for. */
  readonly own?: OwnDetection;
}

/** Of our engine alone; at least one of them. */
export interface OwnDetection {
  /** gRPC statuses in the head of an answer that count as failed; all others do not. */
  readonly grpcFailures?: readonly number[];
  /** Ejects, once an interval, an endpoint whose answers at `percentile` (1 to 99) took longer than `threshold` ms, up to their head. */
  readonly latency?: {
    readonly percentile: number;
    readonly threshold: number;
    readonly minimumHosts: number;
    readonly requestVolume: number;
  };
  /** When an ejection is over one request is let through; its answer decides whether the endpoint is back or out for longer. */
  readonly probes?: boolean;
}

/** envoy.config.core.v3.HealthCheck; times in ms. */
export interface HealthCheck {
  readonly timeout: number;
  readonly interval: number;
  /** After a check that failed; Envoy's default `interval`. */
  readonly unhealthyInterval: number;
  /** After one that failed while the endpoint is still healthy; Envoy's default `unhealthyInterval`. */
  readonly unhealthyEdgeInterval: number;
  /** After one that passed while the endpoint is still unhealthy; Envoy's default `interval`. */
  readonly healthyEdgeInterval: number;
  readonly unhealthyThreshold: number;
  readonly healthyThreshold: number;
  /** While the cluster has had no traffic. */
  readonly noTrafficInterval: number;
  /** While it has had none and the endpoint is healthy; Envoy's default `noTrafficInterval`. */
  readonly noTrafficHealthyInterval: number;
  /** The first check waits up to so long. */
  readonly initialJitter: number;
  readonly intervalJitter: number;
  /** Of the interval, in percent; beside `intervalJitter`. */
  readonly intervalJitterPercent: number;
  readonly check:
    | {
        readonly kind: 'http';
        readonly method: HealthCheckMethod;
        readonly path: string;
        readonly host: string;
        /** Half-open ranges [start, end); empty: 200 only. */
        readonly expectedStatuses: readonly StatusRange[];
        /** Failures that count by the threshold; others make unhealthy at once. */
        readonly retriableStatuses: readonly StatusRange[];
        readonly headersToAdd: readonly { readonly name: string; readonly value: string }[];
        readonly headersToRemove: readonly string[];
      }
    /** What is sent and what must come, in this order with anything between, in hexadecimal; '' and []: a connection is enough. */
    | { readonly kind: 'tcp'; readonly send: string; readonly receive: readonly string[] }
    | { readonly kind: 'grpc'; readonly service: string; readonly authority: string };
}

/** Envoy's, CONNECT excepted. */
export type HealthCheckMethod = 'GET' | 'HEAD' | 'POST' | 'PUT' | 'DELETE' | 'OPTIONS' | 'TRACE' | 'PATCH';

export interface StatusRange {
  readonly start: number;
  readonly end: number;
}

/** Where sessions go unless a cluster says otherwise, in the order of Envoy's numbers. */
export const SESSION_STATUSES: readonly Endpoint['health'][] = ['unknown', 'healthy', 'degraded'];

/** Of a cluster for which nobody asked for more than to be reached: Envoy's defaults, but of what has a size or a time. */
export const PLAIN_CLUSTER = {
  altStatName: '',
  localityWeighted: false,
  overrideHostStatuses: SESSION_STATUSES,
  zoneAware: PLAIN_ZONE_AWARE,
  subsets: undefined,
  outlierDetection: undefined,
  healthChecks: [],
  transport: { kind: 'plaintext' },
  plaintextByEndpoint: false,
  proxyProtocol: undefined,
  passthroughMetadata: [],
  tcpKeepalive: undefined,
  maxRequestsPerConnection: 0,
  preconnect: NO_PRECONNECT,
  poolPerDownstreamConnection: false,
  autoSni: undefined,
  maxConnectionDuration: 0,
  ignoreUncheckedEndpoints: false,
  closeConnectionsOnChange: false,
  waitForWarm: true,
  sourceAddress: '',
  closeConnectionsOnHostHealthFailure: false,
  ignoreHealthOnHostRemoval: false,
  source: undefined,
} as const satisfies Partial<Cluster>;
