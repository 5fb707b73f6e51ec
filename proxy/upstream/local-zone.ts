/**
 * Where this proxy is, and the cluster that its own kind makes up (bootstrap: node.locality, cluster_manager.local_cluster_name), as zone
 * aware routing needs them. Whoever routes by it is told when that cluster changes.
 */
import { localityKey } from './locality-balancer.ts';
import type { LocalityCounts } from './zone-routing.ts';

/** What a process knows of itself from its bootstrap. */
export interface LocalZoneSetting {
  readonly clusterName: string;
  readonly locality: { readonly region: string; readonly zone: string; readonly subZone: string };
}

export class LocalZone {
  readonly clusterName: string;
  /** Key of this proxy's locality; '' when it has none. */
  readonly here: string;
  readonly #followers = new Set<() => void>();
  #proxies: () => LocalityCounts = () => new Map();
  #known: LocalityCounts | undefined;

  constructor({ clusterName, locality }: LocalZoneSetting) {
    this.clusterName = clusterName;
    this.here = localityKey(locality);
  }

  get proxies(): LocalityCounts {
    return (this.#known ??= this.#proxies());
  }

  /** Something of the local cluster changed; `count` says how it is now. */
  changed(count: () => LocalityCounts): void {
    this.#proxies = count;
    this.#known = undefined;
    for (const follower of this.#followers) follower();
  }

  /** Returns how to end it. */
  follow(changed: () => void): () => void {
    this.#followers.add(changed);
    return () => void this.#followers.delete(changed);
  }
}
