/** Bootstraps written for real Envoy and for gRPC clients. Apart from reading: Envoy's is YAML, and an engine on a JSON file loads no YAML library. */
export * from './envoy.ts';
export * from './grpc.ts';
