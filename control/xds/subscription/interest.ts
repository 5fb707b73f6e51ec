/**
 * Which resources of one type a client asks for (xDS protocol, "How the client specifies what resources to return"): names, the
 * wildcard `*`, or the legacy wildcard: a client that never named anything wants every listener and cluster.
 */
import { NameSet, type NameSets, type ResourceSet, type ResourceType } from '../snapshot/index.ts';

const WILDCARD = '*';

/** Only these have a wildcard; the others are asked for by name. */
const hasWildcard = (type: ResourceType): boolean => type === 'clusters' || type === 'listeners';

export class Interest {
  readonly #type: ResourceType;
  readonly #nameSets: NameSets;
  #names = NameSet.EMPTY;
  #wildcard = false;
  #everNamed = false;

  constructor(type: ResourceType, nameSets: NameSets) {
    this.#type = type;
    this.#nameSets = nameSets;
  }

  get wildcard(): boolean {
    return this.#wildcard;
  }

  get names(): NameSet {
    return this.#names;
  }

  covers(name: string): boolean {
    return this.#wildcard || this.#names.has(name);
  }

  select(table: ResourceSet): ResourceSet {
    return this.#wildcard ? table : table.only(this.#names);
  }

  /** State of the world: the whole list, each time. Returns the names asked for that were not before. */
  replace(list: readonly string[]): readonly string[] {
    if (list.length > 0) this.#everNamed = true;
    const wasWildcard = this.#wildcard;
    const names = this.#nameSets.of(list);
    this.#wildcard = hasWildcard(this.#type) && (names.has(WILDCARD) || !this.#everNamed);
    const before = this.#names;
    this.#names = names;
    if (names === before || wasWildcard) return [];
    return names.sorted.filter((name) => name !== WILDCARD && !before.has(name));
  }

  /** Delta: what is added and dropped. `first`: no request of this type came before it on the stream. */
  change(subscribe: readonly string[], unsubscribe: readonly string[], first: boolean): void {
    if (subscribe.length > 0) this.#everNamed = true;
    const wildcard = hasWildcard(this.#type);
    if (first && wildcard && subscribe.length === 0 && unsubscribe.length === 0) this.#wildcard = true;
    if (wildcard && subscribe.includes(WILDCARD)) this.#wildcard = true;
    if (unsubscribe.includes(WILDCARD)) this.#wildcard = false;
    const added = subscribe.filter((name) => name !== WILDCARD);
    if (added.length === 0 && unsubscribe.length === 0) return;
    if (this.#names.size === 0) this.#names = this.#nameSets.of(added);
    else {
      const dropped = new Set(unsubscribe);
      this.#names = this.#nameSets.of([...this.#names.sorted.filter((name) => !dropped.has(name)), ...added]);
    }
  }
}
