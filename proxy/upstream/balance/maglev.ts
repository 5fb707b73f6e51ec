/**
 * Maglev table (Eisenbud et al., NSDI 2016, section 3.4; Envoy's MAGLEV): endpoints fill a table of prime size in turns, each along its own
 * permutation, weighted endpoints more often. A pick is one lookup. Without a hash the choice is random.
 */
import { hashText } from '../hash.ts';
import type { Balanced, Balancer, BalancerSetting } from './balancer.ts';

export function maglev<Host extends Balanced>(
  hosts: readonly Host[],
  tableSize: number,
  setting: BalancerSetting,
): Balancer<Host> {
  const sorted = [...hosts].sort((a, b) => (a.address < b.address ? -1 : a.address > b.address ? 1 : 0));
  const table = fill(sorted, tableSize);
  return {
    pick(hash: number): Host | undefined {
      const key = hash < 0 ? Math.floor(setting.random() * tableSize) : hash % tableSize;
      return sorted[table[key] ?? 0];
    },
  };
}

function fill(hosts: readonly Balanced[], size: number): Uint32Array {
  const table = new Uint32Array(size);
  const taken = new Uint8Array(size);
  const heaviest = hosts.reduce((most, host) => Math.max(most, host.weight), 1);
  const turns = hosts.map((host) => ({
    at: hashText(host.address) % size,
    skip: (hashText(host.address, 0x5bd1e995) % (size - 1)) + 1,
    share: host.weight / heaviest,
    credit: 0,
  }));
  let filled = 0;
  while (filled < size && turns.length > 0) {
    for (const [index, turn] of turns.entries()) {
      turn.credit += turn.share;
      if (turn.credit < 1) continue;
      turn.credit -= 1;
      while (taken[turn.at] === 1) turn.at = (turn.at + turn.skip) % size;
      taken[turn.at] = 1;
      table[turn.at] = index;
      filled += 1;
      if (filled === size) break;
    }
  }
  return table;
}
