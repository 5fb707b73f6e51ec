/** Clusters at run time. */
export { UpstreamCluster } from './cluster.ts';
export { type DnsResolver, systemDns } from './dns.ts';
export { UpstreamEndpoint } from './endpoint.ts';
export { LocalZone, type LocalZoneSetting } from './local-zone.ts';
export type { AggregateCluster } from './aggregate.ts';
export { aggregate } from './on-demand.ts';
export type { UpstreamSetting } from './setting.ts';
export { Ledger } from './ledger.ts';
export type { EjectionCause } from './outlier-detector.ts';
export { BREAKER_CELLS } from './shared-breaker.ts';
export type { ClusterNews, EndpointState, Following, UpstreamSharing } from './sharing.ts';
