/** The balancer that a cluster's policy asks for, over one list of endpoints. */
import type { ConsistentHashing, LoadBalancing } from '@weft/core/proxy-config';
import { type Balanced, type Balancer, type BalancerSetting, type Shares, sharesOf } from './balancer.ts';
import { boundedLoad } from './bounded-load.ts';
import { leastRequest } from './least-request.ts';
import { maglev } from './maglev.ts';
import { randomChoice } from './random.ts';
import { ringHash } from './ring-hash.ts';
import { roundRobin } from './round-robin.ts';

export { type Balanced, type Balancer, type BalancerSetting, type Shares, sharesOf } from './balancer.ts';

/** Policies that a key decides; localities and priorities are chosen by the key as well. */
export type HashBalancing = Extract<LoadBalancing, { kind: 'ring-hash' | 'maglev' }>;
export const isHashBalancing = (conf: LoadBalancing): conf is HashBalancing =>
  conf.kind === 'ring-hash' || conf.kind === 'maglev';

export function balancer<Host extends Balanced>(
  conf: LoadBalancing,
  hosts: readonly Host[],
  setting: BalancerSetting,
): Balancer<Host> {
  switch (conf.kind) {
    case 'round-robin':
      return roundRobin(hosts, conf.slowStart, setting);
    case 'least-request':
      return leastRequest(hosts, conf, setting);
    case 'random':
    case 'cluster-provided':
      return randomChoice(hosts, setting);
    case 'ring-hash':
    case 'maglev':
      return hashBalancer(conf, sharesOf(hosts), setting);
  }
}

export function hashBalancer<Host extends Balanced>(
  conf: HashBalancing,
  shares: Shares<Host>,
  setting: BalancerSetting,
): Balancer<Host> {
  const inner =
    conf.kind === 'ring-hash'
      ? ringHash(shares, conf, setting)
      : maglev(shares, conf.tableSize, conf.consistent.useHostname, setting);
  return bounded(conf.consistent, inner, shares, setting);
}

const bounded = <Host extends Balanced>(
  { balanceFactor }: ConsistentHashing,
  inner: Balancer<Host>,
  shares: Shares<Host>,
  { active = () => 0 }: BalancerSetting,
): Balancer<Host> => (balanceFactor === 0 ? inner : boundedLoad(inner, shares, balanceFactor, active));
