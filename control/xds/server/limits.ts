/** Bounds on everything that a peer controls. */
export interface XdsLimits {
  /** Streams in all. */
  readonly streams: number;
  /** Streams of one registration, or of one address without one. Peers on the local socket are this user: not counted. */
  readonly streamsPerPeer: number;
  /** ms until the first request of a stream must have come. */
  readonly identifyMs: number;
  readonly requestBytes: number;
  /** Resource names in one request, versions that a returning client states included. */
  readonly names: number;
  readonly nameLength: number;
  /** Requests of one stream: so many at once, so many a second in the long run. */
  readonly requestBurst: number;
  readonly requestsPerSecond: number;
  /** Bytes handed to the transport and not flushed, over all streams: gRPC copies every message. */
  readonly bytesInFlight: number;
  /** ms after which an unflushed stream counts as slow; slow ones have a bound of their own, so that they hold nobody up. */
  readonly slowAfterMs: number;
  readonly slowBytes: number;
  /** ms without a flush after which a stream is ended. */
  readonly stalledAfterMs: number;
  /** ms of work before other work of the process gets its turn. */
  readonly sliceMs: number;
  /** ms that a resource waits for what it refers to. */
  readonly holdMs: number;
  /** ms after which a response without an answer no longer holds up a newer one of its type. */
  readonly patienceMs: number;
  /** Bytes of encoded responses kept for streams in the same state. */
  readonly responseCacheBytes: number;
}

export const DEFAULT_LIMITS: XdsLimits = {
  streams: 10_000,
  streamsPerPeer: 64,
  identifyMs: 10_000,
  requestBytes: 4 * 1024 * 1024,
  names: 50_000,
  nameLength: 1024,
  requestBurst: 1000,
  requestsPerSecond: 100,
  bytesInFlight: 16 * 1024 * 1024,
  slowAfterMs: 2000,
  slowBytes: 64 * 1024 * 1024,
  stalledAfterMs: 30_000,
  sliceMs: 20,
  holdMs: 5000,
  patienceMs: 5000,
  responseCacheBytes: 32 * 1024 * 1024,
};

/** A token bucket. */
export class RateLimit {
  readonly #burst: number;
  readonly #perMs: number;
  #tokens: number;
  #at: number;

  constructor(burst: number, perSecond: number, now: number) {
    this.#burst = burst;
    this.#perMs = perSecond / 1000;
    this.#tokens = burst;
    this.#at = now;
  }

  /** False: too many. `now` is monotonic ms. */
  take(now: number): boolean {
    this.#tokens = Math.min(this.#burst, this.#tokens + (now - this.#at) * this.#perMs);
    this.#at = now;
    if (this.#tokens < 1) return false;
    this.#tokens--;
    return true;
  }
}
