/**
 * What one client is to hold: the tables of its ProxyConfig, encoded for its profile. A row is encoded once for all clients of a
 * profile, by the row's identity; a table whose rows are the same object is the same ResourceSet.
 */
import type { Diagnostic } from '@weft/core/kernel';
import type { ClientEngine } from '@weft/core/mesh-view';
import type {
  Cluster,
  EndpointSet,
  Listener,
  PatchedConfig,
  ResourcePatch,
  RouteConfiguration,
} from '@weft/core/proxy-config';
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
  /** Patches by their sources; `idle`: of them, those that found nothing to change. */
  readonly patches: readonly string[];
  readonly idle: readonly string[];
}

export interface RowEncoders {
  readonly clusters: RowEncoder<Cluster>;
  readonly endpoints: RowEncoder<EndpointSet>;
  readonly listeners: RowEncoder<Listener>;
  readonly routes: RowEncoder<RouteConfiguration>;
  /** What patches add to the rows of `type`, whose names are `taken`. Absent: nothing. */
  added?(
    type: ResourceType,
    taken: ReadonlySet<string>,
    client: ClientEngine,
    patches: readonly ResourcePatch[],
  ): readonly AddedRow[];
}

/** A row's message for one client; equal bytes for equal rows. */
export type RowEncoder<Row> = (row: Row, client: ClientEngine, patches: readonly ResourcePatch[]) => EncodedRow<Row>;

export interface EncodedRow<Row> {
  /** undefined: must not be sent, or a patch removed it. */
  readonly bytes: Uint8Array | undefined;
  /** What the client's engine cannot be told. */
  readonly diagnostics: readonly Diagnostic[];
  /** What patches did; absent: nothing. */
  readonly patched?: PatchedRow<Row> | undefined;
}

export interface PatchedRow<Row> {
  /** What became of the row; undefined: nobody here can read it any more. */
  readonly row: Row | undefined;
  /** Sources of the patches that found something to change. */
  readonly matched: readonly string[];
  /** Of them, those that were left out. */
  readonly refused: readonly { readonly source: string; readonly diagnostics: readonly Diagnostic[] }[];
}

export interface AddedRow extends EncodedRow<Listener | RouteConfiguration | Cluster> {
  readonly name: string;
}

interface Encoded {
  readonly resource: Resource | undefined;
  readonly inexpressible: readonly Inexpressible[];
  readonly matched: readonly string[];
}

interface Table {
  readonly set: ResourceSet;
  readonly inexpressible: readonly Inexpressible[];
  /** Sources of patches. */
  readonly matched: ReadonlySet<string>;
}

/** Profiles kept at a time, each with a list of patches; a client states its engine and features, so their number is not ours to choose. */
const PROFILES = 64;
const NO_PATCHES: readonly ResourcePatch[] = [];
const NONE: readonly string[] = [];
const NOTHING: ReadonlySet<string> = new Set();

export class SnapshotEncoder {
  readonly #encoders: RowEncoders;
  readonly #profiles = new Map<string, ProfileCache>();
  readonly #patchTexts = new WeakMap<readonly ResourcePatch[], string>();

  constructor(encoders: RowEncoders) {
    this.#encoders = encoders;
  }

  /** `before`: what the same client had; a table that differs from it in a few rows is made from it. */
  snapshot(config: PatchedConfig, client: ClientEngine, before?: PatchedConfig): Snapshot {
    const { patches = NO_PATCHES } = config;
    const cache = this.#profile(client, patches);
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
      ...(patches.length === 0 ? { patches: NONE, idle: NONE } : idle(patches, Object.values(made))),
    };
  }

  #profile(client: ClientEngine, patches: readonly ResourcePatch[]): ProfileCache {
    const key = [client.name, client.version, ...client.features.toSorted(), this.#textOf(patches)].join('\n');
    const cache =
      this.#profiles.get(key) ?? new ProfileCache(client, patches, this.#encoders.added?.bind(this.#encoders));
    this.#profiles.delete(key);
    this.#profiles.set(key, cache);
    if (this.#profiles.size > PROFILES) {
      const [oldest] = this.#profiles.keys();
      if (oldest !== undefined) this.#profiles.delete(oldest);
    }
    return cache;
  }

  #textOf(patches: readonly ResourcePatch[]): string {
    if (patches.length === 0) return '';
    let text = this.#patchTexts.get(patches);
    if (text === undefined) this.#patchTexts.set(patches, (text = JSON.stringify(patches)));
    return text;
  }
}

