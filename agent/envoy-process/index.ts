/** Real Envoy as the engine of a workload. */
export * from './envoy-process.ts';
export * from './find.ts';
