/** envoy.config.route.v3.RetryPolicy compiled: which outcomes are tried again, and after how long. */
import type { RetryPolicy } from '@weft/core/proxy-config';
import type { FieldBlock } from '@weft/wire/http1';
import type { ExchangeError } from '../errors.ts';
import { grpcStatusIn } from '../http/grpc.ts';

/** Words of retry_on that name a gRPC status. */
const GRPC_WORDS: ReadonlyMap<string, number> = new Map([
  ['cancelled', 1],
  ['deadline-exceeded', 4],
  ['resource-exhausted', 8],
  ['internal', 13],
  ['unavailable', 14],
]);

export class CompiledRetryPolicy {
  readonly policy: RetryPolicy;
  readonly #words: ReadonlySet<string>;
  readonly #codes: ReadonlySet<number>;
  /** gRPC statuses that are tried again; undefined: none. */
  readonly #grpc: ReadonlySet<number> | undefined;

  constructor(policy: RetryPolicy) {
    this.policy = policy;
    this.#words = new Set(policy.retryOn);
    this.#codes = new Set(policy.retriableStatusCodes);
    const grpc = policy.retryOn.flatMap((word) => GRPC_WORDS.get(word) ?? []);
    this.#grpc = grpc.length === 0 ? undefined : new Set(grpc);
  }

  /** Whether an answer is tried again, for its status or its grpc-status; one in the trailers comes too late, the head has been passed on. */
  retriesAnswer(status: number, head: FieldBlock): boolean {
    return this.retriesStatus(status) || this.#grpc?.has(grpcStatusIn(head)) === true;
  }

  /** Whether an answer with that status is tried again. */
  retriesStatus(status: number): boolean {
    const words = this.#words;
    if (status >= 500 && status < 600 && words.has('5xx')) return true;
    if (status >= 502 && status <= 504 && words.has('gateway-error')) return true;
    if (status === 409 && words.has('retriable-4xx')) return true;
    return words.has('retriable-status-codes') && this.#codes.has(status);
  }

  /** Whether a try that ended without an answer is tried again; an overflow never is. */
  retriesError(error: ExchangeError, requestSent: boolean): boolean {
    if (error === 'overflow' || error === 'no-healthy-endpoint' || error === 'upstream-timeout') return false;
    const words = this.#words;
    if (words.has('5xx') || words.has('gateway-error') || words.has('reset')) return true;
    if (!requestSent && words.has('reset-before-request')) return true;
    const connect = error === 'connect-failed' || error === 'connect-timeout' || error === 'tls-failed';
    return connect && words.has('connect-failure');
  }

  /** ms before retry number `retry` (1 for the first): uniform below base x (2^retry - 1), at most `max`; never below 1. */
  backOff(retry: number, random: number): number {
    const { base, max } = this.policy.backOff;
    const limit = Math.min(base * (2 ** Math.min(retry, 30) - 1), max);
    return Math.max(1, limit * random);
  }
}

/** RFC 9110, 9.2.2. */
const IDEMPOTENT = new Set(['GET', 'HEAD', 'OPTIONS', 'TRACE', 'PUT', 'DELETE']);

/**
 * Whether a try may be repeated elsewhere without any policy: no application can have acted on it. Nothing was sent, or the
 * connection was an idle one that the peer had already closed and the method may be repeated.
 */
export function unseenByApplication(error: ExchangeError, reused: boolean, sent: boolean, method: string): boolean {
  if (error === 'connect-failed' || error === 'connect-timeout' || error === 'tls-failed') return true;
  if (error !== 'upstream-closed') return false;
  return !sent || (reused && IDEMPOTENT.has(method));
}
