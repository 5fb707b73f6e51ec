/**
 * The engine's ADS client: one stream of discovery messages in (state of the world or delta), whole ProxyConfigs out. Owns no transport:
 * whoever opens a stream calls `opened`, `received` and `closed`, and `stopWaiting` when the first answers have taken too long. A resource
 * that is refused is answered with its name and every fault's path and its last good row stays. Survives streams: a new one states what
 * is held, so that nothing is sent again.
 */
import { formatDiagnostic, type MonotonicClock } from '@weft/core/kernel';
import {
  EMPTY_PROXY_CONFIG,
  type ProxyConfig,
  routeNames,
  type RuntimeValues,
  scopedRouteNames,
  scopedRoutes,
} from '@weft/core/proxy-config';
import type { AdsCodec, ApplyConfig, DiscoveryAnswer, Question, XdsSecret } from './port.ts';
import { adsSecretNames } from './secret-names.ts';
import { Delta, type Held, StateOfTheWorld, type Subscription } from './subscription.ts';
import { ADS_TABLES, type AdsTable, isWildcard, tableOf, TYPE_URLS, type XdsRows } from './types.ts';
import { Patience } from './patience.ts';
import { type ArrivedRows, warm } from './warming.ts';

export interface AdsClientOptions {
  readonly codec: AdsCodec;
  readonly apply: ApplyConfig;
  /** Told of every refusal, as text with paths. */
  readonly onRefused: (table: AdsTable, text: string) => void;
  /** Called once, when the first answers of all tables that are needed were applied. */
  readonly onReady: () => void;
  /** Incremental xDS; default: state of the world. */
  readonly delta?: boolean;
  /** Rows of a bootstrap: always there, and no resource replaces them. They may ask for endpoints, routes and secrets by ADS. */
  readonly base?: ProxyConfig;
  /** Whether clusters and listeners come by ADS; default both. */
  readonly asks?: { readonly clusters: boolean; readonly listeners: boolean };
  /** Rows from files beside those that come; without it rows that name files wait for them in vain. */
  readonly files?: { readonly settled: boolean; over(rows: ArrivedRows): ArrivedRows };
  /** Told whenever everything that has come is at work. */
  readonly onWhole?: () => void;
  /** Runs its argument after so many ms. Without it a refusal is told at once, however often the same answer comes. */
  readonly later?: (delayMs: number, run: () => void) => void;
  /** How long a row waits for what it names, ms (Envoy's initial_fetch_timeout); undefined: until it is there. */
  readonly fetch?: { readonly timeout: number; readonly clock: MonotonicClock };
  /** Takes the secrets that rows name by ADS; undefined (the default): somebody else brings them. A name with undefined is gone. */
  readonly onSecret?: (name: string, secret: XdsSecret | undefined) => void;
  /** Layers of the runtime that come by ADS, and who takes what they say; undefined: a layer is gone. */
  readonly runtimes?: {
    readonly names: readonly string[];
    took(name: string, values: RuntimeValues | undefined): void;
  };
}

const FIRST_WAIT = 200;
const LONGEST_WAIT = 10_000;

export type HeldTables = { readonly [Table in Exclude<AdsTable, 'secrets' | 'runtimes'>]: Held<XdsRows[Table]> };

type Subscriptions = { readonly [Table in AdsTable]: Subscription<XdsRows[Table]> };

export class AdsClient {
  readonly #options: AdsClientOptions;
  readonly #base: ProxyConfig;
  readonly #asks: { readonly clusters: boolean; readonly listeners: boolean };
  readonly #subscriptions: Subscriptions;
  #send: ((bytes: Uint8Array) => void) | undefined;
  #sentNode = false;
  #applied: ProxyConfig;
  #applying = Promise.resolve();
  /** Rows that could not be put to work and were refused. */
  readonly #blamed = new WeakSet<object>();
  /** What was refused last, and how long to wait before the same is told again, ms. */
  readonly #refused = new Map<AdsTable, { readonly text: string; readonly wait: number }>();
  readonly #shadowed = new Set<string>();
  /** Route tables that requests asked for. */
  readonly #demanded = new Set<string>();
  #given: ReadonlyMap<string, XdsSecret> = new Map();
  readonly #patience: Patience | undefined;
  /** The first answers about clusters and listeners are waited for. */
  #patient = true;
  #ready = false;

