/** Answers the questions of proxies about limits (envoy.service.ratelimit.v3.RateLimitService/ShouldRateLimit), and counts its own answers. */
import type { Counters } from './counters.ts';
import { readQuestion, verdictOf } from './question.ts';

export type LimiterAnswer =
  | { readonly kind: 'message'; readonly message: Uint8Array }
  /** `code` of gRPC; `message` says nothing of what is inside. */
  | { readonly kind: 'failure'; readonly code: number; readonly message: string };

/** Since the start. */
export interface LimiterTotals {
  readonly ok: number;
  readonly overLimit: number;
  /** Questions that no counter could answer. */
  readonly failed: number;
  readonly malformed: number;
}

const INVALID_ARGUMENT = 3;
const UNAVAILABLE = 14;

export class Limiter {
  readonly #counters: Counters;
  readonly #onFailure: (error: Error) => void;
  #totals = { ok: 0, overLimit: 0, failed: 0, malformed: 0 };

  constructor(counters: Counters, onFailure: (error: Error) => void = () => undefined) {
    this.#counters = counters;
    this.#onFailure = onFailure;
  }

  get totals(): LimiterTotals {
    return this.#totals;
  }

  async answer(bytes: Uint8Array): Promise<LimiterAnswer> {
    const question = readQuestion(bytes);
    if (question === undefined) {
      this.#totals.malformed += 1;
      return { kind: 'failure', code: INVALID_ARGUMENT, message: 'not a RateLimitRequest' };
    }
    const takes = question.filter((take) => take !== undefined);
    try {
      const counts = takes.length === 0 ? [] : await this.#counters.take(takes);
      const { overLimit, message } = verdictOf(question, counts);
      this.#totals[overLimit ? 'overLimit' : 'ok'] += 1;
      return { kind: 'message', message };
    } catch (error) {
      this.#totals.failed += 1;
      this.#onFailure(error instanceof Error ? error : new Error(String(error)));
      return { kind: 'failure', code: UNAVAILABLE, message: 'the counters are not there' };
    }
  }

  stop(): void {
    this.#counters.stop();
  }
}
