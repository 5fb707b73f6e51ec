/** Endpoint sets: who answers for a service port, seen from one network. The only resource that an endpoint change touches. */
import { formatIp } from '@weft/core/kernel';
import { byName, type EndpointRow, type Locality } from '@weft/core/mesh-view';
import { type Endpoint, type EndpointSet, type LocalityEndpoints, PLAIN_ENDPOINT } from '@weft/core/proxy-config';
import { BEHAVIOURS } from '../behaviours/index.ts';
import { transportTo } from '../behaviours/mtls/index.ts';
import type { Query } from '../incremental/query.ts';
import { NOBODY, outboundName } from '../names.ts';
import { effectiveConf } from './conf.ts';

export interface EndpointsOf {
  /** Port key. */
  readonly port: string;
  /** Network of the caller: endpoints without an address in it are out of reach. */
  readonly network: string;
  /** Of the caller. */
  readonly locality: Locality;
}

/** Envoy's default, in percent. */
const OVERPROVISIONING = 140;

export const endpointSet: Query<EndpointsOf, EndpointSet> = {
  name: 'endpoint-set',
  keyOf: ({ port, network, locality }) => `${network} ${placeOf(locality)} ${port}`,
  compute(context, { port, network, locality }) {
    const rows = context.read('endpoints', port) ?? [];
    const set: EndpointSet = {
      name: outboundName(port),
      localities: byLocality(rows, network, context.read('backendTls', port) !== undefined),
      overprovisioningFactor: OVERPROVISIONING,
    };
    const input = { locality, conf: context.ask(effectiveConf, port) };
    return BEHAVIOURS.reduce((sum, behaviour) => behaviour.endpointSet?.(sum, input) ?? sum, set);
  },
};

/** Of proxyless clients. */
export const NOBODY_ENDPOINTS: EndpointSet = {
  name: NOBODY,
  localities: [],
  overprovisioningFactor: OVERPROVISIONING,
};

export const placeOf = ({ region, zone, subZone }: Locality): string => `${region}/${zone}/${subZone}`;

function byLocality(rows: readonly EndpointRow[], network: string, endsTls: boolean): LocalityEndpoints[] {
  const groups = new Map<string, { readonly row: EndpointRow; readonly endpoints: Endpoint[] }>();
  for (const row of rows) {
    const endpoint = endpointOf(row, network, endsTls);
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
function endpointOf(row: EndpointRow, network: string, endsTls: boolean): Endpoint | undefined {
  const address = row.addresses.find((candidate) => candidate.network === network);
  const transport = transportTo(row, endsTls);
  if (address === undefined || transport === undefined) return undefined;
  return {
    address: { kind: 'ip', ip: formatIp(address.ip), port: row.port },
    ...PLAIN_ENDPOINT,
    workload: {
      workload: row.workload,
      identity: row.identity,
      app: row.app,
      version: row.version,
      transport,
    },
  };
}
