/**
 * Ketama ring (Envoy's RING_HASH, point for point): every endpoint owns points on a ring in proportion to its share; a hash goes to the next
 * point. When an endpoint comes or goes only its part of the keys moves. Without a hash the choice is random.
 */
import type { LoadBalancing } from '@weft/core/proxy-config';
import { murmurHash2, randomHash, xxHash64Utf8 } from '../hash/index.ts';
import type { Balanced, Balancer, BalancerSetting, Shares } from './balancer.ts';

type RingHash = Extract<LoadBalancing, { kind: 'ring-hash' }>;

export function ringHash<Host extends Balanced>(
  { hosts, shares }: Shares<Host>,
  conf: RingHash,
  setting: BalancerSetting,
): Balancer<Host> {
  if (hosts.length === 0) return { pick: () => undefined };
  const hashed = conf.hashFunction === 'murmur-hash-2' ? murmurHash2 : xxHash64Utf8;
  const least = Math.min(...shares);
  // The endpoint with the least share gets a whole number of points.
  const scale = Math.min(Math.ceil(least * conf.minimumRingSize) / least, conf.maximumRingSize);
  const points: { high: number; low: number; host: number }[] = [];
  let wanted = 0;
  let fewest = Math.ceil(scale);
  let most = 0;
  for (const [index, host] of hosts.entries()) {
    wanted += scale * (shares[index] ?? 0);
    const key = host.hashKey(conf.consistent.useHostname);
    let replica = 0;
    for (; points.length < wanted; replica += 1) points.push({ ...hashed(`${key}_${replica}`), host: index });
    fewest = Math.min(fewest, replica);
    most = Math.max(most, replica);
  }
  setting.gauge?.('ring_hash_lb.size', Math.ceil(scale));
  setting.gauge?.('ring_hash_lb.min_hashes_per_host', fewest);
  setting.gauge?.('ring_hash_lb.max_hashes_per_host', most);
  points.sort((a, b) => a.high - b.high || a.low - b.low || a.host - b.host);
  const highs = Uint32Array.from(points, ({ high }) => high);
  const lows = Uint32Array.from(points, ({ low }) => low);
  const owners = Uint32Array.from(points, ({ host }) => host);
  return {
    pick(hash, attempt): Host | undefined {
      const { high, low } = hash ?? randomHash(setting.random);
      let first = 0;
      let last = highs.length;
      while (first < last) {
        const middle = (first + last) >> 1;
        const point = highs[middle] ?? 0;
        if (point < high || (point === high && (lows[middle] ?? 0) < low)) first = middle + 1;
        else last = middle;
      }
      const at = first === highs.length ? 0 : first;
      return hosts[owners[attempt === 0 ? at : (at + attempt) % owners.length] ?? 0];
    },
  };
}
