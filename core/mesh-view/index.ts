/** One mesh at one instant, normalised and indexed (MeshView), how it is assembled from objects, and the Proxy it is compiled for. */
export * from './access-default.ts';
export * from './access-rows.ts';
export * from './asked.ts';
export * from './assemble/index.ts';
export * from './conf.ts';
export * from './equal.ts';
export * from './host-names.ts';
export * from './keys.ts';
export * from './liveness.ts';
export * from './policy-rows.ts';
export * from './proxy.ts';
export * from './reader.ts';
export * from './rows.ts';
export * from './scope.ts';
export * from './view.ts';
export * from './visible.ts';
