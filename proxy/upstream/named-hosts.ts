/**
 * A dynamic forward proxy: the endpoint is the host that a request is for, at the address that its filter found and let pass. Nothing is resolved
 * here, so that no other address than that one is ever connected to. Endpoints are made on demand and dropped when unused.
 */
import type { Timer } from '@weft/core/kernel';
import { type DnsCache, PLAIN_ENDPOINT } from '@weft/core/proxy-config';
import type { PickContext } from '../ports.ts';
import type { UpstreamCluster } from './cluster.ts';
import type { UpstreamEndpoint } from './endpoint.ts';

/** ms between two looks for endpoints that nobody uses. */
const CLEANUP = 5000;
/** Addresses that a host may have had since the last look, on the average. */
const ADDRESSES = 2;

export class NamedHosts {
  readonly #cluster: UpstreamCluster;
  readonly #most: number;
  /** Keys of endpoints, by address. */
  readonly #keys = new Map<string, string>();
  readonly #used = new Set<string>();
  #timer: Timer | undefined;

  constructor(cluster: UpstreamCluster, { maxHosts }: DnsCache) {
    this.#cluster = cluster;
    this.#most = maxHosts * ADDRESSES;
  }

  start(): void {
    this.#timer ??= this.#cluster.setting.runtime.clock.after(CLEANUP, this.#clean);
  }

  stop(): void {
    this.#timer?.cancel();
    this.#timer = undefined;
  }

  pick({ resolvedHost }: PickContext): UpstreamEndpoint | undefined {
    if (resolvedHost === undefined) return undefined;
    const { ip, port } = resolvedHost;
    const id = `${ip} ${port}`;
    let key = this.#keys.get(id);
    if (key === undefined) {
      if (this.#keys.size >= this.#most) return undefined;
      key = this.#cluster.addEndpoint({ ...PLAIN_ENDPOINT, address: { kind: 'ip', ip, port } }, 0);
      this.#keys.set(id, key);
    }
    this.#used.add(id);
    return this.#cluster.endpoints.get(key);
  }

  readonly #clean = (): void => {
    this.#timer = this.#cluster.setting.runtime.clock.after(CLEANUP, this.#clean);
    const kept = new Set<string>();
    for (const [id, key] of this.#keys) {
      const connections = this.#cluster.endpoints.get(key)?.activeConnections ?? 0;
      if (this.#used.has(id) || connections > 0) kept.add(key);
      else this.#keys.delete(id);
    }
    for (const key of this.#cluster.endpoints.keys()) if (!kept.has(key)) this.#cluster.removeEndpoint(key);
    this.#used.clear();
  };
}
