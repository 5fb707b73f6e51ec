/**
 * The engine's ADS client: one state-of-the-world stream of discovery messages in, whole ProxyConfigs out. Owns no transport and no
 * timer: whoever opens a stream calls `opened`, `received` and `closed`. A resource that is refused is answered with its name and every
 * fault's path and its last good row stays; the others of its response are taken, as Envoy does. Survives streams: a new one states the versions held, so that nothing is sent again.
 */
import { formatDiagnostic } from '@weft/core/kernel';
import { EMPTY_PROXY_CONFIG, type ProxyConfig, routeNames } from '@weft/core/proxy-config';
import type { AdsCodec, ApplyConfig, DiscoveryAnswer } from './port.ts';
import { ADS_TABLES, type AdsTable, isWildcard, tableOf, TYPE_URLS } from './types.ts';
import { type ArrivedRows, warm } from './warming.ts';

interface Subscription {
  /** Version of the last accepted answer. */
  version: string;
  nonce: string;
  /** Names asked for; for wildcard tables always empty. */
  names: readonly string[];
  asked: boolean;
}

export interface AdsClientOptions {
  readonly codec: AdsCodec;
  readonly apply: ApplyConfig;
  /** Told of every refusal, as text with paths. */
  readonly onRefused: (table: AdsTable, text: string) => void;
  /** Called once, when the first answers of all tables that are needed were applied. */
  readonly onReady: () => void;
}

export class AdsClient {
  readonly #options: AdsClientOptions;
  readonly #subscriptions: Record<AdsTable, Subscription>;
  readonly #rows: { [Table in AdsTable]: ArrivedRows[Table] } = {
    clusters: new Map(),
    endpoints: new Map(),
    listeners: new Map(),
    routes: new Map(),
  };
  #send: ((bytes: Uint8Array) => void) | undefined;
  #sentNode = false;
  #applied: ProxyConfig = EMPTY_PROXY_CONFIG;
  #applying = Promise.resolve();
  #ready = false;

  constructor(options: AdsClientOptions) {
    this.#options = options;
    const none = (): Subscription => ({ version: '', nonce: '', names: [], asked: false });
    this.#subscriptions = { clusters: none(), endpoints: none(), listeners: none(), routes: none() };
  }

  /** What the engine was last told to do. */
  get applied(): ProxyConfig {
    return this.#applied;
  }

  opened(send: (bytes: Uint8Array) => void): void {
    this.#send = send;
    this.#sentNode = false;
    for (const table of ADS_TABLES) {
      const subscription = this.#subscriptions[table];
      subscription.nonce = '';
      subscription.asked = false;
      if (isWildcard(table) || subscription.names.length > 0) this.#ask(table);
    }
  }

  closed(): void {
    this.#send = undefined;
  }

  received(bytes: Uint8Array): void {
    const { codec } = this.#options;
    const answer = codec.decode(bytes);
    if (!answer.ok) {
      for (const fault of answer.error) this.#options.onRefused('listeners', formatDiagnostic(fault));
      return;
    }
    const table = tableOf(answer.value.typeUrl);
    if (table === undefined) return;
    const subscription = this.#subscriptions[table];
    subscription.nonce = answer.value.nonce;
    const faults = this.#take(table, answer.value);
    if (faults.length > 0) {
      this.#refuse(table, faults.join('\n'));
      this.#follow();
      this.#apply(undefined);
      return;
    }
    if (table === 'listeners') {
      // Acknowledged only when its ports are open: a port in use is a refusal with its reason.
      this.#follow();
      this.#apply(answer.value.versionInfo);
      return;
    }
    subscription.version = answer.value.versionInfo;
    this.#ask(table);
    this.#follow();
    this.#apply(undefined);
  }

  /**
   * Takes every resource that is right; of one that is not, the last good row stays. Returns a text for each fault that begins with the
   * resource's name, so that the control plane withholds that one and no other.
   */
  #take(table: AdsTable, answer: DiscoveryAnswer): readonly string[] {
    const { codec } = this.#options;
    const faults: string[] = [];
    const before: ReadonlyMap<string, unknown> = this.#rows[table];
    const kept = new Map<string, unknown>(isWildcard(table) ? [] : before);
    for (const bytes of answer.resources) {
      const row = this.#decoder(table)(bytes);
      if (row.ok) {
        kept.set(row.value.name, row.value);
        continue;
      }
      const name = codec.nameOf(bytes) ?? '';
      faults.push(`${name}: ${row.error.map(formatDiagnostic).join('; ')}`);
      const last = before.get(name);
      if (last !== undefined) kept.set(name, last);
    }
    (this.#rows as Record<AdsTable, ReadonlyMap<string, unknown>>)[table] = kept;
    return faults;
  }

  #decoder(table: AdsTable): AdsCodec['listener' | 'route' | 'cluster' | 'endpoints'] {
    const { codec } = this.#options;
    switch (table) {
      case 'listeners':
        return codec.listener;
      case 'routes':
        return codec.route;
      case 'clusters':
        return codec.cluster;
      case 'endpoints':
        return codec.endpoints;
    }
  }

  /** Asks for the endpoint sets and route tables that clusters and listeners name now, and forgets those they no longer name. */
  #follow(): void {
    const services = [...this.#rows.clusters.values()].flatMap((cluster) =>
      cluster.discovery.kind === 'eds' ? [cluster.discovery.serviceName] : [],
    );
    this.#want('endpoints', services);
    this.#want('routes', [...this.#rows.listeners.values()].flatMap(routeNames));
  }

  #want(table: 'endpoints' | 'routes', names: readonly string[]): void {
    const wanted = [...new Set(names)].sort();
    const subscription = this.#subscriptions[table];
    if (
      wanted.length === subscription.names.length &&
      wanted.every((name, index) => name === subscription.names[index])
    )
      return;
    subscription.names = wanted;
    const rows: ReadonlyMap<string, unknown> = this.#rows[table];
    (this.#rows as Record<AdsTable, ReadonlyMap<string, unknown>>)[table] = new Map(
      [...rows].filter(([name]) => wanted.includes(name)),
    );
    if (wanted.length > 0 || subscription.asked) this.#ask(table);
  }

  #ask(table: AdsTable, error?: string): void {
    if (this.#send === undefined) return;
    const { version, nonce, names } = this.#subscriptions[table];
    this.#subscriptions[table].asked = true;
    const withNode = !this.#sentNode;
    this.#sentNode = true;
    this.#send(
      this.#options.codec.encode({ typeUrl: TYPE_URLS[table], versionInfo: version, nonce, names, error, withNode }),
    );
  }

  #refuse(table: AdsTable, text: string): void {
    this.#options.onRefused(table, text);
    this.#ask(table, text);
  }

  /** One application at a time, always of the newest rows; then the listeners' answer `version`, when this was one. */
  #apply(version: string | undefined): void {
    this.#applying = this.#applying.then(async () => {
      const { config, waiting } = warm(this.#rows, this.#applied);
      const faults = await this.#options.apply(config);
      this.#applied = config;
      if (version !== undefined) {
        if (faults.size === 0) {
          this.#subscriptions.listeners.version = version;
          this.#ask('listeners');
        } else this.#refuse('listeners', [...faults].map(([name, reason]) => `${name}: ${reason}`).join('\n'));
      }
      if (!this.#ready && waiting.length === 0 && this.#subscriptions.listeners.version !== '') {
        this.#ready = true;
        this.#options.onReady();
      }
    });
  }
}
