/**
 * Envoy's statistics of a virtual cluster (envoy.config.route.v3.VirtualCluster) or of a route with a stat_prefix: `vhost.<name>.vcluster.<name>.*`,
 * `vhost.<name>.route.<prefix>.*`. Named by configuration alone, so their number is bounded.
 */
import { compileHeader, type HeaderView, type RequestPredicate } from '@weft/core/decide';
import type { VirtualHost } from '@weft/core/proxy-config';
import type { Counter, EngineCounters } from '../ports.ts';

export type TrafficEvent =
  | 'upstream_rq_total'
  | 'upstream_rq_retry'
  | 'upstream_rq_retry_success'
  | 'upstream_rq_retry_limit_exceeded'
  | 'upstream_rq_retry_overflow'
  | 'upstream_rq_timeout';

export class TrafficStats {
  readonly #counters: EngineCounters;
  readonly #prefix: string;
  readonly #known = new Map<string, Counter>();

  constructor(counters: EngineCounters, prefix: string) {
    this.#counters = counters;
    this.#prefix = prefix;
  }

  count(event: TrafficEvent, times = 1): void {
    this.#add(event, times);
  }

  /** Of the answer that the client gets. */
  status(code: number): void {
    this.#add('upstream_rq_completed');
    this.#add(`upstream_rq_${Math.floor(code / 100)}xx`);
    this.#add(`upstream_rq_${code}`);
  }

  #add(stat: string, times = 1): void {
    let counter = this.#known.get(stat);
    if (counter === undefined) {
      counter = this.#counters.counter(`${this.#prefix}.${stat}`);
      this.#known.set(stat, counter);
    }
    counter.add(times);
  }
}

/** The virtual clusters of a virtual host: a request belongs to the first that all of whose headers match, else to `other`. */
export class VirtualClusters {
  readonly #clusters: readonly { readonly matches: readonly RequestPredicate[]; readonly stats: TrafficStats }[];
  readonly #other: TrafficStats;

  constructor(host: VirtualHost, counters: EngineCounters, report: (fault: string) => void) {
    const stats = (name: string): TrafficStats => new TrafficStats(counters, `vhost.${host.name}.vcluster.${name}`);
    this.#clusters = host.virtualClusters.map(({ name, headers }) => ({
      matches: headers.map((header) => compileHeader(header, report)),
      stats: stats(name),
    }));
    this.#other = stats('other');
  }

  of(request: HeaderView): TrafficStats {
    for (const { matches, stats } of this.#clusters)
      if (matches.every((matches) => matches(request, 'joined'))) return stats;
    return this.#other;
  }
}
