/**
 * Zone aware routing (Envoy's; envoy.extensions.load_balancing_policies.common.v3.LocalityLbConfig.ZoneAwareLbConfig): how much of this proxy's
 * traffic stays in its own locality, so that every locality of the cluster still gets its part when the proxies of all localities do the
 * same. Pure arithmetic over numbers of endpoints (or their weights) by locality.
 */
import type { ZoneAware } from '@weft/core/proxy-config';

/** Of one priority of a cluster, by locality. */
export interface LocalityCount {
  readonly healthy: number;
  /** Sum of the healthy ones' weights. */
  readonly weight: number;
  readonly total: number;
}
export type LocalityCounts = ReadonlyMap<string, LocalityCount>;

export type ZoneRouting =
  /** Localities do not matter; `because`: what Envoy counts. */
  | { readonly kind: 'none'; readonly because?: 'lb_local_cluster_not_ok' | 'lb_zone_cluster_too_small' }
  | { readonly kind: 'direct' }
  /** `local` of 10,000 stay; the rest goes where there is room, `until` of each counted up. */
  | { readonly kind: 'residual'; readonly local: number; readonly others: readonly Residual[] };

export interface Residual {
  readonly locality: string;
  readonly until: number;
}

const WHOLE = 10_000;

/** `upstream`: the cluster's localities; `proxies`: those of the proxies' own cluster; `here`: this proxy's locality. */
export function zoneRouting(
  conf: ZoneAware,
  upstream: LocalityCounts,
  proxies: LocalityCounts,
  here: string,
): ZoneRouting {
  const { forceLocalZone, minClusterSize, byWeight } = conf;
  const measure = ({ healthy, weight }: LocalityCount): number => (byWeight ? weight : healthy);
  if (upstream.size < 2 || (proxies.size < 2 && forceLocalZone === 0)) return { kind: 'none' };
  if ((proxies.get(here)?.total ?? 0) === 0) return { kind: 'none', because: 'lb_local_cluster_not_ok' };
  if (sum(upstream, ({ healthy }) => healthy) < minClusterSize)
    return { kind: 'none', because: 'lb_zone_cluster_too_small' };
  const totals = { upstream: sum(upstream, measure), proxies: sum(proxies, measure) };
  const part = (count: LocalityCount | undefined, total: number): number =>
    count === undefined || total === 0 ? 0 : Math.floor((WHOLE * measure(count)) / total);
  const own = part(upstream.get(here), totals.upstream);
  const asked = part(proxies.get(here), totals.proxies);
  const forced = forceLocalZone > 0 && (upstream.get(here)?.healthy ?? 0) >= forceLocalZone;
  if (upstream.has(here) && ((own > 0 && own >= asked) || forced)) return { kind: 'direct' };
  let until = 0;
  const others = [...upstream].map(([locality, count]): Residual => {
    const room = count.healthy === 0 ? 0 : part(count, totals.upstream) - part(proxies.get(locality), totals.proxies);
    if (locality !== here && room > 0) until += room;
    return { locality, until };
  });
  return { kind: 'residual', local: asked > 0 ? Math.floor((own * WHOLE) / asked) : 0, others };
}

const sum = (counts: LocalityCounts, of: (count: LocalityCount) => number): number =>
  [...counts.values()].reduce((total, count) => total + of(count), 0);
