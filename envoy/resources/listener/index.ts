/** Listeners. */
export { decodeListener } from './decode.ts';
export { encodeListener } from './encode.ts';
