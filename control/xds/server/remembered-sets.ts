/**
 * What clients were left with when their streams ended: by version, so that a client that comes back and states the version it holds is
 * known resource by resource although its configuration has changed meanwhile; and by proxy, whether it may be taken at its word.
 */
import type { ResourceSet, ResourceType } from '../snapshot/index.ts';
import type { Leftover } from '../subscription/index.ts';

const REMEMBERED = 2048;

export class RememberedSets {
  readonly #sets = new Map<string, ResourceSet>();
  readonly #leftovers = new Map<string, Leftover>();

  add(proxy: string, type: ResourceType, leftover: Leftover): void {
    put(this.#leftovers, `${proxy} ${type}`, leftover);
    for (const set of leftover.sets) if (set.size > 0) put(this.#sets, `${type} ${set.version}`, set);
  }

  find(type: ResourceType, version: string): ResourceSet | undefined {
    return this.#sets.get(`${type} ${version}`);
  }

  leftover(proxy: string, type: ResourceType): Leftover | undefined {
    return this.#leftovers.get(`${proxy} ${type}`);
  }
}

function put<Value>(map: Map<string, Value>, key: string, value: Value): void {
  map.delete(key);
  map.set(key, value);
  if (map.size <= REMEMBERED) return;
  const [oldest] = map.keys();
  if (oldest !== undefined) map.delete(oldest);
}
