/**
 * The filter chains of one connection manager: one for its own configuration, and one for each route (and entry of weighted clusters) whose
 * `typed_per_filter_config` says otherwise, made when a route table comes. Filters of the same configuration are one object, so that a limit
 * stated by a virtual host is one for all its routes. Nothing is looked up by name while requests pass.
 */
import type { FilterOverride, FilterOverrideConfig, HttpFilter as HttpFilterRow } from '@weft/core/proxy-config';
import type { RoutePlan, RoutePlans, WeightedPlan } from '../router/route-plan.ts';
import type { HttpFilter } from './filter.ts';

export interface FilterChain {
  /** In order; undefined: switched off here. */
  readonly filters: readonly (HttpFilter | undefined)[];
  /** Any of them looks at answers. */
  readonly seesAnswers: boolean;
  /** Any of them may add headers to requests. */
  readonly addsHeaders: boolean;
}

export const NO_FILTERS: FilterChain = { filters: [], seesAnswers: false, addsHeaders: false };

/** `overrides`: of one filter, the most specific first. */
export type CompileFilter = (row: HttpFilterRow, overrides: readonly FilterOverrideConfig[]) => HttpFilter;

/** Kinds that look at every level's configuration, not at the most specific one alone. */
const READS_ALL_LEVELS: ReadonlySet<HttpFilterRow['kind']> = new Set(['cors', 'header-mutation', 'ext-authz']);

/** Kinds that never add one that the router asks for. */
const ADDS_NOTHING: ReadonlySet<HttpFilterRow['kind']> = new Set([
  'rbac',
  'cors',
  'csrf',
  'buffer',
  'compressor',
  'fault',
  'grpc-web',
  'health-check',
  'grpc-stats',
  'decompressor',
  'stateful-session',
  'on-demand',
  'dynamic-forward-proxy',
]);

type Level = readonly FilterOverride[];

interface TableChains {
  readonly chains: Map<RoutePlan | WeightedPlan, FilterChain>;
  /** Filters that the table configures. */
  readonly made: ReadonlyMap<string, HttpFilter>;
}

export class FilterChains {
  readonly #rows: readonly HttpFilterRow[];
  readonly #compile: CompileFilter;
  readonly #mismatched: (name: string) => void;
  readonly #own: FilterChain;
  readonly #made = new Map<string, HttpFilter>();
  readonly #ids = new WeakMap<object, number>();
  #lastId = 0;
  /** Of the route tables that requests come to now: several with scoped routes. */
  readonly #tables = new Map<RoutePlans, TableChains>();
  readonly #isLive: (routes: RoutePlans) => boolean;
  #last: RoutePlans | undefined;
  #lastChains: TableChains['chains'] = new Map();

  /** `isLive`: whether requests may come to a table still. `mismatched` is told the name of a filter for which a route has a configuration of another kind, which has no effect. */
  constructor(
    rows: readonly HttpFilterRow[],
    compile: CompileFilter,
    mismatched: (name: string) => void,
    isLive: (routes: RoutePlans) => boolean,
  ) {
    this.#isLive = isLive;
    this.#rows = rows;
    this.#mismatched = mismatched;
    this.#compile = compile;
    this.#own = this.#chain([], this.#made);
  }

  /** Without a route. */
  get own(): FilterChain {
    return this.#own;
  }

  /** The connection manager drains. */
  stop(): void {
    for (const made of [this.#made, ...[...this.#tables.values()].map((table) => table.made)])
      for (const filter of made.values()) filter.stop?.();
  }

  of(routes: RoutePlans, plan: RoutePlan, weighted: WeightedPlan | undefined): FilterChain {
    if (routes !== this.#last) this.#take(routes);
    const chains = this.#lastChains;
    if (chains.size === 0) return this.#own;
    const chain = weighted === undefined ? undefined : chains.get(weighted);
    return chain ?? chains.get(plan) ?? this.#own;
  }

  #take(routes: RoutePlans): void {
    this.#last = routes;
    let table = this.#tables.get(routes);
    if (table === undefined) {
      for (const known of this.#tables.keys()) if (!this.#isLive(known)) this.#tables.delete(known);
      table = this.#compileTable(routes);
      this.#tables.set(routes, table);
    }
    this.#lastChains = table.chains;
  }

  #compileTable(routes: RoutePlans): TableChains {
    const made = new Map<string, HttpFilter>();
    const chains: TableChains['chains'] = new Map();
    const table = routes.filterOverrides;
    for (const plan of routes.plans) {
      const { route, virtualHost } = plan.compiled;
      const levels = [route.filterOverrides, virtualHost.filterOverrides, table];
      if (levels.some(({ length }) => length > 0)) chains.set(plan, this.#chain(levels, made));
      for (const entry of plan.weighted)
        if (entry.filterOverrides.length > 0) chains.set(entry, this.#chain([entry.filterOverrides, ...levels], made));
    }
    return { made, chains };
  }

  /** `made`: where filters stand that these levels configure. */
  #chain(levels: readonly Level[], made: Map<string, HttpFilter>): FilterChain {
    const filters = this.#rows.map((row) => this.#filter(row, levels, made));
    return {
      filters,
      seesAnswers: filters.some((filter) => filter?.onAnswer !== undefined),
      addsHeaders: filters.some(
        (filter, index) => filter !== undefined && !ADDS_NOTHING.has(this.#rows[index]?.kind ?? 'rbac'),
      ),
    };
  }

  #filter(row: HttpFilterRow, levels: readonly Level[], made: Map<string, HttpFilter>): HttpFilter | undefined {
    const said = levels.flatMap((level) => level.filter(({ filter }) => filter === row.name));
    if (said[0]?.disabled ?? row.disabled) return undefined;
    const configs = said.flatMap(({ config }) => (config?.kind === row.kind ? [config] : []));
    if (said.some(({ config }) => config !== undefined && config.kind !== row.kind)) this.#mismatched(row.name);
    const used = READS_ALL_LEVELS.has(row.kind) ? configs : configs.slice(0, 1);
    const key = `${this.#rows.indexOf(row)}${used.map((config) => `:${this.#id(config)}`).join('')}`;
    const filters = used.length === 0 ? this.#made : made;
    let filter = filters.get(key);
    if (filter === undefined) {
      filter = this.#compile(row, used);
      filters.set(key, filter);
    }
    return filter;
  }

  #id(config: object): number {
    let id = this.#ids.get(config);
    if (id === undefined) {
      id = ++this.#lastId;
      this.#ids.set(config, id);
    }
    return id;
  }
}
