/** Nearer endpoints first: TrafficPolicy `locality` (Envoy: LocalityLbEndpoints.priority and load_balancing_weight, overprovisioning_factor). */
import type { Cluster, EndpointSet, Locality, LocalityEndpoints } from '@weft/core/proxy-config';
import { unsupportedByEngine } from '../../findings.ts';
import type { Behaviour, ClusterInput, EffectiveConf, EndpointSetInput, RouteInput } from '../behaviour.ts';
import { apart, weighted } from './labels.ts';

type Preference = NonNullable<EffectiveConf['locality']>;

export const locality: Behaviour = {
  name: 'locality',

  cluster(cluster: Cluster, { conf }: ClusterInput): Cluster {
    return conf.locality?.distribute === undefined ? cluster : { ...cluster, localityWeighted: true };
  },

  endpointSet(set: EndpointSet, input: EndpointSetInput): EndpointSet {
    const { conf, locality: here } = input;
    const { locality: wanted } = conf;
    if (wanted === undefined) return set;
    const split = wanted.distribute?.find(({ from }) => within(here, from));
    const ordered = split === undefined ? ranked(set.localities, wanted, input) : shared(set.localities, split.to);
    const localities = wanted.affinity === undefined ? ordered : weighted(ordered, wanted.affinity, input);
    return {
      ...set,
      localities,
      overprovisioningFactor: Math.max(100, Math.round(10_000 / wanted.failoverBelow)),
    };
  },

  unsupported({ engine, conf }: RouteInput) {
    if (engine !== 'grpc' || conf.locality === undefined) return [];
    const { distribute, affinity } = conf.locality;
    const source = conf.origins.locality ?? '';
    return [
      ...(distribute === undefined
        ? []
        : [
            unsupportedByEngine(
              'grpc',
              `${source}.distribute`,
              'share by localities where they have no weight',
              'write `prefer`',
            ),
          ]),
      ...(affinity === undefined
        ? []
        : [
            unsupportedByEngine(
              'grpc',
              `${source}.affinity`,
              'share by weights of endpoints',
              'write `failoverPriority`',
            ),
          ]),
    ];
  },
};

const STEPS = ['None', 'Region', 'Zone', 'SubZone'] as const;

/** Farther ones have the greater priority number; numbers follow one another without gaps, as Envoy wants them. */
function ranked(list: readonly LocalityEndpoints[], wanted: Preference, input: EndpointSetInput): LocalityEndpoints[] {
  const here = input.locality;
  const steps = STEPS.indexOf(wanted.prefer);
  const order = wanted.order?.find(({ from }) => within(here, from))?.to ?? [];
  const distance = (there: Locality): number => {
    const away = steps - Math.min(steps, shares(here, there));
    if (away < steps || steps === 0) return away;
    const named = order.findIndex((text) => within(there, text));
    return steps + (named < 0 ? order.length : named);
  };
  // What labels say goes before all places.
  const farthest = steps + order.length + 1;
  const measured = apart(list, wanted.failoverPriority ?? [], input).map(({ one, misses }) => ({
    one,
    distance: misses * farthest + distance(one.locality),
  }));
  const nearest = Math.min(...measured.map((entry) => entry.distance));
  const reached = measured.filter((entry) => {
    if (wanted.failover === 'None') return entry.distance === nearest;
    return wanted.failover === 'Any' || here.region === '' || shares(here, entry.one.locality) > 0;
  });
  const ranks = [...new Set(reached.map((entry) => entry.distance))].sort((a, b) => a - b);
  return reached.map(({ one, distance: far }) => ({
    ...one,
    priority: ranks.indexOf(far),
    weight: wanted.distribute === undefined ? one.weight : one.endpoints.length,
  }));
}

/** The weight of an entry is divided among its localities by their endpoints; weights are whole numbers. */
function shared(
  list: readonly LocalityEndpoints[],
  to: NonNullable<Preference['distribute']>[number]['to'],
): LocalityEndpoints[] {
  const entryOf = (one: LocalityEndpoints) => to.find((entry) => within(one.locality, entry.locality));
  return list.flatMap((one) => {
    const entry = entryOf(one);
    if (entry === undefined || entry.weight === 0) return [];
    const all = list
      .filter((other) => entryOf(other) === entry)
      .reduce((sum, { endpoints }) => sum + endpoints.length, 0);
    return [
      { ...one, priority: 0, weight: Math.max(1, Math.round((entry.weight * PRECISION * one.endpoints.length) / all)) },
    ];
  });
}

/** A weight may be a part of the smallest one that is written. */
const PRECISION = 1000;

/** How many parts of their places two localities have in common, from the region on; without a region none. */
function shares(a: Locality, b: Locality): number {
  if (a.region !== b.region || (a.region === '' && a.zone === '')) return 0;
  if (a.zone !== b.zone || a.zone === '') return 1;
  return a.subZone === b.subZone && a.subZone !== '' ? 3 : 2;
}

/** `text` is `region`, `region/zone` or `region/zone/subZone`. */
function within(place: Locality, text: string): boolean {
  const parts = [place.region, place.zone, place.subZone];
  return text.split('/').every((part, index) => part === parts[index]);
}
