/**
 * What one client is to hold: the tables of its ProxyConfig, encoded for its profile. A row is encoded once for all clients of a
 * profile, by the row's identity; a table whose rows are the same object is the same ResourceSet.
 */
import type { Diagnostic } from '@weft/core/kernel';
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

/** What a client's engine cannot be told of a row. */
export interface Inexpressible {
  readonly type: ResourceType;
  readonly name: string;
  readonly sources: readonly string[];
  /** False: the row stays away from that client, because a part of it must not be left out. */
  readonly sent: boolean;
  readonly diagnostics: readonly Diagnostic[];
}

export interface Snapshot {
  readonly tables: Readonly<Record<ResourceType, ResourceSet>>;
  readonly inexpressible: readonly Inexpressible[];
}

export interface RowEncoders {
  readonly clusters: RowEncoder<Cluster>;
  readonly endpoints: RowEncoder<EndpointSet>;
  readonly listeners: RowEncoder<Listener>;
  readonly routes: RowEncoder<RouteConfiguration>;
}

/** A row's message for one client; equal bytes for equal rows. */
export type RowEncoder<Row> = (row: Row, client: ClientEngine) => EncodedRow;

export interface EncodedRow {
  /** undefined: must not be sent. */
  readonly bytes: Uint8Array | undefined;
  /** What the client's engine cannot be told. */
  readonly diagnostics: readonly Diagnostic[];
}

interface Encoded {
  readonly resource: Resource | undefined;
  readonly inexpressible: Inexpressible | undefined;
}

interface Table {
  readonly set: ResourceSet;
  readonly inexpressible: readonly Inexpressible[];
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
  snapshot(config: ProxyConfig, client: ClientEngine, before?: ProxyConfig): Snapshot {
    const cache = this.#profile(client);
    const { clusters, endpoints, listeners, routes } = this.#encoders;
    const made = {
      clusters: cache.table(
        { type: 'clusters', encode: clusters, references: clusterReferences, sources: clusterSources },
        config.clusters,
        before?.clusters,
      ),
      endpoints: cache.table(
        { type: 'endpoints', encode: endpoints, references: () => ({}), sources: () => [] },
        config.endpoints,
        before?.endpoints,
      ),
      listeners: cache.table(
        { type: 'listeners', encode: listeners, references: listenerReferences, sources: listenerSources },
        config.listeners,
        before?.listeners,
      ),
      routes: cache.table(
        { type: 'routes', encode: routes, references: routeReferences, sources: routeSources },
        config.routes,
        before?.routes,
      ),
    };
    return {
      tables: {
        clusters: made.clusters.set,
        endpoints: made.endpoints.set,
        listeners: made.listeners.set,
        routes: made.routes.set,
      },
      inexpressible: Object.values(made).flatMap((table) => table.inexpressible),
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
    before: ReadonlyMap<string, Row> | undefined,
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
      inexpressible: encoded.flatMap(({ inexpressible }) => inexpressible ?? []),
    };
  }

  /** undefined: too much differs. */
  #successor<Row extends { readonly name: string }>(
    kind: Kind<Row>,
    rows: ReadonlyMap<string, Row>,
    before: ReadonlyMap<string, Row>,
  ): Table | undefined {
    const table = this.#tables[kind.type].get(before);
    if (table === undefined) return undefined;
    const changed = new Map<string, Encoded | undefined>();
    // Both are in the order of names: rows that did not change meet, and need no look-up.
    const old = before.values();
    for (const [name, row] of rows) {
      if (old.next().value === row || before.get(name) === row) continue;
      if (changed.size === FEW) return undefined;
      changed.set(name, this.#encoded(kind, row));
    }
    if (rows.size !== before.size + changed.size)
      for (const name of before.keys()) if (!rows.has(name)) changed.set(name, undefined);
    const replaced = [...changed].filter(([name, now]) => table.set.get(name)?.version !== now?.resource?.version);
    return {
      set: this.#shared(kind.type, table.set.with(new Map(replaced.map(([name, now]) => [name, now?.resource])))),
      inexpressible: [
        ...table.inexpressible.filter(({ name }) => !changed.has(name)),
        ...[...changed.values()].flatMap((now) => now?.inexpressible ?? []),
      ],
    };
  }

  #encoded<Row extends { readonly name: string }>(kind: Kind<Row>, row: Row): Encoded {
    const before = this.#rows[kind.type].get(row);
    if (before !== undefined) return before;
    const made = this.#encode(kind, row);
    this.#rows[kind.type].set(row, made);
    return made;
  }

  #encode<Row extends { readonly name: string }>({ type, encode, references, sources }: Kind<Row>, row: Row): Encoded {
    const { name } = row;
    const { bytes: body, diagnostics } = encode(row, this.#client);
    const from = sources(row);
    return {
      resource: body && { name, version: contentVersion(body), body, references: references(row), sources: from },
      inexpressible:
        diagnostics.length === 0 && body !== undefined
          ? undefined
          : { type, name, sources: from, sent: body !== undefined, diagnostics },
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
