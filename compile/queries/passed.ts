/**
 * Services that a gateway passes TLS through to by their own server names (core/mesh-view/assemble/passed-services.ts). It reads the name and no
 * more: the caller's certificate is checked by the workload's proxy, whose policies hold. Who has no proxy with mutual TLS is no endpoint.
 */
import { parsePortKey, type PassedPortRow } from '@weft/core/mesh-view';
import type { Cluster, EndpointSet, FilterChain } from '@weft/core/proxy-config';
import type { Query, QueryContext } from '../incremental/query.ts';
import { passedName } from '../names.ts';
import { EMPTY_CLUSTER } from './cluster-defaults.ts';
import { OVERPROVISIONING, byLocality } from './endpoints.ts';
import { chain, tcp } from './listener.ts';

/** Port keys of all listeners of a Gateway, each once. */
export const passedPorts = (context: QueryContext, gateway: string): readonly string[] => {
  const listeners = gateway === '' ? [] : (context.read('gateway', gateway)?.listeners ?? []);
  const rows = listeners.flatMap(({ key }) => context.read('listenerServices', key) ?? []);
  return [...new Set(rows.map(({ port }) => port))];
};

export const passedCluster: Query<string, Cluster> = {
  name: 'passed-cluster',
  keyOf: (port) => port,
  compute(context, port) {
    const name = passedName(port);
    return {
      ...EMPTY_CLUSTER,
      name,
      discovery: { kind: 'eds', serviceName: name },
      source: context.read('service', parsePortKey(port).service)?.source,
    };
  },
};

export interface PassedOf {
  /** Port key. */
  readonly port: string;
  /** Network of the gateway. */
  readonly network: string;
}

export const passedEndpoints: Query<PassedOf, EndpointSet> = {
  name: 'passed-endpoints',
  keyOf: ({ port, network }) => `${network} ${port}`,
  compute(context, { port, network }) {
    const rows = (context.read('endpoints', port) ?? []).filter(({ sidecar, mtls }) => sidecar && mtls !== 'disabled');
    const localities = byLocality(rows, network, { endsTls: false, hostname: '' }).map((one) => ({
      ...one,
      // Octets go on as they came: the handshake is the caller's.
      endpoints: one.endpoints.map((endpoint) => ({
        ...endpoint,
        workload:
          endpoint.workload === undefined ? undefined : { ...endpoint.workload, transport: 'plaintext' as const },
      })),
    }));
    return { name: passedName(port), localities, overprovisioningFactor: OVERPROVISIONING };
  },
};

/** Of one listener; each service port a chain. */
export function passedChains(context: QueryContext, listener: string, source: string): FilterChain[] {
  return (context.read('listenerServices', listener) ?? []).map(({ port, names }: PassedPortRow): FilterChain => {
    const place = `gateway/${listener}/${passedName(port)}`;
    const base = chain(place, tcp(place, { kind: 'cluster', cluster: passedName(port) }), source);
    return { ...base, match: { ...base.match, transportProtocol: 'tls', serverNames: names } };
  });
}
