/**
 * Consistent hashing with bounded loads (Mirrokni et al., arXiv:1608.01350; Envoy's hash_balance_factor): an endpoint that has its part of the
 * requests under way hands a key on, in an order that the key alone decides, so that every proxy hands it on to the same one.
 */
import type { Hash64 } from '../hash/index.ts';
import type { Balanced, Balancer, Shares } from './balancer.ts';
import { MersenneTwister } from './mersenne-twister.ts';

/** `factor` in percent of the fair share; `active`: requests under way in the cluster. */
export function boundedLoad<Host extends Balanced>(
  inner: Balancer<Host>,
  { hosts, shares }: Shares<Host>,
  factor: number,
  active: () => number,
): Balancer<Host> {
  const shareOf = new Map(hosts.map((host, index) => [host, shares[index] ?? 0]));
  /** More than 1: it has more than its part. */
  const load = (host: Host): number => {
    const slots = Math.floor(((active() + 1) * factor + 99) / 100);
    return host.activeRequests / Math.max(Math.ceil(slots * (shareOf.get(host) ?? 0)), 1);
  };
  return {
    pick(hash, attempt): Host | undefined {
      const first = inner.pick(hash, attempt);
      if (first === undefined || hash === undefined) return first;
      let best = first;
      let least = load(first);
      if (least <= 1) return first;
      for (const host of shuffled(hosts, hash)) {
        if (host === first) continue;
        const own = load(host);
        if (own <= 1) return host;
        if (own < least) {
          best = host;
          least = own;
        }
      }
      return best;
    },
  };
}

function* shuffled<Host>(hosts: readonly Host[], { low }: Hash64): Generator<Host> {
  const rest = [...hosts];
  const twister = new MersenneTwister(low);
  for (let index = 0; index < rest.length; index += 1) {
    const other = index + twister.below(rest.length - index);
    const chosen = rest[other] as Host;
    rest[other] = rest[index] as Host;
    rest[index] = chosen;
    yield chosen;
  }
}
