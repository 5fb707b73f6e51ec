/** envoy.extensions.filters.http.local_ratelimit.v3.LocalRateLimit: so many requests pass as the bucket has tokens, the others get 429. */
import type { LocalRateLimitFilter as Row } from '@weft/core/proxy-config';
import type { RateLimitDescriptor } from '@weft/core/services';
import type { Exchange } from '../../http/exchange.ts';
import type { Counter, DownstreamConnection, EngineRuntime } from '../../ports.ts';
import { ResponseFlag } from '../../response-flags.ts';
import { applyMutations, compileAdditions, type MutationStep } from '../../router/header-mutations.ts';
import { ANSWERED, CONTINUE, type FilterVerdict, type HttpFilter, type StreamFilter } from '../filter.ts';
import type { FilterRun } from '../filter-run.ts';
import { takes } from '../fraction.ts';
import { RouteDescriptors } from '../rate-limit/route-descriptors.ts';
import type { Bucket } from './bucket.ts';
import { Limiter } from './limiter.ts';
import type { FilterMaker } from '../index.ts';

const RESOURCE_EXHAUSTED = 8;
const NONE: readonly RateLimitDescriptor[] = [];

export class LocalRateLimitFilter implements HttpFilter {
  readonly #row: Row;
  readonly #runtime: EngineRuntime;
  readonly #limiter: Limiter;
  readonly #byConnection = new WeakMap<DownstreamConnection, Limiter>();
  /** Undefined: no bucket is a descriptor's. */
  readonly #descriptors: RouteDescriptors | undefined;
  readonly #request: MutationStep | undefined;
  readonly #response: MutationStep | undefined;
  readonly #enabled: Counter;
  readonly #enforced: Counter;
  readonly #limited: Counter;
  readonly #ok: Counter;

  constructor(row: Row, runtime: EngineRuntime, report: (fault: string) => void) {
    this.#row = row;
    this.#runtime = runtime;
    this.#limiter = new Limiter(row, row.perConnection ? undefined : runtime.limits?.buckets(row));
    const { descriptors } = row;
    if (descriptors !== undefined) {
      const { stage, hostLimits } = descriptors;
      this.#descriptors = new RouteDescriptors(stage, hostLimits, runtime.health.serviceCluster, report);
    }
    this.#request = compileAdditions(row.requestHeadersWhenNotEnforced, report);
    this.#response = compileAdditions(row.responseHeaders, report);
    const counter = (stat: string): Counter =>
      runtime.counters.counter(`${row.statPrefix}.http_local_rate_limit.${stat}`);
    this.#enabled = counter('enabled');
    this.#enforced = counter('enforced');
    this.#limited = counter('rate_limited');
    this.#ok = counter('ok');
  }

  onRequest(exchange: Exchange, run: FilterRun, index: number): FilterVerdict {
    const { status, enabled, enforced, tellsLimits, resourceExhausted } = this.#row;
    if (!takes(enabled, this.#runtime)) return CONTINUE;
    this.#enabled.add(1);
    const asked = this.#descriptors?.of(exchange) ?? NONE;
    const { passes, bucket } = this.#limiterOf(exchange.downstream).take(asked, this.#runtime.clock.now());
    const told = tellsLimits ? bucket : undefined;
    if (passes) {
      this.#ok.add(1);
      if (told !== undefined) run.join(index, new LimitedExchange(told, this.#runtime, undefined));
      return CONTINUE;
    }
    this.#limited.add(1);
    if (!takes(enforced, this.#runtime)) {
      if (this.#request !== undefined) applyMutations(this.#request, exchange.head.edit, exchange);
      if (told !== undefined) run.join(index, new LimitedExchange(told, this.#runtime, undefined));
      return CONTINUE;
    }
    this.#enforced.add(1);
    if (told !== undefined || this.#response !== undefined)
      run.join(index, new LimitedExchange(told, this.#runtime, this.#response));
    exchange.decide(
      status,
      'local_rate_limited',
      ResponseFlag.rateLimited,
      'local_rate_limited',
      undefined,
      resourceExhausted ? RESOURCE_EXHAUSTED : undefined,
    );
    return ANSWERED;
  }

  #limiterOf(downstream: DownstreamConnection): Limiter {
    if (!this.#row.perConnection) return this.#limiter;
    let own = this.#byConnection.get(downstream);
    if (own === undefined) {
      own = new Limiter(this.#row, undefined);
      this.#byConnection.set(downstream, own);
    }
    return own;
  }
}

/** What an answer tells of its bucket. */
class LimitedExchange implements StreamFilter {
  readonly #bucket: Bucket | undefined;
  readonly #runtime: EngineRuntime;
  readonly #response: MutationStep | undefined;

  constructor(bucket: Bucket | undefined, runtime: EngineRuntime, response: MutationStep | undefined) {
    this.#bucket = bucket;
    this.#runtime = runtime;
    this.#response = response;
  }

  onAnswer(exchange: Exchange): void {
    const { response } = exchange;
    if (this.#response !== undefined) applyMutations(this.#response, response, exchange);
    const bucket = this.#bucket;
    if (bucket === undefined) return;
    const now = this.#runtime.clock.now();
    response.add('x-ratelimit-limit', String(bucket.maxTokens));
    response.add('x-ratelimit-remaining', String(bucket.remaining(now)));
    response.add('x-ratelimit-reset', String(Math.ceil(bucket.untilNext(now) / 1000)));
  }
}

export const make: FilterMaker<'local-rate-limit'> = (row, [own], { runtime, report }) =>
  new LocalRateLimitFilter(own ?? row, runtime, report);