  constructor(options: AdsClientOptions) {
    this.#options = options;
    this.#base = options.base ?? EMPTY_PROXY_CONFIG;
    this.#applied = EMPTY_PROXY_CONFIG;
    this.#asks = options.asks ?? { clusters: true, listeners: true };
    if (options.fetch !== undefined) this.#patience = new Patience(options.fetch, () => this.#apply(undefined));
    const { codec } = options;
    const make = <Table extends AdsTable>(table: Table, decode: unknown): Subscription<XdsRows[Table]> => {
      const setting = {
        typeUrl: TYPE_URLS[table],
        wildcard: isWildcard(table) && (table === 'scopes' || this.#asksFor(table)),
        decode: decode as never,
        nameOf: codec.nameOf,
      };
      return options.delta === true ? new Delta(setting) : new StateOfTheWorld(setting);
    };
    this.#subscriptions = {
      clusters: make('clusters', codec.cluster),
      endpoints: make('endpoints', codec.endpoints),
      listeners: make('listeners', codec.listener),
      scopes: make('scopes', codec.scope),
      routes: make('routes', codec.route),
      secrets: make('secrets', codec.secret),
      runtimes: make('runtimes', codec.runtime),
    };
    this.#follow();
  }

  /** What the engine was last told to do. */
  get applied(): ProxyConfig {
    return this.#applied;
  }

  /** What has come and is at work, without secrets. */
  held(): HeldTables {
    const { clusters, endpoints, listeners, scopes, routes } = this.#subscriptions;
    return {
      clusters: clusters.held(),
      endpoints: endpoints.held(),
      listeners: listeners.held(),
      scopes: scopes.held(),
      routes: routes.held(),
    };
  }

