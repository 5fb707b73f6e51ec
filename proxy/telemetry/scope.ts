/**
 * The statistics of one cluster, listener, connection manager or the like: Envoy's dotted prefix on one side, its Prometheus names and tag
 * labels on the other (`cluster.orders.upstream_rq_total` and `envoy_cluster_upstream_rq_total{envoy_cluster_name="orders"}`).
 * Ends as a whole with its owner: `close` removes every series it made.
 */
import type { Counter } from '../ports.ts';
import type { Gauge, Histogram, LabelPairs, Registry } from './registry.ts';

export class StatScope {
  readonly #registry: Registry;
  readonly #dotted: string;
  readonly #prometheus: string;
  readonly #labels: LabelPairs;
  readonly #made = new Map<string, readonly [name: string, labels: LabelPairs]>();

  constructor(registry: Registry, dotted: string, prometheus: string, labels: LabelPairs) {
    this.#registry = registry;
    this.#dotted = dotted;
    this.#prometheus = prometheus;
    this.#labels = labels;
  }

  /** `stat` is Envoy's name below the prefix, e.g. `upstream_rq_total` or `outlier_detection.ejections_active`. */
  counter(stat: string): Counter {
    return this.#registry.counter(this.#name(stat), this.#remember(stat, this.#labels), this.#dotted + stat);
  }

  gauge(stat: string): Gauge {
    return this.#registry.gauge(this.#name(stat), this.#remember(stat, this.#labels), this.#dotted + stat);
  }

  histogram(stat: string): Histogram {
    return this.#registry.histogram(this.#name(stat), this.#remember(stat, this.#labels), this.#dotted + stat);
  }

  observed(stat: string, type: 'counter' | 'gauge', read: () => number): void {
    this.#registry.observed(this.#name(stat), type, this.#remember(stat, this.#labels), this.#dotted + stat, read);
  }

  /** `upstream_rq_503` and `upstream_rq_5xx`: one Prometheus family each, tagged by code or class. */
  status(stat: string, code: number): Counter {
    return this.#tagged(stat, 'envoy_response_code', String(code), `${stat}_${code}`);
  }

  statusClass(stat: string, digit: number): Counter {
    return this.#tagged(`${stat}_xx`, 'envoy_response_code_class', String(digit), `${stat}_${digit}xx`);
  }

  #tagged(family: string, label: string, value: string, dottedStat: string): Counter {
    const labels: LabelPairs = [[label, value], ...this.#labels];
    return this.#registry.counter(
      this.#name(family),
      this.#remember(family + value, labels, family),
      this.#dotted + dottedStat,
    );
  }

  close(): void {
    for (const [name, labels] of this.#made.values()) this.#registry.remove(name, labels);
    this.#made.clear();
  }

  #name(stat: string): string {
    return this.#prometheus + sanitize(stat);
  }

  #remember(key: string, labels: LabelPairs, stat = key): LabelPairs {
    this.#made.set(key, [this.#name(stat), labels]);
    return labels;
  }
}

const sanitize = (stat: string): string => stat.replace(/[^a-zA-Z0-9_]/g, '_');
