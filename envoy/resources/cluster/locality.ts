/** How localities and keys count in load balancing: zone_aware_lb_config, locality_lb_config and consistent_hashing_lb_config, old form and new. */
import { type ConsistentHashing, PLAIN_CONSISTENT, PLAIN_ZONE_AWARE, type ZoneAware } from '@weft/core/proxy-config';
import type { Messages } from '../../tables/index.ts';
import type { Cursor } from '../base/cursor.ts';
import { filled, unless } from '../base/encoding.ts';

type Old = Messages['envoy.config.cluster.v3.Cluster.CommonLbConfig.ZoneAwareLbConfig'];
type Locality = Messages['envoy.extensions.load_balancing_policies.common.v3.LocalityLbConfig'];
type New = Messages['envoy.extensions.load_balancing_policies.common.v3.LocalityLbConfig.ZoneAwareLbConfig'];
type OldConsistent = Messages['envoy.config.cluster.v3.Cluster.CommonLbConfig.ConsistentHashingLbConfig'];

export interface LocalityBalancing {
  readonly localityWeighted: boolean;
  readonly zoneAware: ZoneAware;
}

export const NO_LOCALITY: LocalityBalancing = { localityWeighted: false, zoneAware: PLAIN_ZONE_AWARE };

export const decodeZoneAware = (cursor: Cursor<Old>): ZoneAware => ({
  ...PLAIN_ZONE_AWARE,
  // Envoy rounds to whole percents.
  routingEnabled: Math.round(
    cursor.within('routing_enabled', (percent) => percent.take('value') ?? 0) ?? PLAIN_ZONE_AWARE.routingEnabled,
  ),
  minClusterSize: Number(cursor.take('min_cluster_size') ?? PLAIN_ZONE_AWARE.minClusterSize),
  failTrafficOnPanic: cursor.take('fail_traffic_on_panic') ?? false,
});

export const decodeLocality = (cursor: Cursor<Locality>): LocalityBalancing => ({
  localityWeighted: cursor.within('locality_weighted_lb_config', () => true) ?? false,
  zoneAware: cursor.within('zone_aware_lb_config', decodeNewZoneAware) ?? PLAIN_ZONE_AWARE,
});

function decodeNewZoneAware(cursor: Cursor<New>): ZoneAware {
  const forced = cursor.within('force_local_zone', (force) => force.take('min_size') ?? 1);
  if (forced !== undefined && cursor.has('force_locality_direct_routing'))
    cursor.fault(
      'force_locality_direct_routing',
      'oneof-conflict',
      'stands beside force_local_zone, which replaces it',
    );
  const direct = cursor.take('force_locality_direct_routing') === true ? 1 : 0;
  return {
    ...decodeZoneAware(cursor),
    forceLocalZone: forced ?? direct,
    byWeight: cursor.take('locality_basis') === 'HEALTHY_HOSTS_WEIGHT',
  };
}

export const encodeZoneAware = (zone: ZoneAware): Old | undefined =>
  filled({
    routing_enabled:
      zone.routingEnabled === PLAIN_ZONE_AWARE.routingEnabled ? undefined : { value: zone.routingEnabled },
    min_cluster_size: unless(zone.minClusterSize, PLAIN_ZONE_AWARE.minClusterSize),
    fail_traffic_on_panic: zone.failTrafficOnPanic ? true : undefined,
  });

export const encodeLocality = ({ localityWeighted, zoneAware }: LocalityBalancing): Locality | undefined =>
  localityWeighted
    ? { locality_weighted_lb_config: {} }
    : filled({
        zone_aware_lb_config: filled({
          ...encodeZoneAware(zoneAware),
          force_local_zone: zoneAware.forceLocalZone === 0 ? undefined : { min_size: zoneAware.forceLocalZone },
          locality_basis: zoneAware.byWeight ? ('HEALTHY_HOSTS_WEIGHT' as const) : undefined,
        }),
      });

export const decodeConsistent = (cursor: Cursor<OldConsistent>): ConsistentHashing => ({
  useHostname: cursor.take('use_hostname_for_hashing') ?? false,
  balanceFactor: cursor.take('hash_balance_factor') ?? 0,
});

export const encodeConsistent = ({ useHostname, balanceFactor }: ConsistentHashing): OldConsistent | undefined =>
  filled({
    use_hostname_for_hashing: useHostname ? true : undefined,
    hash_balance_factor: unless(balanceFactor, PLAIN_CONSISTENT.balanceFactor),
  });
