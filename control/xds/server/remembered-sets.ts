/**
 * What clients were left with when their streams ended, by version: a client that comes back states the version it holds, and is then
 * known resource by resource although its configuration has changed meanwhile.
 */
import type { ResourceSet, ResourceType } from '../snapshot/index.ts';

const REMEMBERED = 1024;

export class RememberedSets {
  readonly #sets = new Map<string, ResourceSet>();

  add(type: ResourceType, set: ResourceSet): void {
    if (set.size === 0) return;
    const key = `${type} ${set.version}`;
    this.#sets.delete(key);
    this.#sets.set(key, set);
    if (this.#sets.size > REMEMBERED) {
      const [oldest] = this.#sets.keys();
      if (oldest !== undefined) this.#sets.delete(oldest);
    }
  }

  find(type: ResourceType, version: string): ResourceSet | undefined {
    return this.#sets.get(`${type} ${version}`);
  }
}
