/** The resource types that the engine asks for, in the order it asks for them (xDS protocol, "Eventual consistency considerations"). */
import type { TableName } from '@weft/core/proxy-config';

export type AdsTable = Exclude<TableName, 'trustBundles'>;

export const TYPE_URLS: Readonly<Record<AdsTable, string>> = {
  clusters: 'type.googleapis.com/envoy.config.cluster.v3.Cluster',
  endpoints: 'type.googleapis.com/envoy.config.endpoint.v3.ClusterLoadAssignment',
  listeners: 'type.googleapis.com/envoy.config.listener.v3.Listener',
  routes: 'type.googleapis.com/envoy.config.route.v3.RouteConfiguration',
};

export const ADS_TABLES: readonly AdsTable[] = ['clusters', 'endpoints', 'listeners', 'routes'];

/** Tables whose answers hold all there is: what an answer does not name is gone. */
export const isWildcard = (table: AdsTable): boolean => table === 'clusters' || table === 'listeners';

export const tableOf = (typeUrl: string): AdsTable | undefined =>
  ADS_TABLES.find((table) => TYPE_URLS[table] === typeUrl);
