/** The resource types that the engine asks for, in the order it asks for them (xDS protocol, "Eventual consistency considerations"). */
import type { Cluster, EndpointSet, Listener, RouteConfiguration, RouteScope } from '@weft/core/proxy-config';
import type { RuntimeRow, XdsSecret } from './port.ts';

export interface XdsRows {
  readonly clusters: Cluster;
  readonly endpoints: EndpointSet;
  readonly listeners: Listener;
  readonly scopes: RouteScope;
  readonly routes: RouteConfiguration;
  readonly secrets: XdsSecret;
  readonly runtimes: RuntimeRow;
}

export type AdsTable = keyof XdsRows;

export const TYPE_URLS: Readonly<Record<AdsTable, string>> = {
  clusters: 'type.googleapis.com/envoy.config.cluster.v3.Cluster',
  endpoints: 'type.googleapis.com/envoy.config.endpoint.v3.ClusterLoadAssignment',
  listeners: 'type.googleapis.com/envoy.config.listener.v3.Listener',
  scopes: 'type.googleapis.com/envoy.config.route.v3.ScopedRouteConfiguration',
  routes: 'type.googleapis.com/envoy.config.route.v3.RouteConfiguration',
  secrets: 'type.googleapis.com/envoy.extensions.transport_sockets.tls.v3.Secret',
  runtimes: 'type.googleapis.com/envoy.service.runtime.v3.Runtime',
};

export const ADS_TABLES: readonly AdsTable[] = [
  'clusters',
  'endpoints',
  'listeners',
  'scopes',
  'routes',
  'secrets',
  'runtimes',
];

/** Tables whose answers hold all there is: what an answer does not name is gone. */
export const isWildcard = (table: AdsTable): boolean =>
  table === 'clusters' || table === 'listeners' || table === 'scopes';

export const tableOf = (typeUrl: string): AdsTable | undefined =>
  ADS_TABLES.find((table) => TYPE_URLS[table] === typeUrl);
