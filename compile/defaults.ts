/**
 * Safe values that our compiler writes where Envoy's own default is not safe or not stated: one place, each with its reason.
 * Policies override what they name; nothing else overrides these.
 */
import type {
  CallRetries,
  CircuitBreakerThresholds,
  HttpTimeouts,
  RetryPolicy,
  TlsParameters,
} from '@weft/core/proxy-config';

/** ms. Long enough for a lost SYN and its first retransmissions (1 s, 3 s), short enough to try another endpoint. */
export const CONNECT_TIMEOUT = 5000;

/** Bytes buffered a connection and direction before reading stops: bounds memory under a slow peer; Envoy's default is 1 MiB. */
export const CONNECTION_BUFFER_BYTES = 1_048_576;

/** Whole-request time limit without a policy. 0: none, because downloads and streams are legitimate; idle limits catch the dead ones. */
export const REQUEST_TIMEOUT = 0;

/** ms. What a peer may do slowly: heads within 15 s (slow-loris), a silent stream for 5 min, an unused connection for 1 h. */
export const HTTP_TIMEOUTS: HttpTimeouts = {
  request: 0,
  requestHeaders: 15_000,
  streamIdle: 300_000,
  idle: 3_600_000,
  maxConnectionDuration: 0,
  maxStreamDuration: 0,
  drain: 5000,
  delayedClose: 1000,
};

/** ms. A TCP connection without a byte in either direction; Envoy's default, stated so that both engines agree. */
export const TCP_IDLE_TIMEOUT = 3_600_000;

/** ms without a datagram after which a session of UDP ends: Envoy's default, stated so that both engines agree. */
export const UDP_IDLE_TIMEOUT = 60_000;

/** Longer datagrams are dropped: what fits into an Ethernet frame, Envoy's default. */
export const MAX_DATAGRAM_BYTES = 1500;

/**
 * ms for which a permissive port of plain TCP waits for a ClientHello: a caller without sidecar may wait for the server to speak first (MySQL,
 * SMTP, FTP), and no sidecar takes that long to begin a handshake.
 */
export const SERVER_FIRST_WAIT = 500;

/** ms for listener filters, which read what a connection begins with: Envoy's default, stated so that both engines agree. */
export const LISTENER_FILTERS_TIMEOUT = 15_000;

/** Connections one listener chain accepts at once: below usual descriptor limits, so that the proxy refuses instead of starving. */
export const MAX_CONNECTIONS = 10_000;

/** KiB of one request head, and headers in it: Envoy's defaults, stated because a larger limit multiplies memory. */
export const MAX_REQUEST_HEADERS_KB = 60;
export const MAX_HEADERS_COUNT = 100;

/** One spelling of a path for router, policy and application: dot segments resolved, double slashes merged, `%2F` and `%5C` refused. */
export const PATH_HANDLING = {
  normalizePath: true,
  mergeSlashes: true,
  pathWithEscapedSlashes: 'reject-request',
} as const;

/** `x_user` and `x-user` are one header to many applications; a request with an underscore could smuggle the second past a policy. */
export const HEADERS_WITH_UNDERSCORES = 'reject-request';

/**
 * Streams and windows of one HTTP/2 connection with a peer that is known: the own application, or a workload whose certificate was checked.
 * A stream's window is what one body has under way (256 KiB: 250 MB/s over 1 ms). The connection's is that of all its streams together, so
 * that exchanges which stand still never stop those of others beside them; a peer can claim as much memory.
 * Extended CONNECT only carries what UPGRADES allows.
 */
export const HTTP2_OPTIONS = {
  maxConcurrentStreams: 100,
  initialStreamWindowSize: 262_144,
  initialConnectionWindowSize: 26_214_400,
  allowConnect: true,
} as const;

/** The same where anybody may connect (plaintext inbound): the windows of Envoy's guide for edge proxies, 1 MiB a connection at most. */
export const STRANGER_HTTP2_OPTIONS = {
  ...HTTP2_OPTIONS,
  initialStreamWindowSize: 65_536,
  initialConnectionWindowSize: 1_048_576,
} as const;

/**
 * Upgrades that pass without a policy. The connection then is opaque bytes.
 */
