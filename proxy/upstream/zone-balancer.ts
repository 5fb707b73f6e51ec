/** A list of endpoints of one priority balanced by zone aware routing: the locality first, then an endpoint of it. */
import { balancer, type Balancer } from './balance/index.ts';
import type { UpstreamEndpoint } from './endpoint.ts';
import type { LevelSetting } from './levels.ts';
import { byLocality } from './locality-balancer.ts';
import { type LocalityCount, type LocalityCounts, type ZoneRouting, zoneRouting } from './zone-routing.ts';

export function localityCounts(endpoints: Iterable<UpstreamEndpoint>): LocalityCounts {
  const groups = byLocality([...endpoints]);
  return new Map(
    [...groups].map(([key, list]): [string, LocalityCount] => {
      const healthy = list.filter(({ health }) => health === 'healthy');
      return [
        key,
        {
          healthy: healthy.length,
          weight: healthy.reduce((sum, { weight }) => sum + weight, 0),
          total: list.length,
        },
      ];
    }),
  );
}

/** Undefined: localities do not matter. `list`: those of `all` endpoints of the highest priority that can be used. */
export function zoneBalancer(
  list: readonly UpstreamEndpoint[],
  all: readonly UpstreamEndpoint[],
  setting: LevelSetting,
): Balancer<UpstreamEndpoint> | undefined {
  const { zone, config, count } = setting;
  if (zone === undefined) return undefined;
  const { zoneAware: conf, loadBalancing, panicThreshold } = config;
  const routing = zoneRouting(conf, localityCounts(all), zone.proxies, zone.here);
  count('lb_recalculate_zone_structures');
  if (routing.kind === 'none') {
    if (routing.because !== undefined) count(routing.because);
    return undefined;
  }
  const whole = balancer(loadBalancing, list, setting);
  const panics = inPanic(zone.proxies, panicThreshold);
  const groups = byLocality(list, byLocality(all).keys());
  const balancers = new Map([...groups].map(([key, group]) => [key, balancer(loadBalancing, group, setting)]));
  const choose = localityChoice(routing, zone.here, setting);
  return {
    pick(hash, attempt): UpstreamEndpoint | undefined {
      if (setting.random() * 100 >= conf.routingEnabled) return whole.pick(hash, attempt);
      if (panics) {
        count('lb_local_cluster_not_ok');
        return conf.failTrafficOnPanic ? undefined : whole.pick(hash, attempt);
      }
      return balancers.get(choose())?.pick(hash, attempt) ?? whole.pick(hash, attempt);
    },
  };
}

function localityChoice(
  routing: Exclude<ZoneRouting, { kind: 'none' }>,
  here: string,
  { random, count }: LevelSetting,
): () => string {
  if (routing.kind === 'direct') {
    return () => {
      count('lb_zone_routing_all_directly');
      return here;
    };
  }
  const { local, others } = routing;
  const room = others.at(-1)?.until ?? 0;
  return () => {
    if (Math.floor(random() * 10_000) < local) {
      count('lb_zone_routing_sampled');
      return here;
    }
    count('lb_zone_routing_cross_zone');
    if (room === 0) {
      count('lb_zone_no_capacity_left');
      return others[Math.floor(random() * others.length)]?.locality ?? here;
    }
    const roll = random() * room;
    return others.find(({ until }) => roll < until)?.locality ?? here;
  };
}

function inPanic(counts: LocalityCounts, threshold: number): boolean {
  let healthy = 0;
  let total = 0;
  for (const count of counts.values()) {
    healthy += count.healthy;
    total += count.total;
  }
  return (total === 0 ? 0 : (100 * healthy) / total) < threshold;
}
