/** Services that the engine itself calls, by the cluster they stand behind. */

/** envoy.config.core.v3.GrpcService with envoy_grpc. */
export interface GrpcService {
  readonly cluster: string;
  /** `:authority`; '': the cluster's name. */
  readonly authority: string;
  /** ms for a whole call; 0: none; undefined: what whoever calls takes for its default. */
  readonly timeout: number | undefined;
  /** Sent with every call, in order; values may hold command operators. */
  readonly initialMetadata: readonly (readonly [name: string, value: string])[];
  /** Octets of the longest message that is taken; 0: the engine's own limit. */
  readonly maxReceiveMessageLength: number;
  /** Further tries of calls of one message for one. Absent: only what no service can have seen. */
  readonly retries?: CallRetries;
}

/** envoy.config.core.v3.RetryPolicy */
export interface CallRetries {
  /** Words of `RetryPolicy.retryOn`. */
  readonly retryOn: readonly string[];
  /** After the first try. */
  readonly numRetries: number;
  /** ms between tries; `max` is the limit of each try as well, as in Envoy. */
  readonly backOff: { readonly base: number; readonly max: number };
  /** Endpoints that were tried come last. */
  readonly avoidPreviousHosts: boolean;
  readonly hostSelectionAttempts: number;
}

/** envoy.config.core.v3.HttpUri */
export interface HttpService {
  /** Whose authority and path the request has; the cluster says where it goes. */
  readonly uri: string;
  readonly cluster: string;
  /** ms for a whole call; 0: none. */
  readonly timeout: number;
}
