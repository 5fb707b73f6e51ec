/** Bootstraps, read for our engine. Those for real Envoy and for gRPC clients are written by ./write. */
export * from './bootstrap.ts';
export { decodeBootstrap } from './decode.ts';
export * from './differences.ts';
export * from './read.ts';
export * from './resource-file.ts';
