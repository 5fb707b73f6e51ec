/** The retries of one exchange by its policy: how many were used, whether another one is permitted, and when it begins. Starts nothing itself. */
import type { RetryPolicy } from '@weft/core/proxy-config';
import type { Exchange } from '../http/exchange.ts';
import { ResponseFlag } from '../response-flags.ts';
import type { RouterEvent } from '../ports.ts';
import type { HeldSlots } from './held-slots.ts';
import type { CompiledRetryPolicy } from './retry-policy.ts';
import type { TrafficEvent } from './traffic-stats.ts';
import type { UpstreamClient } from './upstream-client.ts';

export class Retries {
  /** Undefined: none, or it does not concern the request. */
  policy: CompiledRetryPolicy | undefined;
  /** Times of each try: they hold also for a request that the policy tries once. Undefined: no policy. */
  times: RetryPolicy | undefined;
  /** Used. */
  count = 0;
  /** As `policy`, whatever requests it concerns. */
  #stated: CompiledRetryPolicy | undefined;
  readonly #exchange: Exchange;
  readonly #slots: HeldSlots;

  constructor(exchange: Exchange, slots: HeldSlots) {
    this.#exchange = exchange;
    this.#slots = slots;
  }

  use(policy: CompiledRetryPolicy | undefined): void {
    this.#stated = policy;
    this.times = policy?.policy;
    this.policy = policy?.concerns(this.#exchange.head) === true ? policy : undefined;
    this.count = 0;
  }

  /** Whether the endpoint's own proxy answered, known by its certificate, and says that no application has seen the request. */
  tellsUnseen({ reader, endpoint: { secure, endpoint } }: UpstreamClient): boolean {
    if (this.#stated === undefined || !secure || endpoint.workload?.transport !== 'mtls') return false;
    return this.#stated.tellsUnseen(reader.status, reader.head);
  }

  /** At the cluster, and wherever else the exchange is counted. */
  tell(event: RouterEvent & TrafficEvent): void {
    const { router, counted } = this.#exchange;
    router.cluster?.count(event);
    for (const stats of counted) stats.count(event);
  }

  /**
   * ms until the next try, whose slot is taken and which is counted; -1: there is none, as the limit is reached, the budget used up or
   * what was sent is gone (`replayable`). `answered`: whose answer is passed over.
   */
  permit(answered: UpstreamClient | undefined, replayable: boolean): number {
    const policy = this.policy as CompiledRetryPolicy;
    const exchange = this.#exchange;
    const { cluster } = exchange.router;
    if (this.count >= policy.policy.numRetries) {
      exchange.flags |= ResponseFlag.upstreamRetryLimitExceeded;
      this.tell('upstream_rq_retry_limit_exceeded');
      return -1;
    }
    if (!replayable) return -1;
    if (!this.#slots.takeRetry()) {
      exchange.flags |= ResponseFlag.upstreamOverflow;
      for (const stats of exchange.counted) stats.count('upstream_rq_retry_overflow');
      return -1;
    }
    this.count += 1;
    const { runtime } = exchange.context;
    const asked = answered && policy.askedBackOff(answered.reader.head, runtime.wall.now(), runtime.random());
    this.tell('upstream_rq_retry');
    cluster?.count(`upstream_rq_retry_backoff_${asked === undefined ? 'exponential' : 'ratelimited'}`);
    return asked ?? policy.backOff(this.count, runtime.random());
  }
}
