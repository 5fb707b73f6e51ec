/** Further tries of one call by its policy: how many were used, and how long to wait for the next. Starts nothing itself. */
import type { CallRetries } from '@weft/core/proxy-config';
import type { EngineRuntime, ReusableTimer } from '../ports.ts';
import { CompiledRetryPolicy } from '../router/retry-policy.ts';
import type { HeldSlots } from '../router/held-slots.ts';

export const TIMER_WHOLE = 0;
export const TIMER_TRY = 1;
export const TIMER_BACK_OFF = 2;

/** What the router's policy says and a call's cannot. */
const NOTHING_MORE = {
  perTryIdleTimeout: 0,
  retriableStatusCodes: [],
  retriableHeaders: [],
  retriableRequestHeaders: [],
  rateLimitedBackOff: undefined,
  priorityUpdateFrequency: 0,
};

/** Each try ends after the longest wait between tries, as in Envoy. */
export const compileCallRetries = (retries: CallRetries): CompiledRetryPolicy =>
  new CompiledRetryPolicy({ ...NOTHING_MORE, ...retries, perTryTimeout: retries.backOff.max });

export class CallRetry {
  readonly policy: CompiledRetryPolicy;
  readonly #random: EngineRuntime['random'];
  readonly #tryTimer: ReusableTimer;
  readonly #backOff: ReusableTimer;
  #count = 0;

  constructor(
    policy: CompiledRetryPolicy,
    { random }: Pick<EngineRuntime, 'random'>,
    tryTimer: ReusableTimer,
    backOff: ReusableTimer,
  ) {
    this.policy = policy;
    this.#random = random;
    this.#tryTimer = tryTimer;
    this.#backOff = backOff;
  }

  tryBegins(): void {
    this.#tryTimer.start(this.policy.policy.perTryTimeout);
  }

  tryEnds(): void {
    this.#tryTimer.stop();
  }

  /** The wait for another try begins, if one is left and the cluster's budget has room. */
  again(slots: HeldSlots): boolean {
    if (this.#count >= this.policy.policy.numRetries || !slots.takeRetry()) return false;
    this.#count += 1;
    this.#backOff.start(this.policy.backOff(this.#count, this.#random()));
    return true;
  }

  stop(): void {
    this.#tryTimer.stop();
    this.#backOff.stop();
  }
}
