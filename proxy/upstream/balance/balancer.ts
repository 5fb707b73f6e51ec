/** What balancers need of an endpoint; `UpstreamEndpoint` is the real one, tests use plain objects. */
export interface Balanced {
  readonly address: string;
  /** At least 1, from the endpoint's row. */
  readonly weight: number;
  readonly activeRequests: number;
  /** Monotonic ms since when it takes traffic (for slow start). */
  readonly since: number;
}

/** Picks one of the endpoints it was made for. `hash` is -1 for none. Never blocks and, apart from its cursor, keeps no state. */
export interface Balancer<Host extends Balanced> {
  pick(hash: number): Host | undefined;
}

/** Chance and time for balancers. */
export interface BalancerSetting {
  readonly random: () => number;
  readonly now: () => number;
}
