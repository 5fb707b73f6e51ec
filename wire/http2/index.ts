/** The engine's HTTP/2 codec (RFC 9113): connection, streams and heads over octets. Pure: no sockets, no timers. */
export { Http2Connection } from './connection.ts';
export type { ConnectionOwner, Http2Memory, Http2Settings } from './connection-output.ts';
export {
  CANCEL,
  CONNECT_ERROR,
  ENHANCE_YOUR_CALM,
  HTTP2_FAULTS,
  HTTP_1_1_REQUIRED,
  type Http2Fault,
  type Http2FaultCode,
  INTERNAL_ERROR,
  NO_ERROR,
  PROTOCOL_ERROR,
  REFUSED_STREAM,
  STREAM_CLOSED,
} from './errors.ts';
export { PREFACE } from './frames.ts';
export { HeadMemory, MessageHead } from './message-head.ts';
export { Http2Stream, type StreamOwner } from './stream.ts';
export { DecodeScratch } from '../hpack/index.ts';
