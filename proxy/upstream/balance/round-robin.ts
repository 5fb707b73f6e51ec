/** Round robin: a plain cursor while weights are equal, an EDF schedule otherwise or in slow start. */
import type { SlowStart } from '@weft/core/proxy-config';
import type { Balanced, Balancer, BalancerSetting } from './balancer.ts';
import { EdfSchedule } from './edf.ts';
import { slowStartFactor } from './slow-start.ts';

export function roundRobin<Host extends Balanced>(
  hosts: readonly Host[],
  slowStart: SlowStart | undefined,
  setting: BalancerSetting,
): Balancer<Host> {
  if (slowStart === undefined && hosts.every((host) => host.weight === hosts[0]?.weight)) {
    return new Cursor(hosts, Math.floor(setting.random() * hosts.length));
  }
  const weight = (host: Host): number => host.weight * slowStartFactor(slowStart, host, setting.now());
  return new EdfSchedule(hosts, weight, setting.random());
}

class Cursor<Host extends Balanced> implements Balancer<Host> {
  readonly #hosts: readonly Host[];
  #at: number;

  constructor(hosts: readonly Host[], start: number) {
    this.#hosts = hosts;
    this.#at = start;
  }

  pick(): Host | undefined {
    if (this.#at >= this.#hosts.length) this.#at = 0;
    const host = this.#hosts[this.#at];
    this.#at += 1;
    return host;
  }
}
