/** The kinds of objects: types, schemas, checks. Reading YAML with positions is `@weft/core/resources/text`. */
export * from './access-policy/index.ts';
export * from './admit.ts';
export * from './backend-tls-policy/index.ts';
export * from './backend-traffic-policy/index.ts';
export * from './engine-patch/index.ts';
export * from './external-service/index.ts';
export * from './extension/index.ts';
export * from './subset/index.ts';
export * from './fault/index.ts';
export * from './config-map/index.ts';
export * from './gateway-class/index.ts';
export * from './gateway-object/index.ts';
export * from './grpc-route/index.ts';
export * from './authentication/index.ts';
export * from './http-route/index.ts';
export * from './http-route-filter/index.ts';
export * from './invariant/index.ts';
export * from './service-level/index.ts';
export * from './kind.ts';
export * from './kinds.ts';
export * from './listener-set/index.ts';
export * from './mesh/index.ts';
export { type WrittenMetadata, metadata as metadataSchema } from './metadata.ts';
export * from './namespace/index.ts';
export * from './object.ts';
export * from './open-api.ts';
export * from './rate-limit/index.ts';
export * from './reference-grant/index.ts';
export * from './schema/index.ts';
export * from './secret/index.ts';
export * from './service/index.ts';
export * from './status.ts';
export * from './tcp-route/index.ts';
export * from './tls-route/index.ts';
export * from './traffic-policy/index.ts';
export * from './udp-route/index.ts';
export * from './visibility/index.ts';
export * from './telemetry/index.ts';
export * from './workload/index.ts';
export type { CallerList } from './gateway/callers.ts';
export type { BackendRef } from './gateway/backend-ref.ts';
export {
  clientsOption,
  foreignOptions,
  ofMesh,
  type GatewayListener,
  type LabelSelector,
  type TlsOptions,
  tlsOptions,
} from './gateway/listener.ts';
export type { AuthorityRef, SecretRef } from './gateway/object-ref.ts';
export type { StreamRule } from './gateway/stream-rule.ts';
export type { ParentRef } from './gateway/parent-ref.ts';
export type { TargetRef } from './gateway/target-ref.ts';
