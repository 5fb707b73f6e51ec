/** Uniformly random choice; Envoy's RANDOM ignores weights. */
import type { Balanced, Balancer, BalancerSetting } from './balancer.ts';

export const randomChoice = <Host extends Balanced>(
  hosts: readonly Host[],
  setting: BalancerSetting,
): Balancer<Host> => ({ pick: () => hosts[Math.floor(setting.random() * hosts.length)] });
