/** Endpoint sets. */
export { decodeEndpointSet } from './decode.ts';
export { encodeEndpointSet } from './encode.ts';
