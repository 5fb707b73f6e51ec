/**
 * Endpoints of one priority and health by their localities (Envoy's locality weighted load balancing): a locality's share follows its weight
 * times the part of it that is usable, raised by the overprovisioning factor up to the whole. A locality without a weight gets nothing.
 * Hash policies keep one table over all localities, with the weights multiplied.
 */
import type { LoadBalancing } from '@weft/core/proxy-config';
import { balancer, type Balanced, type Balancer, type BalancerSetting } from './balance/index.ts';
import { EdfSchedule } from './balance/edf.ts';
import type { Place, UpstreamEndpoint } from './endpoint.ts';

interface Group {
  readonly weight: number;
  readonly endpoints: UpstreamEndpoint[];
}

interface Share {
  readonly weight: number;
  readonly balancer: Balancer<UpstreamEndpoint>;
}

/** `usable` of `all` endpoints of the priority; `overprovisioning` in percent. */
export function localityBalancer(
  conf: LoadBalancing,
  usable: readonly UpstreamEndpoint[],
  all: readonly UpstreamEndpoint[],
  overprovisioning: number,
  setting: BalancerSetting,
): Balancer<UpstreamEndpoint> {
  const totals = new Map<string, number>();
  for (const { place } of all) totals.set(place.key, (totals.get(place.key) ?? 0) + 1);
  const groups = new Map<string, Group>();
  for (const endpoint of usable) {
    const { place } = endpoint;
    const group = groups.get(place.key);
    if (group !== undefined) group.endpoints.push(endpoint);
    else if (place.weight > 0) groups.set(place.key, { weight: place.weight, endpoints: [endpoint] });
  }
  const weightOf = (key: string, { weight, endpoints }: Group): number =>
    weight * Math.min(1, (overprovisioning / 100) * (endpoints.length / (totals.get(key) ?? 1)));
  if (conf.kind === 'ring-hash' || conf.kind === 'maglev') return byHash(conf, groups, weightOf, setting);
  const shares = [...groups].map(
    ([key, group]): Share => ({
      weight: weightOf(key, group),
      balancer: balancer(conf, group.endpoints, setting),
    }),
  );
  const schedule = new EdfSchedule(shares, ({ weight }) => weight, setting.random());
  return { pick: (hash) => schedule.pick()?.balancer.pick(hash) };
}

class Weighed implements Balanced {
  readonly endpoint: UpstreamEndpoint;
  readonly weight: number;

  constructor(endpoint: UpstreamEndpoint, weight: number) {
    this.endpoint = endpoint;
    this.weight = weight;
  }
  get address(): string {
    return this.endpoint.address;
  }
  get activeRequests(): number {
    return this.endpoint.activeRequests;
  }
  get since(): number {
    return this.endpoint.since;
  }
}

function byHash(
  conf: LoadBalancing,
  groups: ReadonlyMap<string, Group>,
  weightOf: (key: string, group: Group) => number,
  setting: BalancerSetting,
): Balancer<UpstreamEndpoint> {
  const hosts = [...groups].flatMap(([key, group]) => {
    const sum = group.endpoints.reduce((total, { weight }) => total + weight, 0);
    return group.endpoints.map((endpoint) => new Weighed(endpoint, (weightOf(key, group) * endpoint.weight) / sum));
  });
  const inner = balancer(conf, hosts, setting);
  return { pick: (hash) => inner.pick(hash)?.endpoint };
}

/** Of an endpoint that stands in no stated locality. */
export const NO_PLACE: Place = { key: '', weight: 0 };
