/** Hosts outside the mesh: kind ExternalService (Envoy: static and strict DNS clusters, auto_host_rewrite, dynamic forward proxies). */
import type { BackendTlsRow, ExternalRow } from '@weft/core/mesh-view';
import type { Cluster, DnsCache, Endpoint, FilterOverride, Route } from '@weft/core/proxy-config';
import { PLAIN_ENDPOINT, PLAIN_ZONE_AWARE } from '@weft/core/proxy-config';
import { unsupportedByEngine } from '../../findings.ts';
import { NOBODY } from '../../names.ts';
import type { Behaviour, ClusterInput, RouteInput } from '../behaviour.ts';

/** ms between two questions to DNS; Envoy's default. */
const REFRESH = 5000;

export const external: Behaviour = {
  name: 'external',

  /** Such a host knows itself by its own name, not by the one that the caller used; endpoints of the mesh have none and change nothing. */
  route(route: Route, { leaves, engine, namedHosts }: RouteInput): Route {
    if (!leaves || engine === 'grpc' || route.action.kind !== 'forward') return route;
    if (namedHosts !== undefined)
      return { ...route, filterOverrides: [...route.filterOverrides, resolvedBy(namedHosts)] };
    const { rewrite } = route.action;
    return rewrite.host.kind === 'none'
      ? { ...route, action: { ...route.action, rewrite: { ...rewrite, host: { kind: 'auto' } } } }
      : route;
  },

  cluster(cluster: Cluster, { external: outside, port, engine }: ClusterInput): Cluster {
    if (outside === undefined) return cluster;
    // Reported; until then their calls fail at once instead of waiting for a cluster that cannot be told.
    if (engine === 'grpc') return { ...cluster, discovery: { kind: 'eds', serviceName: NOBODY } };
    // What it is then, is said when everybody else has said what a cluster is (`namedByCallers`).
    if (outside.endpoints === undefined) return cluster;
    const hostname = onlyHost(outside);
    const list = outside.endpoints.map(
      (one): Endpoint => ({
        ...PLAIN_ENDPOINT,
        address: one.isName
          ? { kind: 'name', name: one.host, port: one.port ?? port.port }
          : { kind: 'ip', ip: one.host, port: one.port ?? port.port },
        hostname,
      }),
    );
    const endpoints = {
      name: cluster.name,
      overprovisioningFactor: 140,
      localities: [{ locality: { region: '', zone: '', subZone: '' }, priority: 0, weight: 0, endpoints: list }],
    };
    return {
      ...cluster,
      discovery: outside.endpoints.some(({ isName }) => isName)
        ? {
            kind: 'strict-dns',
            endpoints,
            refreshRate: REFRESH,
            failureRefreshRate: undefined,
            respectTtl: false,
            jitter: 0,
            family: 'v4-preferred',
          }
        : { kind: 'static', endpoints },
    };
  },

  unsupported({ engine, leaves, rule, port }: RouteInput) {
    return engine !== 'grpc' || !leaves
      ? []
      : [
          unsupportedByEngine(
            'grpc',
            rule?.source ?? port.source,
            'call hosts outside the mesh',
            'dial them without xds',
          ),
        ];
  },
};

/** A route to hosts of that cache switches its filter on. */
export const resolvedBy = ({ name }: DnsCache): FilterOverride => ({
  filter: name,
  disabled: false,
  config: undefined,
});

/** '': requests keep the name that they came with. */
export const onlyHost = ({ hosts }: ExternalRow): string => {
  const [host = '', ...others] = hosts;
  return others.length > 0 || host.startsWith('*.') ? '' : host;
};

/**
 * The last word on the cluster of hosts that callers name: nothing is balanced, checked or told apart. TLS, where a policy asks for it, is about the
 * host of each request: it is the server name, and the certificate must be for it.
 */
export function namedByCallers(cluster: Cluster, cache: DnsCache, tls: BackendTlsRow | undefined): Cluster {
  const made: Cluster = {
    ...cluster,
    discovery: { kind: 'dynamic-forward-proxy', cache },
    loadBalancing: { kind: 'cluster-provided' },
    localityWeighted: false,
    zoneAware: PLAIN_ZONE_AWARE,
    subsets: undefined,
    healthChecks: [],
  };
  const { transport } = made;
  if (transport.kind !== 'tls' || tls === undefined || tls.trust.kind === 'nobody') return made;
  // The policy's own host name is one of many here; other names that it states hold beside.
  const stated = tls.names.some(({ value }) => value !== tls.hostname);
  const validation =
    transport.validation === undefined || stated
      ? transport.validation
      : { ...transport.validation, subjectAltNames: [] };
  return { ...made, transport: { ...transport, sni: '', validation }, autoSni: { sni: true, san: true, header: '' } };
}
