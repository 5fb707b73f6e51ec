/** envoy.extensions.filters.http.ratelimit.v3.RateLimit: a service counts requests by the descriptors of their routes, and says which are too many. */
import type { RateLimitFilter as Row, RateLimitOverride } from '@weft/core/proxy-config';
import { InitialMetadata } from '../../calls/initial-metadata.ts';
import type { Exchange } from '../../http/exchange.ts';
import { compileAdditions } from '../../router/header-mutations.ts';
import { CONTINUE, type FilterVerdict, type HttpFilter, PAUSED } from '../filter.ts';
import type { FilterRun } from '../filter-run.ts';
import { takes } from '../fraction.ts';
import type { FilterMaker, FilterParts } from '../index.ts';
import { LimitedExchange } from './exchange.ts';
import { RouteDescriptors } from './route-descriptors.ts';
import type { RateLimitSetting } from './setting.ts';

export class RateLimitFilter implements HttpFilter {
  readonly #setting: RateLimitSetting;
  readonly #descriptors: RouteDescriptors;

  constructor(row: Row, override: RateLimitOverride | undefined, { runtime, calls, messages, report }: FilterParts) {
    const hostLimits = override?.hostLimits ?? 'override';
    this.#descriptors = new RouteDescriptors(row.stage, hostLimits, runtime.health.serviceCluster, report);
    this.#setting = {
      row,
      domain: override === undefined || override.domain === '' ? row.domain : override.domain,
      runtime,
      calls,
      messages: messages(),
      metadata: new InitialMetadata(row.service.initialMetadata, report),
      response: compileAdditions(row.responseHeaders, report),
    };
  }

  onRequest(exchange: Exchange, run: FilterRun, index: number): FilterVerdict {
    const { row, runtime } = this.#setting;
    if (exchange.plan?.forward === undefined || !takes(row.enabled, runtime)) return CONTINUE;
    if (row.requests !== 'both' && exchange.head.edit.has('x-envoy-internal') !== (row.requests === 'internal'))
      return CONTINUE;
    const descriptors = this.#descriptors.of(exchange);
    if (descriptors.length === 0) return CONTINUE;
    const part = new LimitedExchange(this.#setting, exchange, run);
    run.join(index, part);
    part.ask(descriptors);
    return PAUSED;
  }
}

export const make: FilterMaker<'rate-limit'> = (row, [own], parts) => new RateLimitFilter(row, own, parts);
