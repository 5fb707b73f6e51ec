/**
 * An immutable set of resources of one type, ordered by name: a table of a snapshot, what a stream asked for of it, or what a client
 * holds. Selections, differences and references are computed once a set, however many streams share it.
 */
import type { NameSet } from './name-set.ts';
import { contentVersion, type Resource, type ResourceType } from './resource.ts';

export interface Difference {
  /** In the later set, new or at another version; in order of name. */
  readonly changed: readonly string[];
  /** Not in the later set. */
  readonly removed: readonly string[];
}

const NONE: Difference = { changed: [], removed: [] };
/** Overlays of one set that are remembered: streams of one proxy class lack or keep the same few resources. */
const OVERLAYS = 16;

export class ResourceSet {
  static readonly EMPTY = new ResourceSet(new Map());
  readonly resources: ReadonlyMap<string, Resource>;
  #version: string | undefined;
  readonly #selections = new WeakMap<NameSet, ResourceSet>();
  readonly #differences = new WeakMap<ResourceSet, Difference>();
  readonly #overlays = new Map<string, ResourceSet>();
  readonly #references = new Map<ResourceType, ReadonlySet<string> | 'unknown'>();

  private constructor(resources: ReadonlyMap<string, Resource>) {
    this.resources = resources;
  }

  /** Sorted by name; of two of one name the later stays. */
  static of(resources: Iterable<Resource>): ResourceSet {
    const sorted = [...resources].sort((a, b) => (a.name < b.name ? -1 : a.name > b.name ? 1 : 0));
    return sorted.length === 0
      ? ResourceSet.EMPTY
      : new ResourceSet(new Map(sorted.map((resource) => [resource.name, resource])));
  }

  /** Hash over names and versions: equal for equal contents, in every process. */
  get version(): string {
    if (this.#version === undefined) {
      let text = '';
      for (const { name, version } of this.resources.values()) text += `${name}\n${version}\n`;
      this.#version = contentVersion(text);
    }
    return this.#version;
  }

  get size(): number {
    return this.resources.size;
  }

  get(name: string): Resource | undefined {
    return this.resources.get(name);
  }

  has(name: string): boolean {
    return this.resources.has(name);
  }

  sameAs(other: ResourceSet): boolean {
    return this === other || (this.size === other.size && this.version === other.version);
  }

  /** The resources of these names that there are. */
  only(names: NameSet): ResourceSet {
    let made = this.#selections.get(names);
    if (made === undefined) {
      const found = names.sorted.flatMap((name) => this.resources.get(name) ?? []);
      made = found.length === this.size ? this : ResourceSet.of(found);
      this.#selections.set(names, made);
    }
    return made;
  }

  /** This set with the given names replaced, or left out where the resource is undefined. */
  with(replacements: ReadonlyMap<string, Resource | undefined>): ResourceSet {
    if (replacements.size === 0) return this;
    const key = [...replacements]
      .map(([name, resource]) => `${name}\n${resource?.version ?? '-'}`)
      .sort()
      .join('\n');
    let made = this.#overlays.get(key);
    if (made === undefined) {
      const merged: Map<string, Resource> = new Map(this.resources);
      for (const [name, resource] of replacements) {
        if (resource === undefined) merged.delete(name);
        else merged.set(name, resource);
      }
      made = ResourceSet.of(merged.values());
      if (this.#overlays.size >= OVERLAYS) this.#overlays.clear();
      this.#overlays.set(key, made);
    }
    return made;
  }

  /** What changes for a client that goes from this set to `later`. */
  difference(later: ResourceSet): Difference {
    if (this === later) return NONE;
    let made = this.#differences.get(later);
    if (made === undefined) {
      const changed: string[] = [];
      for (const resource of later.resources.values()) {
        const before = this.resources.get(resource.name);
        if (before !== resource && before?.version !== resource.version) changed.push(resource.name);
      }
      const removed = [...this.resources.keys()].filter((name) => !later.has(name));
      made = changed.length === 0 && removed.length === 0 ? NONE : { changed, removed };
      this.#differences.set(later, made);
    }
    return made;
  }

  /** Names of that type that any resource here refers to; 'unknown' when the contents of one are not known. */
  references(type: ResourceType): ReadonlySet<string> | 'unknown' {
    let made = this.#references.get(type);
    if (made === undefined) {
      const names = new Set<string>();
      made = names;
      for (const { references } of this.resources.values()) {
        if (references === undefined) {
          made = 'unknown';
          break;
        }
        for (const name of references[type] ?? []) names.add(name);
      }
      this.#references.set(type, made);
    }
    return made;
  }
}
