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

/** The configuration that a client had, and the snapshot made of it. */
export interface Before {
  readonly config: ProxyConfig;
  readonly snapshot: Snapshot;
}

/** Profiles kept at a time; a client states its engine and features, so their number is not ours to choose. */
const PROFILES = 16;

export class SnapshotEncoder {
  readonly #encoders: RowEncoders;
  readonly #profiles = new Map<string, ProfileCache>();

  constructor(encoders: RowEncoders) {
    this.#encoders = encoders;
  }

  /** `before`: what the same client had; a table that differs from it in a few rows is made from it. */
  snapshot(config: ProxyConfig, client: ClientEngine, before?: Before): Snapshot {
    const cache = this.#profile(client);
    const { clusters, endpoints, listeners, routes } = this.#encoders;
    const made = {
      clusters: cache.table(
        { type: 'clusters', encode: clusters, references: clusterReferences, sources: clusterSources },
        config.clusters,
        before && { rows: before.config.clusters, set: before.snapshot.tables.clusters },
      ),
      endpoints: cache.table(
        { type: 'endpoints', encode: endpoints, references: () => ({}), sources: () => [] },
        config.endpoints,
        before && { rows: before.config.endpoints, set: before.snapshot.tables.endpoints },
      ),
      listeners: cache.table(
        { type: 'listeners', encode: listeners, references: listenerReferences, sources: listenerSources },
        config.listeners,
        before && { rows: before.config.listeners, set: before.snapshot.tables.listeners },
      ),
      routes: cache.table(
        { type: 'routes', encode: routes, references: routeReferences, sources: routeSources },
        config.routes,
        before && { rows: before.config.routes, set: before.snapshot.tables.routes },
      ),
    };
    return {
      tables: {
        clusters: made.clusters.set,
        endpoints: made.endpoints.set,
        listeners: made.listeners.set,
        routes: made.routes.set,
      },
      unencodable: Object.values(made).flatMap((table) => table.unencodable),
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

/** How rows of one type become resources. */
interface Kind<Row> {
  readonly type: ResourceType;
  readonly encode: RowEncoder<Row>;
  readonly references: (row: Row) => References;
  readonly sources: (row: Row) => readonly string[];
}

interface Predecessor<Row> {
  readonly rows: ReadonlyMap<string, Row>;
  readonly set: ResourceSet;
}

/** A table that changed in more rows than this is made anew. */
const FEW = 16;

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
    kind: Kind<Row>,
    rows: ReadonlyMap<string, Row>,
    before: Predecessor<Row> | undefined,
  ): Table {
    const known = this.#tables[kind.type].get(rows);
    if (known !== undefined) return known;
    const table = (before && this.#successor(kind, rows, before)) ?? this.#anew(kind, rows);
    this.#tables[kind.type].set(rows, table);
    return table;
  }

  #anew<Row extends { readonly name: string }>(kind: Kind<Row>, rows: ReadonlyMap<string, Row>): Table {
    const encoded = [...rows.values()].map((row) => this.#encoded(kind, row));
    return {
      set: this.#shared(kind.type, ResourceSet.of(encoded.flatMap(({ resource }) => resource ?? []))),
      unencodable: encoded.flatMap(({ unencodable }) => unencodable ?? []),
    };
  }

  /** undefined: too much differs, or something cannot be encoded. */
  #successor<Row extends { readonly name: string }>(
    kind: Kind<Row>,
    rows: ReadonlyMap<string, Row>,
    before: Predecessor<Row>,
  ): Table | undefined {
    if (before.set.size !== before.rows.size) return undefined;
    const replaced = new Map<string, Resource | undefined>();
    let kept = 0;
    for (const [name, row] of rows) {
      const old = before.rows.get(name);
      if (old !== undefined) kept++;
      if (old === row) continue;
      if (replaced.size === FEW) return undefined;
      const { resource } = this.#encoded(kind, row);
      if (resource === undefined) return undefined;
      if (before.set.get(name)?.version !== resource.version) replaced.set(name, resource);
    }
    if (kept < before.rows.size) {
      for (const name of before.rows.keys()) if (!rows.has(name)) replaced.set(name, undefined);
    }
    return { set: this.#shared(kind.type, before.set.with(replaced)), unencodable: [] };
  }

  #encoded<Row extends { readonly name: string }>(kind: Kind<Row>, row: Row): Encoded {
    const before = this.#rows[kind.type].get(row);
    if (before !== undefined) return before;
    const made = this.#encode(kind, row);
    this.#rows[kind.type].set(row, made);
    return made;
  }

  #encode<Row extends { readonly name: string }>({ type, encode, references, sources }: Kind<Row>, row: Row): Encoded {
    const bytes = encode(row, this.#client);
    const { name } = row;
    if (!bytes.ok) {
      return { resource: undefined, unencodable: { type, name, sources: sources(row), diagnostics: bytes.error } };
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
