/**
 * Least request as Envoy does it: with equal weights the least busy of `choiceCount` random endpoints (two choices by default), with unequal
 * weights an EDF schedule whose weights are divided by (active + 1) to the power of `activeRequestBias`.
 */
import type { LoadBalancing } from '@weft/core/proxy-config';
import type { Balanced, Balancer, BalancerSetting } from './balancer.ts';
import { EdfSchedule } from './edf.ts';
import { slowStartFactor } from './slow-start.ts';

type LeastRequest = Extract<LoadBalancing, { kind: 'least-request' }>;

export function leastRequest<Host extends Balanced>(
  hosts: readonly Host[],
  conf: LeastRequest,
  setting: BalancerSetting,
): Balancer<Host> {
  if (conf.slowStart === undefined && hosts.every((host) => host.weight === hosts[0]?.weight)) {
    return conf.fullScan
      ? { pick: () => leastBusy(hosts, setting.random) }
      : new Choices(hosts, Math.max(2, conf.choiceCount), setting.random);
  }
  const weight = (host: Host): number =>
    (host.weight * slowStartFactor(conf.slowStart, host, setting.now())) /
    (conf.activeRequestBias === 0 ? 1 : (host.activeRequests + 1) ** conf.activeRequestBias);
  return new EdfSchedule(hosts, weight, setting.random());
}

/** One of the least busy, each with the same chance. */
function leastBusy<Host extends Balanced>(hosts: readonly Host[], random: () => number): Host | undefined {
  let best: Host | undefined;
  let equals = 0;
  for (const host of hosts) {
    if (best === undefined || host.activeRequests < best.activeRequests) {
      best = host;
      equals = 1;
    } else if (host.activeRequests === best.activeRequests) {
      equals += 1;
      if (random() * equals < 1) best = host;
    }
  }
  return best;
}

class Choices<Host extends Balanced> implements Balancer<Host> {
  readonly #hosts: readonly Host[];
  readonly #count: number;
  readonly #random: () => number;

  constructor(hosts: readonly Host[], count: number, random: () => number) {
    this.#hosts = hosts;
    this.#count = count;
    this.#random = random;
  }

  pick(): Host | undefined {
    const hosts = this.#hosts;
    if (hosts.length === 1) return hosts[0];
    let best: Host | undefined;
    for (let i = 0; i < this.#count; i += 1) {
      const host = hosts[Math.floor(this.#random() * hosts.length)];
      if (host !== undefined && (best === undefined || host.activeRequests < best.activeRequests)) best = host;
    }
    return best;
  }
}