function idle(patches: readonly ResourcePatch[], tables: readonly Table[]): Pick<Snapshot, 'patches' | 'idle'> {
  const sources = patches.map(({ source }) => source);
  return { patches: sources, idle: sources.filter((source) => !tables.some(({ matched }) => matched.has(source))) };
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
  readonly #patches: readonly ResourcePatch[];
  readonly #added: RowEncoders['added'];
  readonly #rows: Record<ResourceType, WeakMap<object, Encoded>> = perType(() => new WeakMap());
  readonly #tables: Record<ResourceType, WeakMap<object, Table>> = perType(() => new WeakMap());
  /** Tables of equal contents are one object, also when every proxy has a map of its own. */
  readonly #sets: Record<ResourceType, Map<string, WeakRef<ResourceSet>>> = perType(() => new Map());

  constructor(client: ClientEngine, patches: readonly ResourcePatch[], added: RowEncoders['added']) {
    this.#client = client;
    this.#patches = patches;
    this.#added = added;
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
    const all = this.#patches.length === 0 ? encoded : [...encoded, ...this.#additions(kind, rows)];
    return {
      set: this.#shared(kind.type, ResourceSet.of(all.flatMap(({ resource }) => resource ?? []))),
      inexpressible: all.flatMap(({ inexpressible }) => inexpressible),
      matched: this.#patches.length === 0 ? NOTHING : new Set(all.flatMap(({ matched }) => matched)),
    };
  }

  #additions<Row extends { readonly name: string }>(kind: Kind<Row>, rows: ReadonlyMap<string, Row>): Encoded[] {
    const added = this.#added?.(kind.type, new Set(rows.keys()), this.#client, this.#patches) ?? [];
    return added.map((one) => encodedRow(kind, one.name, one as EncodedRow<Row>, undefined));
  }

  /** undefined: too much differs. */
  #successor<Row extends { readonly name: string }>(
    kind: Kind<Row>,
    rows: ReadonlyMap<string, Row>,
    before: ReadonlyMap<string, Row>,
  ): Table | undefined {
    const table = this.#tables[kind.type].get(before);
    // What patches add depends on all rows.
    if (table === undefined || this.#patches.length > 0) return undefined;
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
      matched: NOTHING,
    };
  }

  #encoded<Row extends { readonly name: string }>(kind: Kind<Row>, row: Row): Encoded {
    const before = this.#rows[kind.type].get(row);
    if (before !== undefined) return before;
    const made = encodedRow(kind, row.name, kind.encode(row, this.#client, this.#patches), row);
    this.#rows[kind.type].set(row, made);
    return made;
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

/** `row`: what was encoded; undefined: it is a patch's alone. */
function encodedRow<Row extends { readonly name: string }>(
  { type, references, sources }: Kind<Row>,
  name: string,
  { bytes: body, diagnostics, patched }: EncodedRow<Row>,
  row: Row | undefined,
): Encoded {
  let own: readonly string[] | undefined;
  // Only who is refused asks: large tables have thousands.
  const sourcesOf = (): readonly string[] => (own ??= row === undefined ? [] : sources(row));
  const meant = patched === undefined ? row : patched.row;
  const told: readonly Inexpressible[] =
    diagnostics.length === 0 && (body !== undefined || patched !== undefined)
      ? []
      : [{ type, name, sources: sourcesOf(), sent: body !== undefined, diagnostics }];
  return {
    resource: body && {
      name,
      version: contentVersion(body),
      body,
      references: meant === undefined ? undefined : references(meant),
      get sources() {
        // Whoever refuses it most likely refuses what was patched.
        return patched === undefined ? sourcesOf() : [...new Set([...patched.matched, ...sourcesOf()])];
      },
    },
    inexpressible: [
      ...told,
      ...(patched?.refused ?? []).map(({ source, diagnostics: why }) => ({
        type,
        name,
        sources: [source],
        sent: true,
        diagnostics: why,
      })),
    ],
    matched: patched?.matched ?? NONE,
  };
}

function perType<T>(make: () => T): Record<ResourceType, T> {
  return { clusters: make(), endpoints: make(), listeners: make(), routes: make() };
}
