/**
 * Connections ahead of the exchanges that need them (envoy.config.cluster.v3.Cluster.PreconnectPolicy), by the condition that Envoy uses for
 * both of its ratios.
 */
import type { BreakerPriority, ClusterRuntime, EndpointRuntime, PoolLoad } from '../ports.ts';

/** As Envoy: so many connections at most are begun for one exchange. */
export const MOST_AT_ONCE = 3;

/** Whether `ratio` times the exchanges, `expected` ones included, are more than there is room for. */
export const wantsMore = ({ waiting, active, spare }: PoolLoad, ratio: number, expected = 0): boolean =>
  (waiting + active + expected) * ratio > spare + active;

export function sumOfLoads(pools: Iterable<{ readonly load: PoolLoad }>): PoolLoad {
  let [waiting, active, spare] = [0, 0, 0];
  for (const { load } of pools) {
    waiting += load.waiting;
    active += load.active;
    spare += load.spare;
  }
  return { waiting, active, spare };
}

/** An exchange is about to go to `cluster`: those expected after it find connections at the endpoints that are next. */
export function connectAhead(
  cluster: ClusterRuntime,
  poolFor: (endpoint: EndpointRuntime) => { expect(ratio: number, priority: BreakerPriority): void },
  priority: BreakerPriority,
): void {
  const { predictive } = cluster.config.preconnect;
  for (let begun = 0; begun < MOST_AT_ONCE && wantsMore(cluster.load, predictive, 1); begun += 1) {
    const endpoint = cluster.ahead();
    if (endpoint === undefined) return;
    poolFor(endpoint).expect(predictive, priority);
  }
}
