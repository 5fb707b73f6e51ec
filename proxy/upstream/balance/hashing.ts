/** The balancers that a key decides (ring hash, maglev), with Envoy's bound on how much more than the others an endpoint gets. */
import type { ConsistentHashing } from '@weft/core/proxy-config';
import type { Balanced, Balancer, BalancerSetting, Shares } from './balancer.ts';
import { boundedLoad } from './bounded-load.ts';
import type { HashBalancing } from './index.ts';
import { maglev } from './maglev.ts';
import { ringHash } from './ring-hash.ts';

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
