/**
 * Peak EWMA: of two endpoints drawn at random the one with the lower cost, latency times (requests under way + 1), divided by its weight. The
 * latency is a moving average that a peak sets at once and that decays with time, so that an endpoint that was avoided is tried again. Also
 * in Finagle and Linkerd; Envoy has it as a contrib extension.
 */
import type { PeakEwma } from '@weft/core/proxy-config';
import type { Balanced, Balancer, BalancerSetting } from './balancer.ts';

/** Measured latency of one endpoint, in ms. Failures never make it look faster. */
export class Latency {
  readonly #decayTime: number;
  #value = 0;
  #at = 0;

  constructor({ decayTime }: PeakEwma) {
    this.#decayTime = decayTime;
  }

  /** `now`: monotonic ms. */
  observe(ms: number, now: number, failed: boolean): void {
    const before = this.at(now);
    if (failed && ms < before) return;
    // The share of the old value that is left makes room for the new one.
    const kept = this.#kept(now);
    this.#value = ms >= before ? ms : this.#value * kept + ms * (1 - kept);
    this.#at = now;
  }

  /** 0: nothing was measured. */
  at(now: number): number {
    return this.#value * this.#kept(now);
  }

  #kept(now: number): number {
    return Math.exp(-Math.max(0, now - this.#at) / this.#decayTime);
  }
}

export class PeakEwmaBalancer<Host extends Balanced> implements Balancer<Host> {
  readonly #hosts: readonly Host[];
  readonly #conf: PeakEwma;
  readonly #setting: BalancerSetting;

  constructor(hosts: readonly Host[], conf: PeakEwma, setting: BalancerSetting) {
    this.#hosts = hosts;
    this.#conf = conf;
    this.#setting = setting;
  }

  pick(): Host | undefined {
    const hosts = this.#hosts;
    const { random, now } = this.#setting;
    if (hosts.length < 2) return hosts[0];
    const first = Math.floor(random() * hosts.length);
    const second = (first + 1 + Math.floor(random() * (hosts.length - 1))) % hosts.length;
    const [a, b] = [hosts[first], hosts[second]];
    if (a === undefined || b === undefined) return a ?? b;
    const time = now();
    return this.#cost(a, time) <= this.#cost(b, time) ? a : b;
  }

  #cost({ latency, activeRequests, weight }: Host, now: number): number {
    const measured = latency?.at(now) ?? 0;
    const { defaultRtt, penalty } = this.#conf;
    const cost =
      measured === 0 && activeRequests > 0
        ? penalty + activeRequests
        : (measured === 0 ? defaultRtt : measured) * (activeRequests + 1);
    return cost / weight;
  }
}
