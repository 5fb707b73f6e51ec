/** envoy.extensions.filters.http.ratelimit.v3.RateLimit: a service counts requests by the descriptors of their routes, and says which are too many. */
import type { RateLimit, RateLimitFilter as Row, RateLimitOverride } from '@weft/core/proxy-config';
import type { RateLimitDescriptor, ServiceMessages } from '@weft/core/services';
import { InitialMetadata } from '../../calls/initial-metadata.ts';
import type { ServiceCalls } from '../../calls/port.ts';
import type { Exchange } from '../../http/exchange.ts';
import type { EngineRuntime } from '../../ports.ts';
import { compileAdditions, type MutationStep } from '../../router/header-mutations.ts';
import { CONTINUE, type FilterVerdict, type HttpFilter, PAUSED } from '../filter.ts';
import type { FilterRun } from '../filter-run.ts';
import { takes } from '../fraction.ts';
import type { FilterParts } from '../index.ts';
import { addDescriptors, type CompiledLimit, compileLimits } from './descriptors.ts';
import { LimitedExchange } from './exchange.ts';

/** What exchanges of one filter share. */
export interface RateLimitSetting {
  readonly row: Row;
  readonly domain: string;
  readonly runtime: EngineRuntime;
  readonly calls: ServiceCalls;
  readonly messages: ServiceMessages;
  readonly metadata: InitialMetadata;
  readonly response: MutationStep | undefined;
}

export class RateLimitFilter implements HttpFilter {
  readonly #setting: RateLimitSetting;
  readonly #hostLimits: RateLimitOverride['hostLimits'];
  readonly #report: (fault: string) => void;
  readonly #compiled = new WeakMap<readonly RateLimit[], readonly CompiledLimit[]>();

  constructor(row: Row, override: RateLimitOverride | undefined, { runtime, calls, messages, report }: FilterParts) {
    this.#hostLimits = override?.hostLimits ?? 'override';
    this.#report = report;
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
    if (exchange.plan?.forward === undefined || !takes(row.enabled, runtime.random())) return CONTINUE;
    if (row.requests !== 'both' && exchange.head.edit.has('x-envoy-internal') !== (row.requests === 'internal'))
      return CONTINUE;
    const descriptors = this.#descriptors(exchange);
    if (descriptors.length === 0) return CONTINUE;
    const part = new LimitedExchange(this.#setting, exchange, run);
    run.join(index, part);
    part.ask(descriptors);
    return PAUSED;
  }

  #descriptors(exchange: Exchange): RateLimitDescriptor[] {
    const { compiled, forward } = exchange.plan ?? {};
    const own = forward?.rateLimits ?? [];
    const ofHost = compiled?.virtualHost.rateLimits ?? [];
    const descriptors: RateLimitDescriptor[] = [];
    const { stage } = this.#setting.row;
    addDescriptors(this.#limits(own), stage, exchange, descriptors);
    const includes = forward?.includesHostLimits === true || this.#hostLimits === 'include';
    if (includes || (this.#hostLimits === 'override' && own.length === 0))
      addDescriptors(this.#limits(ofHost), stage, exchange, descriptors);
    return descriptors;
  }

  #limits(limits: readonly RateLimit[]): readonly CompiledLimit[] {
    if (limits.length === 0) return [];
    let compiled = this.#compiled.get(limits);
    if (compiled === undefined) {
      compiled = compileLimits(limits, this.#setting.runtime.health.serviceCluster, this.#report);
      this.#compiled.set(limits, compiled);
    }
    return compiled;
  }
}
