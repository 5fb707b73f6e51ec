/** Lists of services by namespace. */
import { byName, namespaceOf, ONLY } from '../keys.ts';
import type { ServiceRow } from '../rows.ts';
import type { Memory } from './memory.ts';

/** All services, and those of each namespace, in order. A namespace whose services are the same keeps its list. */
export function catalogs(
  memory: Memory,
  services: ReadonlyMap<string, ServiceRow>,
): ReadonlyMap<string, readonly string[]> {
  const lists = new Map<string, string[]>([[ONLY, []]]);
  for (const key of [...services.keys()].sort(byName)) {
    lists.get(ONLY)?.push(key);
    const namespace = namespaceOf(key);
    const own = lists.get(namespace);
    if (own === undefined) lists.set(namespace, [key]);
    else own.push(key);
  }
  return new Map([...lists].map(([name, keys]) => [name, memory.list(`catalog ${name}`, keys)]));
}
