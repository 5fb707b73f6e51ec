/**
 * Tells the engines that follow what this one found out about a cluster's endpoints, gathered into one piece of news a turn. Begins when the cluster is at
 * work: what a cluster that still warms finds is not told, since its predecessor serves.
 */
import { OutlierMonitor } from './outlier-detector.ts';
import type { EndpointSet } from '@weft/core/proxy-config';
import type { UpstreamEndpoint } from './endpoint.ts';
import { forgetFailures } from './followed-monitor.ts';
import type { ClusterNews, EndpointState } from './sharing.ts';

export class Leading {
  readonly #cluster: string;
  readonly #tell: (news: ClusterNews) => void;
  readonly #changed = new Map<string, UpstreamEndpoint | undefined>();
  #resolved: EndpointSet | undefined;
  #state: 'waiting' | 'at work' | 'over' = 'waiting';
  #due = false;

  constructor(cluster: string, tell: (news: ClusterNews) => void) {
    this.#cluster = cluster;
    this.#tell = tell;
  }

  begin(endpoints: ReadonlyMap<string, UpstreamEndpoint>): void {
    this.#state = 'at work';
    this.#changed.clear();
    for (const [key, endpoint] of endpoints) this.#changed.set(key, endpoint);
    this.flush(true);
  }

  tellAll(
    endpoints: ReadonlyMap<string, UpstreamEndpoint>,
    resolved: EndpointSet | undefined,
    tell: (news: ClusterNews) => void,
  ): void {
    if (this.#state !== 'at work') return;
    const states = [...endpoints].map(([key, endpoint]) => [key, stateOf(endpoint)] as const);
    tell({ cluster: this.#cluster, whole: true, resolved, endpoints: states, gone: [] });
  }

  end(): void {
    this.#state = 'over';
  }

  resolved(set: EndpointSet): void {
    this.#resolved = set;
    this.#later();
  }

  /** `endpoint` is new, or its state changed. */
  told(key: string, endpoint: UpstreamEndpoint): void {
    this.#changed.set(key, endpoint);
    this.#later();
  }

  returned(endpoint: UpstreamEndpoint): void {
    if (endpoint.counts !== undefined) forgetFailures(endpoint.counts);
  }

  gone(key: string): void {
    this.#changed.set(key, undefined);
    this.#later();
  }

  /** `whole`: everything there is. Afterwards everything known is told. */
  flush(whole = false): void {
    this.#due = false;
    if (this.#state !== 'at work' || (!whole && this.#changed.size === 0 && this.#resolved === undefined)) return;
    const endpoints: (readonly [string, EndpointState])[] = [];
    const gone: string[] = [];
    for (const [key, endpoint] of this.#changed) {
      if (endpoint === undefined) gone.push(key);
      else endpoints.push([key, stateOf(endpoint)]);
    }
    this.#tell({ cluster: this.#cluster, whole, resolved: this.#resolved, endpoints, gone });
    this.#changed.clear();
    this.#resolved = undefined;
  }

  #later(): void {
    if (this.#due || this.#state !== 'at work') return;
    this.#due = true;
    queueMicrotask(() => this.flush());
  }
}

export const stateOf = (endpoint: UpstreamEndpoint): EndpointState => ({
  healthy: endpoint.checkedHealthy,
  ejected: isOut(endpoint),
  cells: endpoint.counts,
});

/** An endpoint on trial is for this engine alone. */
const isOut = ({ monitor }: UpstreamEndpoint): boolean =>
  monitor instanceof OutlierMonitor ? monitor.out : monitor?.ejected === true;
