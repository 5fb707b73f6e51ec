/** Clusters. */
export { decodeCluster } from './decode.ts';
export { encodeCluster } from './encode.ts';
