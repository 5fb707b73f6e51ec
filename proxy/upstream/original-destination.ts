/**
 * ORIGINAL_DST: the endpoint is where the caller meant to go. Endpoints are made on demand, bounded in number and dropped when unused. It must
 * never send a connection back to the listener that accepted it.
 */
import type { Timer } from '@weft/core/kernel';
import { PLAIN_ENDPOINT } from '@weft/core/proxy-config';
import type { PickContext } from '../ports.ts';
import type { UpstreamCluster } from './cluster.ts';
import type { UpstreamEndpoint } from './endpoint.ts';

const LIMIT = 10_000;
/** Envoy's default cleanup_interval, ms. */
const CLEANUP = 5000;

export class OriginalDestinations {
  readonly #cluster: UpstreamCluster;
  readonly #used = new Set<string>();
  #timer: Timer | undefined;

  constructor(cluster: UpstreamCluster) {
    this.#cluster = cluster;
  }

  start(): void {
    this.#timer ??= this.#cluster.setting.runtime.clock.after(CLEANUP, this.#clean);
  }

  stop(): void {
    this.#timer?.cancel();
    this.#timer = undefined;
  }

  pick(context: PickContext): UpstreamEndpoint | undefined {
    const { downstream } = context;
    if (downstream === undefined || downstream.local.ip === '' || downstream.redirected !== true) return undefined;
    const { ip, port } = downstream.local;
    const address = ip.includes(':') ? `[${ip}]:${port}` : `${ip}:${port}`;
    let key = `${this.#cluster.tls === undefined ? 'plain' : 'tls'} ${address}`;
    if (!this.#cluster.endpoints.has(key)) {
      if (this.#cluster.endpoints.size >= LIMIT) return undefined;
      key = this.#cluster.addEndpoint(
        {
          address: { kind: 'ip', ip, port },
          ...PLAIN_ENDPOINT,
        },
        0,
      );
    }
    this.#used.add(key);
    return this.#cluster.endpoints.get(key);
  }

  readonly #clean = (): void => {
    this.#timer = this.#cluster.setting.runtime.clock.after(CLEANUP, this.#clean);
    for (const [key, endpoint] of this.#cluster.endpoints) {
      if (!this.#used.has(key) && endpoint.activeConnections === 0) this.#cluster.removeEndpoint(key);
    }
    this.#used.clear();
  };
}
