/** Hosts outside the mesh: kind ExternalService (Envoy: static and strict DNS clusters, auto_host_rewrite). */
import type { Cluster, Endpoint, Route } from '@weft/core/proxy-config';
import { PLAIN_ENDPOINT } from '@weft/core/proxy-config';
import { unsupportedByEngine } from '../../findings.ts';
import { NOBODY } from '../../names.ts';
import type { Behaviour, ClusterInput, RouteInput } from '../behaviour.ts';

/** ms between two questions to DNS; Envoy's default. */
const REFRESH = 5000;

export const external: Behaviour = {
  name: 'external',

  /** Such a host knows itself by its own name, not by the one that the caller used; endpoints of the mesh have none and change nothing. */
  route(route: Route, { leaves, engine }: RouteInput): Route {
    if (!leaves || engine === 'grpc' || route.action.kind !== 'forward') return route;
    const { rewrite } = route.action;
    return rewrite.host.kind === 'none'
      ? { ...route, action: { ...route.action, rewrite: { ...rewrite, host: { kind: 'auto' } } } }
      : route;
  },

  cluster(cluster: Cluster, { external: outside, port, engine }: ClusterInput): Cluster {
    if (outside === undefined) return cluster;
    // Reported; until then their calls fail at once instead of waiting for a cluster that cannot be told.
    if (engine === 'grpc') return { ...cluster, discovery: { kind: 'eds', serviceName: NOBODY } };
    const list = outside.endpoints.map(
      (one): Endpoint => ({
        ...PLAIN_ENDPOINT,
        address: one.isName
          ? { kind: 'name', name: one.host, port: one.port ?? port.port }
          : { kind: 'ip', ip: one.host, port: one.port ?? port.port },
        hostname: outside.host,
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
