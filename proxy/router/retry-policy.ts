/** envoy.config.route.v3.RetryPolicy compiled: which outcomes are tried again, and after how long. */
import { ANSWER_HEADER, type HeaderMatcher, type RetryPolicy } from '@weft/core/proxy-config';
import { compileHeader, type HeaderView, type RequestPredicate } from '@weft/core/decide';
import { type FieldBlock, type HeaderName, headerName } from '@weft/wire/http1';
import type { ExchangeError } from '../errors.ts';
import { AnswerHeaders } from '../http/answer-matcher.ts';
import { grpcStatusIn } from '../http/grpc.ts';

/** Set by the rate limit filter. */
const RATE_LIMITED = headerName('x-envoy-ratelimited') as HeaderName;

const ANSWER = headerName(ANSWER_HEADER) as HeaderName;

const isAboutProxies = ({ name }: HeaderMatcher): boolean => name === ANSWER_HEADER;

/** Words of retry_on that name a gRPC status. */
export const GRPC_RETRY_WORDS: ReadonlyMap<string, number> = new Map([
  ['cancelled', 1],
  ['deadline-exceeded', 4],
  ['resource-exhausted', 8],
  ['internal', 13],
  ['unavailable', 14],
]);

/** The others. */
export const RETRY_WORDS: ReadonlySet<string> = new Set([
  '5xx',
  'gateway-error',
  'reset',
  'reset-before-request',
  'connect-failure',
  'retriable-4xx',
  'refused-stream',
  'retriable-status-codes',
  'retriable-headers',
  'envoy-ratelimited',
  'http3-post-connect-failure',
]);

/** Tries of one exchange without a retry policy, when no application can have seen the earlier ones. */
export const UNSEEN_TRIES = 4;

export class CompiledRetryPolicy {
  readonly policy: RetryPolicy;
  readonly #words: ReadonlySet<string>;
  readonly #codes: ReadonlySet<number>;
  /** Of an answer; undefined: the policy does not look at headers. */
  readonly #headers: readonly RequestPredicate[] | undefined;
  /** Likewise, of what the called side's proxy says about itself. */
  readonly #unseen: readonly RequestPredicate[] | undefined;
  readonly #requestHeaders: readonly RequestPredicate[];
  /** gRPC statuses that are tried again; undefined: none. */
  readonly #grpc: ReadonlySet<number> | undefined;

  constructor(policy: RetryPolicy, report: (fault: string) => void = () => {}) {
    this.policy = policy;
    const headers = policy.retryOn.includes('retriable-headers') ? policy.retriableHeaders : [];
    const compiled = (list: readonly HeaderMatcher[]): readonly RequestPredicate[] | undefined =>
      list.length === 0 ? undefined : list.map((header) => compileHeader(header, report));
    this.#headers = compiled(headers.filter((header) => !isAboutProxies(header)));
    this.#unseen = compiled(headers.filter(isAboutProxies));
    this.#requestHeaders = policy.retriableRequestHeaders.map((header) => compileHeader(header, report));
    this.#words = new Set(policy.retryOn);
    this.#codes = new Set(policy.retriableStatusCodes);
    const grpc = policy.retryOn.flatMap((word) => GRPC_RETRY_WORDS.get(word) ?? []);
    this.#grpc = grpc.length === 0 ? undefined : new Set(grpc);
  }

  /** Whether an answer is tried again, for its status or its grpc-status; one in the trailers comes too late, the head has been passed on. */
  retriesAnswer(status: number, head: FieldBlock): boolean {
    // Whom a rate limit turned away is tried again only by that word, whatever the status.
    if (head.find(RATE_LIMITED) >= 0) return this.#words.has('envoy-ratelimited');
    if (this.#headers !== undefined) {
      const answer = new AnswerHeaders(status, head);
      if (this.#headers.some((header) => header(answer, 'joined'))) return true;
    }
    return this.retriesStatus(status) || this.#grpc?.has(grpcStatusIn(head)) === true;
  }

  /**
   * Whether the called side's proxy says that no application has seen the request (core/proxy-config/own-answer.ts), by what the policy takes
   * for it. It is to be asked of endpoints behind mutual TLS alone: elsewhere anybody could say so.
   */
  tellsUnseen(status: number, head: FieldBlock): boolean {
    if (this.#unseen === undefined || head.find(ANSWER) < 0) return false;
    const answer = new AnswerHeaders(status, head);
    return this.#unseen.some((header) => header(answer, 'joined'));
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

  /** Whether the policy is for such a request at all. */
  concerns(request: HeaderView): boolean {
    return this.#requestHeaders.length === 0 || this.#requestHeaders.some((header) => header(request, 'joined'));
  }

  /** ms that an answer asks to wait (rate_limited_retry_back_off), spread over half as much more; undefined: it asks for nothing that counts. */
  askedBackOff(head: FieldBlock, wallMs: number, random: number): number | undefined {
    const { rateLimitedBackOff } = this.policy;
    for (const { name, format } of rateLimitedBackOff?.headers ?? []) {
      const wanted = headerName(name);
      const text = wanted === undefined ? undefined : head.joined(wanted);
      if (text === undefined || !/^\d{1,15}$/.test(text)) continue;
      const wait = format === 'seconds' ? Number(text) * 1000 : Number(text) * 1000 - wallMs;
      if (wait <= 0 || wait > (rateLimitedBackOff?.max ?? 0)) continue;
      return wait * (1 + random / 2);
    }
    return undefined;
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
