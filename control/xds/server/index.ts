/** The xDS server: sessions, ports, statuses. */
export { adsMethods } from './grpc.ts';
export { DEFAULT_LIMITS, type XdsLimits } from './limits.ts';
export { METADATA_KEY, readNode, type NodeClaim } from './node.ts';
export * from './ports.ts';
export type { ClientStatus, RejectedResource, TableStatus } from './status.ts';
export * from './xds-server.ts';
