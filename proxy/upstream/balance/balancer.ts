/** What balancers need of an endpoint; `UpstreamEndpoint` is the real one, tests use plain objects. */
import type { Hash64 } from '../hash/index.ts';
import type { Latency } from './peak-ewma.ts';

export interface Balanced {
  readonly address: string;
  /** What consistent hashing knows it by: `hash_key` of its filter metadata `envoy.lb`, else the host name or the address. */
  hashKey(useHostname: boolean): string;
  /** At least 1, from the endpoint's row. */
  readonly weight: number;
  readonly activeRequests: number;
  /** Kept where the policy asks for it. */
  readonly latency?: Latency | undefined;
  /** Monotonic ms since when it takes traffic (for slow start). */
  readonly since: number;
}

/** Picks one of the endpoints it was made for. Never blocks and, apart from its cursor, keeps no state. */
export interface Balancer<Host extends Balanced> {
  /** `attempt`: 0, and counted up while the endpoint picked before is not wanted; consistent hashing then chooses others in a fixed order. */
  pick(hash: Hash64 | undefined, attempt: number): Host | undefined;
}

/** Chance, time and numbers for balancers. */
export interface BalancerSetting {
  readonly random: () => number;
  readonly now: () => number;
  /** Requests under way on all endpoints of the cluster. */
  readonly active?: () => number;
  /** A gauge of the cluster, by Envoy's name. */
  readonly gauge?: (stat: string, value: number) => void;
}

/** Endpoints with their shares of the traffic; the shares sum to at most 1. */
export interface Shares<Host extends Balanced> {
  readonly hosts: readonly Host[];
  readonly shares: readonly number[];
}

export function sharesOf<Host extends Balanced>(hosts: readonly Host[], whole = 1): Shares<Host> {
  const sum = hosts.reduce((total, { weight }) => total + weight, 0);
  return { hosts, shares: hosts.map(({ weight }) => (weight * whole) / sum) };
}
