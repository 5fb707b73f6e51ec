/**
 * What one client is to hold: the tables of its ProxyConfig, encoded for its profile. A row is encoded once for all clients of a
 * profile, by the row's identity; a table whose rows are the same object is the same ResourceSet.
 */
import type { Diagnostic, Result } from '@weft/core/kernel';
import type { ClientEngine } from '@weft/core/mesh-view';
import type { Cluster, EndpointSet, Listener, ProxyConfig, RouteConfiguration } from '@weft/core/proxy-config';
import {
  clusterReferences,
  clusterSources,
  listenerReferences,
  listenerSources,
  routeReferences,
  routeSources,
} from './references.ts';
import { ResourceSet } from './resource-set.ts';
import { contentVersion, type References, type Resource, type ResourceType } from './resource.ts';

/** A row that cannot be said to a client: it stays away from that client, and the client's status says why. */
export interface Unencodable {
  readonly type: ResourceType;
  readonly name: string;
  readonly sources: readonly string[];
  readonly diagnostics: readonly Diagnostic[];
}

export interface Snapshot {
  readonly tables: Readonly<Record<ResourceType, ResourceSet>>;
  readonly unencodable: readonly Unencodable[];
}

/** Serialised message of a row for a client, equal bytes for equal rows; or why its profile cannot say it. */
export interface RowEncoders {
  readonly clusters: RowEncoder<Cluster>;
  readonly endpoints: RowEncoder<EndpointSet>;
  readonly listeners: RowEncoder<Listener>;
  readonly routes: RowEncoder<RouteConfiguration>;
}

export type RowEncoder<Row> = (row: Row, client: ClientEngine) => Result<Uint8Array, readonly Diagnostic[]>;

interface Encoded {
  readonly resource: Resource | undefined;
  readonly unencodable: Unencodable | undefined;
}

interface Table {
  readonly set: ResourceSet;
  readonly unencodable: readonly Unencodable[];
}

/** Profiles kept at a time; a client states its engine and features, so their number is not ours to choose. */
const PROFILES = 16;

export class SnapshotEncoder {
  readonly #encoders: RowEncoders;
  readonly #profiles = new Map<string, ProfileCache>();

  constructor(encoders: RowEncoders) {
    this.#encoders = encoders;
  }

  snapshot(config: ProxyConfig, client: ClientEngine): Snapshot {
    const cache = this.#profile(client);
    const clusters = cache.table(
      'clusters',
      config.clusters,
      this.#encoders.clusters,
      clusterReferences,
      clusterSources,
    );
    const endpoints = cache.table('endpoints', config.endpoints, this.#encoders.endpoints, none, nobody);
    const listeners = cache.table(
      'listeners',
      config.listeners,
      this.#encoders.listeners,
      listenerReferences,
      listenerSources,
    );
    const routes = cache.table('routes', config.routes, this.#encoders.routes, routeReferences, routeSources);
    return {
      tables: { clusters: clusters.set, endpoints: endpoints.set, listeners: listeners.set, routes: routes.set },
      unencodable: [clusters, endpoints, listeners, routes].flatMap((table) => table.unencodable),
    };
  }

  #profile(client: ClientEngine): ProfileCache {
    const key = [client.name, client.version, ...client.features.toSorted()].join('\n');
    const cache = this.#profiles.get(key) ?? new ProfileCache(client);
    this.#profiles.delete(key);
    this.#profiles.set(key, cache);
    if (this.#profiles.size > PROFILES) {
      const [oldest] = this.#profiles.keys();
      if (oldest !== undefined) this.#profiles.delete(oldest);
    }
    return cache;
  }
}

const none = (): References => ({});
const nobody = (): readonly string[] => [];

class ProfileCache {
  readonly #client: ClientEngine;
  readonly #rows: Record<ResourceType, WeakMap<object, Encoded>> = perType(() => new WeakMap());
  readonly #tables: Record<ResourceType, WeakMap<object, Table>> = perType(() => new WeakMap());
  /** Tables of equal contents are one object, also when every proxy has a map of its own. */
  readonly #sets: Record<ResourceType, Map<string, WeakRef<ResourceSet>>> = perType(() => new Map());

  constructor(client: ClientEngine) {
    this.#client = client;
  }

  table<Row extends { readonly name: string }>(
    type: ResourceType,
    rows: ReadonlyMap<string, Row>,
    encode: RowEncoder<Row>,
    references: (row: Row) => References,
    sources: (row: Row) => readonly string[],
  ): Table {
    const known = this.#tables[type].get(rows);
    if (known !== undefined) return known;
    const encoded = [...rows.values()].map((row): Encoded => {
      const before = this.#rows[type].get(row);
      if (before !== undefined) return before;
      const made = this.#encode(type, row, encode, references, sources);
      this.#rows[type].set(row, made);
      return made;
    });
    const table: Table = {
      set: this.#shared(type, ResourceSet.of(encoded.flatMap(({ resource }) => resource ?? []))),
      unencodable: encoded.flatMap(({ unencodable }) => unencodable ?? []),
    };
    this.#tables[type].set(rows, table);
    return table;
  }

  #encode<Row extends { readonly name: string }>(
    type: ResourceType,
    row: Row,
    encode: RowEncoder<Row>,
    references: (row: Row) => References,
    sources: (row: Row) => readonly string[],
  ): Encoded {
    const bytes = encode(row, this.#client);
    const { name } = row;
    if (!bytes.ok) {
      return {
        resource: undefined,
        unencodable: { type, name, sources: sources(row), diagnostics: bytes.error },
      };
    }
    const body = bytes.value;
    return {
      resource: { name, version: contentVersion(body), body, references: references(row), sources: sources(row) },
      unencodable: undefined,
    };
  }

  #shared(type: ResourceType, set: ResourceSet): ResourceSet {
    const sets = this.#sets[type];
    const before = sets.get(set.version)?.deref();
    if (before !== undefined) return before;
    if (sets.size >= 4096) for (const [key, reference] of sets) if (reference.deref() === undefined) sets.delete(key);
    sets.set(set.version, new WeakRef(set));
    return set;
  }
}

function perType<T>(make: () => T): Record<ResourceType, T> {
  return { clusters: make(), endpoints: make(), listeners: make(), routes: make() };
}
