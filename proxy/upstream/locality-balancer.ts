/**
 * Endpoints of one priority and health by their localities (Envoy's locality weighted load balancing): a locality's share follows its weight
 * times the part of it that is usable, raised by the overprovisioning factor up to the whole. A locality without a weight gets nothing.
 * Hash policies keep one table over all localities, with the shares of localities and endpoints multiplied, whatever their health.
 */
import type { LoadBalancing } from '@weft/core/proxy-config';
import { balancer, type Balancer, type BalancerSetting, type Shares, sharesOf } from './balance/index.ts';
import { EdfSchedule } from './balance/edf.ts';
import type { Place, UpstreamEndpoint } from './endpoint.ts';

interface Share {
  readonly weight: number;
  readonly balancer: Balancer<UpstreamEndpoint>;
}

/** Endpoints by the key of their locality, in the order of `localities`, which may be empty. */
export function byLocality(
  endpoints: readonly UpstreamEndpoint[],
  localities: Iterable<string> = [],
): Map<string, UpstreamEndpoint[]> {
  const groups = new Map<string, UpstreamEndpoint[]>();
  for (const key of localities) groups.set(key, []);
  for (const endpoint of endpoints) {
    const group = groups.get(endpoint.place.key);
    if (group === undefined) groups.set(endpoint.place.key, [endpoint]);
    else group.push(endpoint);
  }
  return groups;
}

/** `usable` of `all` endpoints of the priority; `overprovisioning` in percent. Undefined: no locality has a weight, so that none matters. */
export function localityBalancer(
  conf: LoadBalancing,
  usable: readonly UpstreamEndpoint[],
  all: readonly UpstreamEndpoint[],
  overprovisioning: number,
  setting: BalancerSetting,
): Balancer<UpstreamEndpoint> | undefined {
  const totals = byLocality(all);
  const shares = [...byLocality(usable)].flatMap(([key, endpoints]): Share[] => {
    const weight = endpoints[0]?.place.weight ?? 0;
    if (weight === 0) return [];
    const part = endpoints.length / (totals.get(key)?.length ?? 1);
    return [
      {
        weight: weight * Math.min(1, (overprovisioning / 100) * part),
        balancer: balancer(conf, endpoints, setting),
      },
    ];
  });
  if (shares.length === 0) return undefined;
  const schedule = new EdfSchedule(shares, ({ weight }) => weight, setting.random());
  return { pick: (hash, attempt) => schedule.pick()?.balancer.pick(hash, attempt) };
}

/** Shares of `usable` endpoints by the weights of the localities of `all`; localities stand in the order of their names, `here` first. */
export function localityShares(
  usable: readonly UpstreamEndpoint[],
  all: readonly UpstreamEndpoint[],
  here: string | undefined,
): Shares<UpstreamEndpoint> {
  const weights = new Map(all.map(({ place }): [string, number] => [place.key, place.weight]));
  const sum = [...weights.values()].reduce((total, weight) => total + weight, 0);
  const groups = [...byLocality(usable)].filter(([key]) => (weights.get(key) ?? 0) > 0);
  groups.sort(([a], [b]) => (a === here ? -1 : b === here ? 1 : a < b ? -1 : 1));
  const parts = groups.map(([key, endpoints]) => sharesOf(endpoints, (weights.get(key) ?? 0) / sum));
  return { hosts: parts.flatMap(({ hosts }) => hosts), shares: parts.flatMap(({ shares }) => shares) };
}

/** Of an endpoint that stands in no stated locality. */
export const NO_PLACE: Place = { key: '', weight: 0 };

/** Equal for equal localities, and in their order. */
export const localityKey = ({ region, zone, subZone }: { region: string; zone: string; subZone: string }): string =>
  region === '' && zone === '' && subZone === '' ? '' : `${region}\0${zone}\0${subZone}`;
