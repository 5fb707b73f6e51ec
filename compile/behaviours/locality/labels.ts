/** Endpoints told apart by labels: `failoverPriority` and `affinity` of TrafficPolicy `locality` (Istio failoverPriority, Kuma affinityTags). */
import type { LocalityPreference } from '@weft/core/resources';
import type { Endpoint, Locality, LocalityEndpoints } from '@weft/core/proxy-config';
import type { EndpointSetInput } from '../behaviour.ts';

type Labels = Readonly<Record<string, string>>;
type Asked = NonNullable<LocalityPreference['failoverPriority']>[number];

/** Kubernetes' and Istio's names of a place's parts. */
const PARTS: Readonly<Record<string, keyof Locality>> = {
  'topology.kubernetes.io/region': 'region',
  'topology.kubernetes.io/zone': 'zone',
  'topology.istio.io/subzone': 'subZone',
};

interface Party {
  readonly labels: Labels;
  readonly locality: Locality;
}

/** '' is no value of a place, and a caller's empty label is none to agree in. */
function valueOf({ labels, locality }: Party, label: string): string {
  const part = PARTS[label];
  return part === undefined ? (labels[label] ?? '') : locality[part];
}

function agrees({ label, value }: Asked, caller: Party, endpoint: Party): boolean {
  const wanted = value ?? valueOf(caller, label);
  return wanted !== '' && valueOf(endpoint, label) === wanted;
}

/** Who an endpoint is; of one that is no workload only its place is known. */
const party = (endpoint: Endpoint, locality: Locality, { labelsOf }: EndpointSetInput): Party => ({
  locality,
  labels: endpoint.workload === undefined ? {} : labelsOf(endpoint.workload.workload),
});

/** An entry of `list` for each number of labels that its endpoints disagree in, from the first such label on. */
export function apart(
  list: readonly LocalityEndpoints[],
  asked: readonly Asked[],
  input: EndpointSetInput,
): readonly { readonly one: LocalityEndpoints; readonly misses: number }[] {
  return list.flatMap((one) => {
    const groups = new Map<number, Endpoint[]>();
    for (const endpoint of one.endpoints) {
      const other = party(endpoint, one.locality, input);
      const first = asked.findIndex((entry) => !agrees(entry, input, other));
      const misses = first < 0 ? 0 : asked.length - first;
      groups.set(misses, [...(groups.get(misses) ?? []), endpoint]);
    }
    return [...groups]
      .sort(([a], [b]) => a - b)
      .map(([misses, endpoints]) => ({ one: groups.size === 1 ? one : { ...one, endpoints }, misses }));
  });
}

/** A weight may be a part of the smallest one that is written. */
const PRECISION = 1000;

/** Of the endpoints of one priority: the share of those that agree in a label is divided among them. */
export function weighted(
  list: readonly LocalityEndpoints[],
  affinity: NonNullable<LocalityPreference['affinity']>,
  input: EndpointSetInput,
): LocalityEndpoints[] {
  const groupOf = (endpoint: Endpoint, locality: Locality): number =>
    affinity.findIndex((entry) => agrees(entry, input, party(endpoint, locality, input)));
  const counts = new Map<string, number>();
  const keyOf = (one: LocalityEndpoints, endpoint: Endpoint): string =>
    `${one.priority} ${groupOf(endpoint, one.locality)}`;
  for (const one of list)
    for (const endpoint of one.endpoints) {
      const key = keyOf(one, endpoint);
      counts.set(key, (counts.get(key) ?? 0) + 1);
    }
  return list.map((one) => ({
    ...one,
    endpoints: one.endpoints.map((endpoint) => {
      const share = affinity[groupOf(endpoint, one.locality)]?.weight ?? 1;
      const all = counts.get(keyOf(one, endpoint)) ?? 1;
      return { ...endpoint, weight: Math.max(1, Math.round((share * PRECISION) / all)) };
    }),
  }));
}
