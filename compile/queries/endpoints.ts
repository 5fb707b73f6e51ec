/** Endpoint sets: who answers for a service port, seen from one network. The only resource that an endpoint change touches. */
import { formatIp } from '@weft/core/kernel';
import { byName, type EndpointRow, type Locality, parsePortKey } from '@weft/core/mesh-view';
import { type Endpoint, type EndpointSet, type LocalityEndpoints, PLAIN_ENDPOINT } from '@weft/core/proxy-config';
import { onlyHost } from '../behaviours/external/index.ts';
import { BEHAVIOURS } from '../behaviours/index.ts';
import { transportTo } from '../behaviours/mtls/index.ts';
import type { Query, QueryContext } from '../incremental/query.ts';
import { NOBODY, outboundName } from '../names.ts';
import { type ConfOf, effectiveConf } from './conf.ts';

export interface EndpointsOf {
  /** Port key. */
  readonly port: string;
  /** Network of the caller: endpoints without an address in it are out of reach. */
  readonly network: string;
  /** Of the caller. */
  readonly locality: Locality;
  /** Of the caller, as far as the port's `locality` asks (`localityLabelsAt`). */
  readonly labels: Readonly<Record<string, string>>;
  /** What holds for it of what TrafficPolicies about the port ask. */
  readonly callers: readonly string[];
}

/** Envoy's default, in percent. */
export const OVERPROVISIONING = 140;

export const endpointSet: Query<EndpointsOf, EndpointSet> = {
  name: 'endpoint-set',
  keyOf: ({ port, network, locality, labels, callers }) =>
    `${network} ${placeOf(locality)} ${labelsText(labels)} ${port} ${callers.join(' ')}`,
  compute(context, { port, network, locality, labels, callers }) {
    const rows = context.read('endpoints', port) ?? [];
    // Of a host outside they are the processes of the Gateway that it is reached by, which end no TLS of its own.
    const outside = context.read('service', parsePortKey(port).service)?.external;
    const endsTls = outside === undefined && context.read('backendTls', port) !== undefined;
    const set: EndpointSet = {
      name: outboundName(port),
      localities: byLocality(rows, network, { endsTls, hostname: outside === undefined ? '' : onlyHost(outside) }),
      overprovisioningFactor: OVERPROVISIONING,
    };
    const labelsOf = (workload: string): Labels => context.read('localityLabels', workload) ?? NO_LABELS;
    const input = { locality, labels, labelsOf, conf: context.ask(effectiveConf, { port, callers }) };
    return BEHAVIOURS.reduce((sum, behaviour) => behaviour.endpointSet?.(sum, input) ?? sum, set);
  },
};

type Labels = Readonly<Record<string, string>>;
export const NO_LABELS: Labels = {};

/** Sorted, as keys must be. */
export const labelsText = (labels: Labels): string =>
  labels === NO_LABELS
    ? ''
    : Object.entries(labels)
        .flatMap((pair) => pair.join('='))
        .sort()
        .join(',');

/** Which labels of callers its endpoints depend on. */
const askedLabels: Query<ConfOf, readonly string[]> = {
  name: 'asked-labels',
  keyOf: ({ port, callers }) => [port, ...callers].join(' '),
  compute(context, of) {
    const { locality } = context.ask(effectiveConf, of);
    const asked = [...(locality?.failoverPriority ?? []), ...(locality?.affinity ?? [])];
    return [...new Set(asked.flatMap(({ label, value }) => (value === undefined ? [label] : [])))].sort(byName);
  },
};

/** Of a caller's labels those that the endpoints of a port depend on: callers that agree in them share the set. */
export function localityLabelsAt(context: QueryContext, of: ConfOf, labels: Labels): Labels {
  if (labels === NO_LABELS) return NO_LABELS;
  const kept = context.ask(askedLabels, of).filter((label) => labels[label] !== undefined);
  return kept.length === 0 ? NO_LABELS : Object.fromEntries(kept.map((label) => [label, labels[label] ?? '']));
}

/** Of proxyless clients. */
export const NOBODY_ENDPOINTS: EndpointSet = {
  name: NOBODY,
  localities: [],
  overprovisioningFactor: OVERPROVISIONING,
};

export const placeOf = ({ region, zone, subZone }: Locality): string => `${region}/${zone}/${subZone}`;

export interface Server {
  /** The service ends TLS itself. */
  readonly endsTls: boolean;
  /** The name that it knows itself by; '': none. */
  readonly hostname: string;
}

export function byLocality(rows: readonly EndpointRow[], network: string, server: Server): LocalityEndpoints[] {
  const groups = new Map<string, { readonly row: EndpointRow; readonly endpoints: Endpoint[] }>();
  for (const row of rows) {
    const endpoint = endpointOf(row, network, server);
    if (endpoint === undefined) continue;
    const key = placeOf(row.locality);
    const group = groups.get(key);
    if (group === undefined) groups.set(key, { row, endpoints: [endpoint] });
    else group.endpoints.push(endpoint);
  }
  return [...groups]
    .sort(([a], [b]) => byName(a, b))
    .map(([, { row, endpoints }]) => ({ locality: row.locality, priority: 0, weight: 0, endpoints }));
}

/** undefined: not reachable from `network`, or by nobody. */
function endpointOf(row: EndpointRow, network: string, { endsTls, hostname }: Server): Endpoint | undefined {
  const address = row.addresses.find((candidate) => candidate.network === network);
  const transport = transportTo(row, endsTls);
  if (address === undefined || transport === undefined) return undefined;
  return {
    address: { kind: 'ip', ip: formatIp(address.ip), port: row.port },
    ...PLAIN_ENDPOINT,
    hostname,
    workload: {
      workload: row.workload,
      identity: row.identity,
      app: row.app,
      version: row.version,
      transport,
    },
  };
}
