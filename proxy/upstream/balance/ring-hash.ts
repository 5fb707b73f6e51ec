/**
 * Ketama ring (Envoy's RING_HASH): every endpoint owns points on a ring in proportion to its weight; a hash goes to the next point. When an
 * endpoint comes or goes only its share of keys moves. Without a hash the choice is random.
 */
import { hashText } from '../hash.ts';
import type { Balanced, Balancer, BalancerSetting } from './balancer.ts';

export function ringHash<Host extends Balanced>(
  hosts: readonly Host[],
  conf: { readonly minimumRingSize: number; readonly maximumRingSize: number },
  setting: BalancerSetting,
): Balancer<Host> {
  const total = hosts.reduce((sum, host) => sum + host.weight, 0);
  const least = hosts.reduce((low, host) => Math.min(low, host.weight), Number.POSITIVE_INFINITY) / total;
  const scale = Math.min(Math.ceil(least * conf.minimumRingSize) / least, conf.maximumRingSize);
  const points: { hash: number; host: number }[] = [];
  let wanted = 0;
  for (const [index, host] of hosts.entries()) {
    wanted += (host.weight / total) * scale;
    for (let replica = 0; points.length < wanted && points.length < conf.maximumRingSize; replica += 1) {
      points.push({ hash: hashText(`${host.address}_${replica}`), host: index });
    }
  }
  points.sort((a, b) => a.hash - b.hash || a.host - b.host);
  const hashes = Uint32Array.from(points, (point) => point.hash);
  const owners = Uint32Array.from(points, (point) => point.host);
  return {
    pick(hash: number): Host | undefined {
      const key = hash < 0 ? Math.floor(setting.random() * 0x1_0000_0000) : hash;
      let low = 0;
      let high = hashes.length;
      while (low < high) {
        const middle = (low + high) >> 1;
        if ((hashes[middle] ?? 0) < key) low = middle + 1;
        else high = middle;
      }
      return hosts[owners[low === hashes.length ? 0 : low] ?? 0];
    },
  };
}
