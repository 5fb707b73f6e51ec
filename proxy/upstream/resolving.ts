/**
 * STRICT_DNS and LOGICAL_DNS: names in the endpoint set become addresses, again and again. Strict keeps every address, logical the first one.
 * A name that fails keeps its last addresses.
 */
import type { Timer } from '@weft/core/kernel';
import type { Cluster, Endpoint, EndpointSet } from '@weft/core/proxy-config';
import type { DnsAnswer } from './dns.ts';
import type { UpstreamSetting } from './setting.ts';

type DnsDiscovery = Extract<Cluster['discovery'], { kind: 'strict-dns' | 'logical-dns' }>;

/** Least time between two queries, whatever a time to live says; ms. */
const FLOOR = 1000;

export class Resolving {
  readonly #conf: DnsDiscovery;
  readonly #setting: UpstreamSetting;
  readonly #resolved: (set: EndpointSet) => void;
  readonly #addresses = new Map<string, readonly string[]>();
  readonly #names: readonly string[];
  /** Every name was asked for once, with whatever answer. */
  answered = false;
  #timer: Timer | undefined;
  #running = false;
  /** Queries in a row in which a name failed. */
  #failures = 0;

  constructor(conf: DnsDiscovery, setting: UpstreamSetting, resolved: (set: EndpointSet) => void) {
    this.#conf = conf;
    this.#setting = setting;
    this.#resolved = resolved;
    const names = new Set<string>();
    for (const { endpoints } of conf.endpoints.localities) {
      for (const { address } of endpoints) if (address.kind === 'name') names.add(address.name);
    }
    this.#names = [...names];
  }

  start(): void {
    this.#running = true;
    if (this.#names.length > 0) this.#query();
    else {
      this.answered = true;
      this.#resolved(this.#conf.endpoints);
    }
  }

  stop(): void {
    this.#running = false;
    this.#timer?.cancel();
  }

  #query(): void {
    let open = this.#names.length;
    let ttl = Number.POSITIVE_INFINITY;
    let failed = false;
    for (const name of this.#names) {
      this.#setting.dns.resolve(name, this.#conf.family, this.#conf.respectTtl, (answer) => {
        if (!this.#running) return;
        ttl = Math.min(ttl, answer?.ttl ?? this.#conf.refreshRate);
        failed ||= answer === undefined;
        this.#take(name, answer);
        open -= 1;
        if (open > 0) return;
        this.answered = true;
        this.#failures = failed ? this.#failures + 1 : 0;
        const { clock, random } = this.#setting.runtime;
        this.#timer = clock.after(this.#wait(ttl) + random() * this.#conf.jitter, () => this.#query());
      });
    }
  }

  /** ms until the next query. */
  #wait(ttl: number): number {
    const { failureRefreshRate, respectTtl, refreshRate } = this.#conf;
    if (this.#failures > 0 && failureRefreshRate !== undefined) {
      const { base, max } = failureRefreshRate;
      return Math.min(max, base * 2 ** Math.min(this.#failures - 1, 30));
    }
    return respectTtl ? Math.max(FLOOR, ttl) : refreshRate;
  }

  #take(name: string, answer: DnsAnswer | undefined): void {
    if (answer === undefined || answer.addresses.length === 0) return;
    const addresses = this.#conf.kind === 'logical-dns' ? answer.addresses.slice(0, 1) : [...answer.addresses].sort();
    const old = this.#addresses.get(name);
    if (old !== undefined && old.join() === addresses.join()) return;
    this.#addresses.set(name, addresses);
    this.#resolved({
      ...this.#conf.endpoints,
      localities: this.#conf.endpoints.localities.map((locality) => ({
        ...locality,
        endpoints: locality.endpoints.flatMap((endpoint) => this.#expand(endpoint)),
      })),
    });
  }

  #expand(endpoint: Endpoint): Endpoint[] {
    const { address } = endpoint;
    if (address.kind !== 'name') return [endpoint];
    return (this.#addresses.get(address.name) ?? []).map((ip) => ({
      ...endpoint,
      hostname: endpoint.hostname === '' ? address.name : endpoint.hostname,
      address: { kind: 'ip', ip, port: address.port },
    }));
  }
}
