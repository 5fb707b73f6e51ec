/** The balancer that a cluster's policy asks for, over one list of endpoints. */
import type { LoadBalancing } from '@weft/core/proxy-config';
import type { Balanced, Balancer, BalancerSetting } from './balancer.ts';
import { leastRequest } from './least-request.ts';
import { maglev } from './maglev.ts';
import { randomChoice } from './random.ts';
import { ringHash } from './ring-hash.ts';
import { roundRobin } from './round-robin.ts';

export type { Balanced, Balancer, BalancerSetting } from './balancer.ts';

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
      return ringHash(hosts, conf, setting);
    case 'maglev':
      return maglev(hosts, conf.tableSize, setting);
  }
}
