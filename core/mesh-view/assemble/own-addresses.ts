/** Where workloads of the mesh are, as far as names that callers choose could lead there: addresses that no range refuses anyway. */
import { formatCidr, isSpecial } from '../../kernel/index.ts';
import { byName, ONLY } from '../keys.ts';
import type { WorkloadRow } from '../rows.ts';
import type { Memory } from './memory.ts';

export function ownAddresses(
  memory: Memory,
  workloads: ReadonlyMap<string, WorkloadRow>,
): ReadonlyMap<string, readonly string[]> {
  const found = new Set<string>();
  for (const { addresses } of workloads.values())
    for (const { ip } of addresses)
      if (!isSpecial(ip)) found.add(formatCidr({ address: ip, prefix: ip.family === 4 ? 32 : 128 }));
  if (found.size === 0) return NONE;
  const sorted = [...found].sort(byName);
  return new Map([[ONLY, memory.remember('own addresses', sorted, () => sorted)]]);
}

const NONE: ReadonlyMap<string, readonly string[]> = new Map();
