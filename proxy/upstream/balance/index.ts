/** The balancer that a cluster's policy asks for, over one list of endpoints. */
import type { LoadBalancing } from '@weft/core/proxy-config';
import { hashing } from '../on-demand.ts';
import { type Balanced, type Balancer, type BalancerSetting, sharesOf } from './balancer.ts';
import { leastRequest } from './least-request.ts';
import { PeakEwmaBalancer } from './peak-ewma.ts';
import { randomChoice } from './random.ts';
import { roundRobin } from './round-robin.ts';

export { type Balanced, type Balancer, type BalancerSetting, type Shares, sharesOf } from './balancer.ts';

export { Latency } from './peak-ewma.ts';

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
    case 'peak-ewma':
      return new PeakEwmaBalancer(hosts, conf, setting);
    case 'ring-hash':
    case 'maglev':
      return hashing().hashBalancer(conf, sharesOf(hosts), setting);
  }
}