  /** Before `begin`: begins with what another process held. */
  restore(held: HeldTables): void {
    const { clusters, endpoints, listeners, scopes, routes } = this.#subscriptions;
    if (this.#asks.clusters) clusters.restore(held.clusters);
    if (this.#asks.listeners) listeners.restore(held.listeners);
    if (this.#asksFor('scopes')) scopes.restore(held.scopes);
    this.#follow();
    endpoints.restore(held.endpoints);
    routes.restore(held.routes);
    this.#follow();
  }

  /** Puts the rows of the bootstrap to work, as far as they are whole, before anybody has answered. */
  begin(): void {
    this.#apply(undefined);
  }

  opened(send: (bytes: Uint8Array) => void): void {
    this.#send = send;
    this.#sentNode = false;
    for (const table of ADS_TABLES) {
      const question = this.#subscriptions[table].open(this.#asksFor(table));
      this.#say(question);
    }
  }

  closed(): void {
    this.#send = undefined;
  }

  /** A request wants a row that nothing else asks for: it is asked for from now on. */
  demand(table: 'routes' | 'clusters', name: string): void {
    if (table === 'clusters') this.#say(this.#subscriptions.clusters.demand(name, this.#send !== undefined));
    else {
      this.#demanded.add(name);
      this.#follow();
    }
  }

  /** Whether the type is asked for as a whole. */
  #asksFor(table: AdsTable): boolean {
    if (table === 'clusters' || table === 'listeners') return this.#asks[table];
    if (table !== 'scopes') return false;
    return [...this.#rows().listeners.values()].some((listener) =>
      scopedRoutes(listener).some(({ scopes }) => scopes === undefined),
    );
  }

  /** Envoy's initial_fetch_timeout of clusters and listeners: no answer by now is taken as none there, so that the rest can serve. */
  stopWaiting(): void {
    this.#patient = false;
    this.#apply(undefined);
  }

  stop(): void {
    this.#patience?.stop();
  }

  /** What files say is something else now. */
  filesChanged(): void {
    this.#follow();
    this.#apply(undefined);
  }

  received(bytes: Uint8Array): void {
    const { codec, delta = false } = this.#options;
    const answer = codec.decode(bytes, delta);
    if (!answer.ok) {
      for (const fault of answer.error) this.#options.onRefused('listeners', formatDiagnostic(fault));
      return;
    }
    const table = tableOf(answer.value.typeUrl);
    if (table === undefined) return;
    const subscription = this.#subscriptions[table];
    const faults = subscription.take(answer.value);
    if (faults.length > 0) this.#refuse(table, faults.join('\n'));
    // Listeners are acknowledged only when their ports are open: a port in use is a refusal with its reason.
    else if (table !== 'listeners') this.#say(subscription.acknowledge(answer.value));
    this.#follow();
    if (table === 'clusters' || table === 'listeners') this.#tellShadowed(table);
    if (table === 'secrets') this.#giveSecrets();
    else if (table === 'runtimes') this.#giveRuntimes();
    else this.#apply(table === 'listeners' && faults.length === 0 ? answer.value : undefined);
  }

  /** Rows that there are now, with those of the bootstrap over them. */
  #rows(): ArrivedRows {
    const { clusters, endpoints, listeners, scopes, routes } = this.#subscriptions;
    const base = this.#base;
    const over = <Row>(rows: ReadonlyMap<string, Row>, own: ReadonlyMap<string, Row>) =>
      own.size === 0 ? rows : new Map([...rows, ...own]);
    const rows = {
      clusters: over(clusters.rows, base.clusters),
      endpoints: endpoints.rows,
      listeners: over(listeners.rows, base.listeners),
      scopes: scopes.answered ? scopes.rows : undefined,
      routes: over(routes.rows, base.routes),
    };
    return this.#options.files?.over(rows) ?? rows;
  }

  /** Asks for what clusters and listeners name now, and forgets what they no longer name. */
  #follow(): void {
    const { endpoints, scopes, routes, secrets } = this.#subscriptions;
    const rows = this.#rows();
    const services = [...rows.clusters.values()].flatMap((cluster) =>
      cluster.discovery.kind === 'eds' && cluster.discovery.file === undefined ? [cluster.discovery.serviceName] : [],
    );
    const open = this.#send !== undefined;
    this.#say(endpoints.want(services, open));
    if (open && scopes.silent && this.#asksFor('scopes')) this.#say(scopes.open(true));
    const tables = [...rows.listeners.values()].flatMap(routeNames);
    this.#say(routes.want([...tables, ...scopedRouteNames(rows.scopes?.values() ?? []), ...this.#demanded], open));
    this.#say(this.#subscriptions.runtimes.want(this.#options.runtimes?.names ?? [], open));
    if (this.#options.onSecret !== undefined) this.#say(secrets.want(adsSecretNames(rows), open));
  }

  #giveRuntimes(): void {
    const { rows } = this.#subscriptions.runtimes;
    const { runtimes } = this.#options;
    for (const name of runtimes?.names ?? []) runtimes?.took(name, rows.get(name)?.values);
  }

  #giveSecrets(): void {
    const { rows } = this.#subscriptions.secrets;
    const before = this.#given;
    this.#given = rows;
    for (const [name, secret] of rows) if (before.get(name) !== secret) this.#options.onSecret?.(name, secret);
    for (const name of before.keys()) if (!rows.has(name)) this.#options.onSecret?.(name, undefined);
  }

  #say(question: Question | undefined): void {
    if (question === undefined || this.#send === undefined) return;
    const withNode = !this.#sentNode;
    this.#sentNode = true;
    this.#send(this.#options.codec.encode({ ...question, withNode }));
  }

