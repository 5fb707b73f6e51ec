/** Names of compiled resources. They are seen in metrics, logs and `weft config`, and must never change for an unchanged mesh. */

/** Cluster, endpoint set and route table of one service port as callers see it; `port` is a port key (`ns/service/port`). */
export const outboundName = (port: string): string => `outbound/${port}`;

/** Cluster and endpoint set of a service port as a gateway passes TLS through to it. */
export const passedName = (port: string): string => `passed/${port}`;

/** Cluster of the endpoints of a service port that others stand in for: `outboundName` stands for it and them. */
export const ownName = (port: string): string => `own/${port}`;

/** Listener of `--upstream` on a local port. */
export const upstreamListenerName = (localPort: number): string => `outbound/${localPort}`;

export const HTTP_PROXY_NAME = 'outbound/http-proxy';

/** Cluster of the hosts that are no service of the mesh, where they may be called. */
export const OUTSIDE_NAME = 'outside';

/** Listener and cluster of a port of the workload itself (where its application listens). */
export const inboundName = (port: number): string => `inbound/${port}`;

/** Listener of what a port of the workload answers to whoever asks. */
export const exposedName = (port: number): string => `exposed/${port}`;

/** Listener of a gateway on a port. */
export const gatewayListenerName = (transport: 'tcp' | 'udp', port: number): string => `gateway/${transport}/${port}`;

/** Route table of what a gateway routes together: a port of HTTP, a listener of HTTPS. */
export const gatewayRoutesName = (place: string): string => `gateway/${place}`;

/** A cluster that never exists: what a backend that does not resolve is sent to, so that its share gets 500. */
export const brokenName = (source: string): string => `broken/${source}`;

/** Cluster and endpoint set of proxyless clients that nobody is behind: where calls go that must fail. */
export const NOBODY = 'nobody';

/** Cluster of the collector of spans. */
export const TRACING_NAME = 'tracing';

/** Cluster of the collector of the access log with that id. */
export const accessLogName = (id: string): string => `access-log/${id}`;

/** Secret of the proxy's own SVID, answered by its agent. */
export const OWN_CERTIFICATE = 'default';

export const trustName = (trustDomain: string): string => `trust/${trustDomain}`;

/** Filters of connection managers, as routes call them. */
export const CORS_FILTER = 'cors';
export const SESSION_FILTER = 'session';
export const RATE_LIMIT_FILTER = 'rate-limit';
/** What the limiter is told of a request, and the end of it. */
export const FACTS_FILTER = 'rate-limit-facts';
export const FORGET_FILTER = 'rate-limit-facts/forget';
/** What local limits are told of a caller, and before `/forget` the end of it. */
export const IDENTITY_FILTER = 'rate-limit-identity';
/** By the key of a RateLimit with `global`. */
export const globalLimitFilter = (policy: string): string => `${GLOBAL_LIMIT}${policy}`;
/** The inverse of `globalLimitFilter`; undefined: it is another filter. */
export const policyOfFilter = (name: string): string | undefined =>
  name.startsWith(GLOBAL_LIMIT) ? name.slice(GLOBAL_LIMIT.length) : undefined;
const GLOBAL_LIMIT = 'rate-limit/';
/** Before the names of filters that stand for what policies about a listener ask. */
export const EDGE_FILTERS = 'edge/';
/** By the key of an Extension, or the source of a filter ExternalAuth. */
export const askFilter = (filter: string): string => `${ASK}${filter}`;
/** The inverse of `askFilter`; undefined: it is another filter. */
export const askedOfFilter = (name: string): string | undefined =>
  name.startsWith(ASK) ? name.slice(ASK.length) : undefined;
const ASK = 'ask/';
/** One for each entry of a Fault. */
export const faultFilter = (index: number): string => `fault/${index}`;
/** Entries that a Fault has at most. */
export const MOST_FAULTS = 8;

/** Where jwt_authn puts what it verified, and the payload within. */
export const JWT_METADATA = 'envoy.filters.http.jwt_authn';
export const JWT_PAYLOAD = 'token';
