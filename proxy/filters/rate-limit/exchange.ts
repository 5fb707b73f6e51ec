/** One request that waits for the service that counts it, and what the answer tells of that. */
import { Buffer } from 'node:buffer';
import type { RateLimitDescriptor, RateLimitVerdict } from '@weft/core/services';
import type { Call, GrpcCallHandler } from '../../calls/port.ts';
import type { Exchange } from '../../http/exchange.ts';
import { ResponseFlag } from '../../response-flags.ts';
import { applyMutations } from '../../router/header-mutations.ts';
import type { StreamFilter } from '../filter.ts';
import type { FilterRun } from '../filter-run.ts';
import { takes } from '../fraction.ts';
import { routeCluster } from '../route-cluster.ts';
import type { RateLimitSetting } from './setting.ts';
import { isField, limitHeaders } from './limit-headers.ts';

const PATH = '/envoy.service.ratelimit.v3.RateLimitService/ShouldRateLimit';
const NAMESPACE = 'envoy.filters.http.ratelimit';
const RESOURCE_EXHAUSTED = 8;

type Stat = 'ok' | 'error' | 'over_limit' | 'failure_mode_allowed';

export class LimitedExchange implements StreamFilter, GrpcCallHandler {
  readonly #setting: RateLimitSetting;
  readonly #exchange: Exchange;
  readonly #run: FilterRun;
  #call: Call | undefined;
  #verdict: RateLimitVerdict | undefined;
  #refused = false;

  constructor(setting: RateLimitSetting, exchange: Exchange, run: FilterRun) {
    this.#setting = setting;
    this.#exchange = exchange;
    this.#run = run;
  }

  ask(descriptors: readonly RateLimitDescriptor[]): void {
    const { calls, messages, metadata, row, domain } = this.#setting;
    const request = {
      service: row.service,
      path: PATH,
      metadata: metadata.of(this.#exchange),
      timeout: row.timeout,
    };
    this.#call = calls.unary(request, messages.rateLimitRequest({ domain, descriptors }), this);
  }

  grpcAnswered(message: Uint8Array): void {
    this.#call = undefined;
    const verdict = this.#setting.messages.rateLimitVerdict(message);
    this.#settle(() => (verdict === undefined ? this.#failed() : this.#decided(verdict)));
  }

  grpcFailed(): void {
    this.#call = undefined;
    this.#settle(() => this.#failed());
  }

  onAnswer(exchange: Exchange): void {
    const verdict = this.#verdict;
    const { response } = exchange;
    const { row, response: added } = this.#setting;
    if (verdict !== undefined) {
      for (const [name, value] of verdict.responseHeaders) if (isField(name, value)) response.add(name, value);
      if (row.tellsLimits) for (const [name, value] of limitHeaders(verdict.statuses)) response.add(name, value);
    }
    if (verdict?.overLimit === true && row.marksLimited) response.set('x-envoy-ratelimited', 'true');
    if (this.#refused && added !== undefined) applyMutations(added, response, exchange);
  }

  ended(): void {
    this.#call?.cancel();
    this.#call = undefined;
  }

  #settle(settle: () => void): void {
    try {
      settle();
    } catch (error) {
      this.#exchange.defect(error);
    }
  }

  #decided(verdict: RateLimitVerdict): void {
    const exchange = this.#exchange;
    const { row, runtime } = this.#setting;
    this.#verdict = verdict;
    if (Object.keys(verdict.metadata).length > 0) exchange.head.addMetadata(NAMESPACE, verdict.metadata);
    this.#count(verdict.overLimit ? 'over_limit' : 'ok');
    if (verdict.overLimit && takes(row.enforced, runtime)) {
      this.#refused = true;
      const body = Buffer.from(verdict.body).toString('utf8');
      const grpc = row.resourceExhausted ? RESOURCE_EXHAUSTED : undefined;
      exchange.decide(row.status, body, ResponseFlag.rateLimited, 'request_rate_limited', undefined, grpc);
      this.#run.answer();
      return;
    }
    for (const [name, value] of verdict.requestHeaders) if (isField(name, value)) exchange.head.edit.add(name, value);
    this.#run.resume();
  }

  #failed(): void {
    const { row } = this.#setting;
    this.#count('error');
    if (row.failureModeDeny) {
      this.#exchange.decide(row.statusOnError, '', ResponseFlag.rateLimitServiceError, 'rate_limiter_error');
      this.#run.answer();
      return;
    }
    this.#count('failure_mode_allowed');
    this.#run.resume();
  }

  /** Counted with the cluster of the route, as in Envoy. */
  #count(stat: Stat): void {
    const { row } = this.#setting;
    const prefix = row.statPrefix === '' ? 'ratelimit' : `ratelimit.${row.statPrefix}`;
    this.#exchange.context.setting.clusters
      .get(routeCluster(this.#exchange))
      ?.count(`${prefix}.${stat}` as `ratelimit.${string}`);
  }
}