  /** A control plane that answers a refusal with the same again would make a loop: from the second time on the refusal is told later and later. */
  #refuse(table: AdsTable, text: string): void {
    const { onRefused, later } = this.#options;
    const subscription = this.#subscriptions[table];
    const before = this.#refused.get(table);
    if (before?.text !== text || later === undefined) {
      this.#refused.set(table, { text, wait: FIRST_WAIT });
      onRefused(table, text);
      this.#say(subscription.refuse(text));
      return;
    }
    this.#refused.set(table, { text, wait: Math.min(before.wait * 2, LONGEST_WAIT) });
    const question = subscription.refuse(text);
    later(before.wait, () => {
      if (subscription.isLatest(question)) this.#say(question);
    });
  }

  /** A row of the bootstrap stays; the one that came has no effect, as in Envoy, but somebody should know. */
  #tellShadowed(table: 'clusters' | 'listeners'): void {
    for (const name of this.#subscriptions[table].rows.keys()) {
      if (!this.#base[table].has(name) || this.#shadowed.has(`${table} ${name}`)) continue;
      this.#shadowed.add(`${table} ${name}`);
      this.#options.onRefused(table, `${name}: the bootstrap has a row of that name, which stays`);
    }
  }

  /** One application at a time, always of the newest rows; then the word on the listeners' `answer`, when this was one. */
  #apply(answer: DiscoveryAnswer | undefined): void {
    this.#applying = this.#applying.then(async () => {
      // Of the rows that are put to work now: what files say later is another application.
      const settled = this.#options.files?.settled ?? true;
      const { listeners, clusters } = this.#subscriptions;
      const all = (here: 'answered' | 'heard'): boolean =>
        settled &&
        (!this.#asks.listeners || listeners[here] || !this.#patient) &&
        (!this.#asks.clusters || clusters[here] || !this.#patient);
      const heard = all('heard');
      const { config, waiting, missing } = warm(this.#rows(), this.#applied, this.#patience?.givenUp);
      this.#patience?.waitFor(missing);
      const faults = await this.#options.apply(config);
      const news = this.#judge(config, faults);
      this.#applied = withLastGood(config, this.#applied, faults);
      const text = [...faults].map(([name, reason]) => `${name}: ${reason}`).join('\n');
      if (answer !== undefined && listeners.isLatest(answer)) {
        if (faults.size === 0) this.#say(listeners.acknowledge(answer));
        else this.#refuse('listeners', text);
      }
      // Its routes came later than its answer, which was acknowledged: better late than never.
      else if (news) this.#refuse('listeners', text);
      if (waiting.length === 0 && faults.size === 0 && all('answered')) this.#options.onWhole?.();
      // One resource that cannot be read keeps nobody from serving the others; a port that cannot be opened does.
      if (!this.#ready && waiting.length === 0 && (all('answered') || (heard && faults.size === 0))) {
        this.#ready = true;
        this.#options.onReady();
      }
    });
  }

  /** Rows at work and rows at fault go back to their subscriptions. Whether one is at fault that was not told of yet. */
  #judge(config: ProxyConfig, faults: ReadonlyMap<string, string>): boolean {
    const { listeners, clusters } = this.#subscriptions;
    let news = false;
    for (const name of faults.keys()) {
      const row = config.listeners.get(name) ?? config.clusters.get(name);
      listeners.disown(name, config.listeners.get(name));
      clusters.disown(name, config.clusters.get(name));
      if (row === undefined || this.#blamed.has(row)) continue;
      this.#blamed.add(row);
      news = true;
    }
    listeners.proved(config.listeners, faults);
    clusters.proved(config.clusters, faults);
    return news;
  }
}

/** What the engine does: of a row at fault its last good version, if there is one. */
function withLastGood(config: ProxyConfig, before: ProxyConfig, faults: ReadonlyMap<string, string>): ProxyConfig {
  if (faults.size === 0) return config;
  const good = <Row>(rows: ReadonlyMap<string, Row>, old: ReadonlyMap<string, Row>): Map<string, Row> => {
    const kept = new Map(rows);
    for (const name of faults.keys()) {
      const last = old.get(name);
      if (last === undefined) kept.delete(name);
      else if (kept.has(name)) kept.set(name, last);
    }
    return kept;
  };
  return {
    ...config,
    listeners: good(config.listeners, before.listeners),
    clusters: good(config.clusters, before.clusters),
  };
}
