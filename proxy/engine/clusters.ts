/**
 * The clusters at work, by name. A changed row makes a new cluster beside the old one, which answers until the new one is ready; a changed endpoint
 * set touches the endpoints alone.
 */
import type { Cluster, EndpointSet, ProxyConfig } from '@weft/core/proxy-config';
import type { ClusterDirectory } from '../ports.ts';
import { aggregate, type AggregateCluster, UpstreamCluster, type UpstreamSetting } from '../upstream/index.ts';
import type { ApplyFault } from './options.ts';
import { same } from './same.ts';
import { clusterRemarks } from './unsupported.ts';

/** How often a retired cluster is asked whether it is idle, ms. */
const RETIRED_POLL = 5000;
/** Aggregates within aggregates; one that holds itself ends there. */
const DEPTH = 4;

export class Clusters implements ClusterDirectory {
  readonly #setting: UpstreamSetting;
  readonly #live = new Map<string, UpstreamCluster>();
  readonly #aggregates = new Map<string, AggregateCluster<UpstreamCluster>>();
  readonly #sets = new Map<string, EndpointSet>();
  readonly #retired = new Set<UpstreamCluster>();
  readonly #leaving = new Set<string>();
  readonly #linger: number;
  #wanted: ReadonlyMap<string, Cluster> = new Map();

  /** `linger`: ms that a removed cluster still answers. */
  constructor(setting: UpstreamSetting, linger: number) {
    this.#setting = setting;
    this.#linger = linger;
  }

  /** Of an aggregate: the one of its clusters that is drawn. */
  get(name: string): UpstreamCluster | undefined {
    return this.#live.get(name) ?? this.#draw(name, DEPTH);
  }

  #draw(name: string, depth: number): UpstreamCluster | undefined {
    if (depth === 0) return undefined;
    const find = (member: string): UpstreamCluster | undefined =>
      this.#live.get(member) ?? this.#draw(member, depth - 1);
    return this.#aggregates.get(name)?.choose(find, this.#setting.runtime.random());
  }

  all(): IterableIterator<UpstreamCluster> {
    return this.#live.values();
  }

  /** Started clusters for changed and new rows, not yet at work; `faults` gets what cannot be built. */
  prepare(config: ProxyConfig, faults: ApplyFault[], warnings: ApplyFault[]): UpstreamCluster[] {
    const made: UpstreamCluster[] = [];
    for (const row of config.clusters.values()) {
      if (row.discovery.kind === 'aggregate') continue;
      const old = this.#live.get(row.name);
      if (old !== undefined && same(old.config, row)) continue;
      const cluster = this.#make(row, faults, warnings);
      if (cluster === undefined) continue;
      cluster.start();
      const set = row.discovery.kind === 'eds' ? config.endpoints.get(row.discovery.serviceName) : undefined;
      if (set !== undefined) cluster.setEndpoints(set);
      made.push(cluster);
    }
    return made;
  }

  /** Puts `prepared` to work, then the endpoint sets that changed. What is no longer named goes with `sweep`. */
  commit(config: ProxyConfig, prepared: readonly UpstreamCluster[]): void {
    for (const cluster of prepared) {
      const old = this.#live.get(cluster.name);
      this.#live.set(cluster.name, cluster);
      if (old !== undefined) this.#retire(old);
      cluster.lead();
      cluster.followNews();
    }
    this.#aggregates.clear();
    for (const { name, discovery, panicThreshold } of config.clusters.values()) {
      if (discovery.kind !== 'aggregate') continue;
      // It had endpoints of its own until now.
      const old = this.#live.get(name);
      this.#live.delete(name);
      if (old !== undefined) this.#retire(old);
      this.#aggregates.set(name, new (aggregate().AggregateCluster)(discovery.clusters, panicThreshold));
    }
    for (const cluster of this.#live.values()) {
      const { discovery } = cluster.config;
      if (discovery.kind !== 'eds' || prepared.includes(cluster)) continue;
      const set = config.endpoints.get(discovery.serviceName);
      const known = this.#sets.get(discovery.serviceName);
      if (set !== undefined && !same(set, known)) cluster.setEndpoints(set);
    }
    this.#sets.clear();
    for (const [name, set] of config.endpoints) this.#sets.set(name, set);
  }

  /**
   * Retires what is no longer named, a moment later: connections on replaced chains and exchanges that were routed already still ask for it.
   */
  sweep(config: ProxyConfig): void {
    this.#wanted = config.clusters;
    for (const name of this.#live.keys()) {
      if (config.clusters.has(name) || this.#leaving.has(name)) continue;
      this.#leaving.add(name);
      this.#setting.runtime.clock.after(this.#linger, () => {
        this.#leaving.delete(name);
        const cluster = this.#live.get(name);
        if (cluster === undefined || this.#wanted.has(name)) return;
        this.#live.delete(name);
        this.#retire(cluster);
      });
    }
  }

  discard(prepared: readonly UpstreamCluster[]): void {
    for (const cluster of prepared) cluster.retire();
  }

  /** Closes every pooled connection. */
  stop(): void {
    for (const cluster of [...this.#live.values(), ...this.#retired]) {
      cluster.retire();
      for (const endpoint of cluster.endpoints.values()) endpoint.pool?.destroy();
    }
    this.#live.clear();
    this.#retired.clear();
  }

  #make(row: Cluster, faults: ApplyFault[], warnings: ApplyFault[]): UpstreamCluster | undefined {
    const remarks = clusterRemarks(row);
    for (const message of remarks.warnings) warnings.push({ table: 'clusters', name: row.name, message });
    for (const message of remarks.faults) faults.push({ table: 'clusters', name: row.name, message });
    if (remarks.faults.length > 0) return undefined;
    try {
      return new UpstreamCluster(row, this.#setting);
    } catch (error) {
      faults.push({
        table: 'clusters',
        name: row.name,
        message: error instanceof Error ? error.message : String(error),
      });
      return undefined;
    }
  }

  #retire(cluster: UpstreamCluster): void {
    cluster.retire();
    this.#retired.add(cluster);
    this.#forget(cluster);
  }

  /** Its numbers end once nothing can add to them and no successor counts on under the same name. */
  #forget(cluster: UpstreamCluster): void {
    this.#setting.runtime.clock.after(RETIRED_POLL, () => {
      if (!this.#retired.has(cluster)) return;
      if (cluster.busy) this.#forget(cluster);
      else {
        this.#retired.delete(cluster);
        if (!this.#live.has(cluster.name)) cluster.closeStats();
      }
    });
  }
}
