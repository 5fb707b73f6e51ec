/** Bootstraps: read for our engine, written for real Envoy and for gRPC clients. */
export * from './bootstrap.ts';
export { decodeBootstrap } from './decode.ts';
export * from './differences.ts';
export * from './read.ts';
export * from './write-envoy.ts';
export * from './write-grpc.ts';
