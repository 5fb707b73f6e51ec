/** The resource types of xDS v3 that travel on our streams, in the order in which a server sends them (make before break). */
import { typeUrl } from '../tables/index.ts';

export const CLUSTER_TYPE: string = typeUrl('envoy.config.cluster.v3.Cluster');
export const ENDPOINT_TYPE: string = typeUrl('envoy.config.endpoint.v3.ClusterLoadAssignment');
export const LISTENER_TYPE: string = typeUrl('envoy.config.listener.v3.Listener');
export const ROUTE_TYPE: string = typeUrl('envoy.config.route.v3.RouteConfiguration');
export const SECRET_TYPE: string = typeUrl('envoy.extensions.transport_sockets.tls.v3.Secret');

/** xDS protocol, "Eventual consistency considerations": clusters, endpoints, listeners, routes. Secrets come from the agent. */
export const SEND_ORDER: readonly string[] = [SECRET_TYPE, CLUSTER_TYPE, ENDPOINT_TYPE, LISTENER_TYPE, ROUTE_TYPE];

/** Methods of the discovery services as gRPC paths. */
export const ADS_STREAM = '/envoy.service.discovery.v3.AggregatedDiscoveryService/StreamAggregatedResources';
export const ADS_DELTA = '/envoy.service.discovery.v3.AggregatedDiscoveryService/DeltaAggregatedResources';
export const SDS_STREAM = '/envoy.service.secret.v3.SecretDiscoveryService/StreamSecrets';
export const SDS_DELTA = '/envoy.service.secret.v3.SecretDiscoveryService/DeltaSecrets';
export const SDS_FETCH = '/envoy.service.secret.v3.SecretDiscoveryService/FetchSecrets';
