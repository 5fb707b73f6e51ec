/** The descriptors of a request by its route and virtual host, for one filter (its stage, and how it takes limits of virtual hosts). */
import type { RateLimit, RateLimitOverride } from '@weft/core/proxy-config';
import type { RateLimitDescriptor } from '@weft/core/services';
import type { Exchange } from '../../http/exchange.ts';
import { addDescriptors, type CompiledLimit, compileLimits } from './descriptors.ts';

export class RouteDescriptors {
  readonly #stage: number;
  readonly #hostLimits: RateLimitOverride['hostLimits'];
  readonly #serviceCluster: string;
  readonly #report: (fault: string) => void;
  readonly #compiled = new WeakMap<readonly RateLimit[], readonly CompiledLimit[]>();

  /** `serviceCluster`: the proxy's own. */
  constructor(
    stage: number,
    hostLimits: RateLimitOverride['hostLimits'],
    serviceCluster: string,
    report: (fault: string) => void,
  ) {
    this.#stage = stage;
    this.#hostLimits = hostLimits;
    this.#serviceCluster = serviceCluster;
    this.#report = report;
  }

  of(exchange: Exchange): RateLimitDescriptor[] {
    const { compiled, forward } = exchange.plan ?? {};
    const own = forward?.rateLimits ?? [];
    const ofHost = compiled?.virtualHost.rateLimits ?? [];
    const descriptors: RateLimitDescriptor[] = [];
    addDescriptors(this.#limits(own), this.#stage, exchange, descriptors);
    const includes = forward?.includesHostLimits === true || this.#hostLimits === 'include';
    if (includes || (this.#hostLimits === 'override' && own.length === 0))
      addDescriptors(this.#limits(ofHost), this.#stage, exchange, descriptors);
    return descriptors;
  }

  #limits(limits: readonly RateLimit[]): readonly CompiledLimit[] {
    if (limits.length === 0) return [];
    let compiled = this.#compiled.get(limits);
    if (compiled === undefined) {
      compiled = compileLimits(limits, this.#serviceCluster, this.#report);
      this.#compiled.set(limits, compiled);
    }
    return compiled;
  }
}
