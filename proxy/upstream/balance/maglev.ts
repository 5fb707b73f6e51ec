/**
 * Maglev table (Eisenbud et al., NSDI 2016, section 3.4; Envoy's MAGLEV, entry for entry): endpoints fill a table of prime size in turns, each
 * along its own permutation, those with larger shares more often. A pick is one lookup. Without a hash the choice is random.
 */
import { modulo, randomHash, xxHash64Utf8 } from '../hash/index.ts';
import type { Balanced, Balancer, BalancerSetting, Shares } from './balancer.ts';

const SKIP_SEED = { high: 0, low: 1 };

interface Turn<Host> {
  readonly host: Host;
  readonly key: string;
  readonly share: number;
}

export function maglev<Host extends Balanced>(
  { hosts, shares }: Shares<Host>,
  size: number,
  useHostname: boolean,
  setting: BalancerSetting,
): Balancer<Host> {
  if (hosts.length === 0) return { pick: () => undefined };
  const turns = hosts
    .map((host, index): Turn<Host> => ({ host, key: host.hashKey(useHostname), share: shares[index] ?? 0 }))
    .sort((a, b) => (a.key < b.key ? -1 : a.key > b.key ? 1 : 0));
  const table = fill(turns, size, setting);
  return {
    pick(hash, attempt): Host | undefined {
      const { high, low } = hash ?? randomHash(setting.random);
      // Envoy turns most bits over for another choice, by which the next ones lie far apart.
      const key = attempt === 0 ? { high, low } : { high: ~high >>> 0, low: (low ^ -attempt) >>> 0 };
      return turns[table[modulo(key, size)] ?? 0]?.host;
    },
  };
}

function fill(hosts: readonly Turn<unknown>[], size: number, setting: BalancerSetting): Uint32Array {
  const table = new Uint32Array(size);
  const taken = new Uint8Array(size);
  const largest = hosts.reduce((most, { share }) => Math.max(most, share), 0);
  const turns = hosts.map(({ key, share }) => ({
    at: modulo(xxHash64Utf8(key), size),
    skip: modulo(xxHash64Utf8(key, SKIP_SEED), size - 1) + 1,
    share,
    target: 0,
    entries: 0,
  }));
  let filled = 0;
  for (let round = 1; filled < size; round += 1) {
    for (const [index, turn] of turns.entries()) {
      if (round * turn.share < turn.target) continue;
      turn.target += largest;
      while (taken[turn.at] === 1) turn.at = (turn.at + turn.skip) % size;
      taken[turn.at] = 1;
      table[turn.at] = index;
      turn.at = (turn.at + turn.skip) % size;
      turn.entries += 1;
      filled += 1;
      if (filled === size) break;
    }
  }
  setting.gauge?.('maglev_lb.min_entries_per_host', Math.min(...turns.map(({ entries }) => entries)));
  setting.gauge?.('maglev_lb.max_entries_per_host', Math.max(...turns.map(({ entries }) => entries)));
  return table;
}