export const UPGRADES = ['websocket'] as const;

/**
 * Retries need a budget, so that an outage is not multiplied: 20 % of active requests, and at least 100. Envoy counts tries after refused
 * connections too, which multiply nothing: so many wait at a time when an endpoint ended while the control plane was away, at some hundred
 * requests a second on a busy host. With 25 an Envoy failed requests then.
 */
export const RETRY_BUDGET = { percent: 20, minRetryConcurrency: 100, interval: 0 } as const;

/** One slow service must not take all of a caller's sockets and memory: Envoy's values, stated. */
export const CIRCUIT_BREAKERS: CircuitBreakerThresholds = {
  maxConnections: 1024,
  maxConnectionsPerEndpoint: 4_294_967_295,
  maxPendingRequests: 1024,
  maxRequests: 1024,
  maxRetries: 3,
  retryBudget: RETRY_BUDGET,
  trackRemaining: false,
};

/** Towards the own application nothing is counted twice: what may come in is bounded by the listener (MAX_CONNECTIONS). */
export const INBOUND_CIRCUIT_BREAKERS: CircuitBreakerThresholds = {
  ...CIRCUIT_BREAKERS,
  maxConnections: 4_294_967_295,
  maxConnectionsPerEndpoint: 4_294_967_295,
  maxPendingRequests: 4_294_967_295,
  maxRequests: 4_294_967_295,
};

/**
 * ms. Shorter than the 5 s after which common application servers close an idle connection themselves: a request must not meet a
 * connection that is just being closed. A new one over loopback costs next to nothing.
 */
export const INBOUND_IDLE_TIMEOUT = 4000;

/**
 * Without a policy only what no application can have seen is tried again, on another endpoint. As many tries as there may be endpoints in a
 * row that ended while nobody could say so (an outage of the control plane, a lost host): each further one finds another; the waits between
 * them sum up to 0.2 s on average. Weft's engine needs no policy for it, tries at once and has no limit but the endpoints.
 */
export const SAFE_RETRY: RetryPolicy = {
  retryOn: ['connect-failure', 'refused-stream'],
  numRetries: 8,
  perTryTimeout: 0,
  perTryIdleTimeout: 0,
  retriableStatusCodes: [],
  retriableHeaders: [],
  retriableRequestHeaders: [],
  rateLimitedBackOff: undefined,
  backOff: { base: 25, max: 50 },
  avoidPreviousHosts: true,
  hostSelectionAttempts: 20,
  priorityUpdateFrequency: 0,
};

/**
 * What proxies ask on behalf of a request (limits, authorization) is asked again where the service gave no answer of its own: it may have
 * ended between two questions, and the request must not fail for it. Asked twice at worst. Waits of up to 10, 30, 70 ms within the whole
 * time-out, which is the limit of each try too (Envoy takes the longest wait for it).
 */
export const callRetries = (timeout: number): CallRetries => ({
  retryOn: ['connect-failure', 'refused-stream', 'reset', 'unavailable'],
  numRetries: 4,
  backOff: { base: Math.min(10, timeout), max: timeout },
  avoidPreviousHosts: true,
  hostSelectionAttempts: 20,
});

/**
 * Connects for one TCP connection: what no application has seen may be tried on another endpoint. Envoy does not avoid those that it tried,
 * and by least request it prefers one that refuses to one that has connections: with one of two gone, three in four tries go there.
 */
export const TCP_CONNECT_ATTEMPTS = 20;

/** Percent of healthy endpoints below which the others are used too: Envoy's value, stated so that both engines agree. */
export const PANIC_THRESHOLD = 50;

/** Seconds. Finds a peer that vanished without a FIN within about 6.5 minutes. */
export const TCP_KEEPALIVE = { probes: 3, time: 300, interval: 30 } as const;

/** ms without a request after which a pooled upstream connection closes. */
export const UPSTREAM_IDLE_TIMEOUT = 3_600_000;

/** What servers of the world speak. */
export const SERVER_TLS: TlsParameters = {
  minimumVersion: '1.2',
  maximumVersion: '1.3',
  cipherSuites: [],
  ecdhCurves: [],
};
