/** The kinds of objects: types, schemas, checks. Reading YAML with positions is `@weft/core/resources/text`. */
export * from './access-policy/index.ts';
export * from './admit.ts';
export * from './http-route/index.ts';
export * from './kind.ts';
export * from './kinds.ts';
export * from './mesh/index.ts';
export { type WrittenMetadata, metadata as metadataSchema } from './metadata.ts';
export * from './namespace/index.ts';
export * from './object.ts';
export * from './schema/index.ts';
export * from './service/index.ts';
export * from './status.ts';
export * from './tcp-route/index.ts';
export * from './traffic-policy/index.ts';
export * from './workload/index.ts';
export type { BackendRef } from './gateway/backend-ref.ts';
export type { ParentRef } from './gateway/parent-ref.ts';
export type { TargetRef } from './gateway/target-ref.ts';
