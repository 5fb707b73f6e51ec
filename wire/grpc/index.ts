/** gRPC's length-prefixed messages (PROTOCOL-HTTP2). */
export * from './message-reader.ts';
export * from './message.ts';
