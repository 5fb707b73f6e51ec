/** gRPC's length-prefixed messages (PROTOCOL-HTTP2), and what gRPC-Web makes of them (PROTOCOL-WEB). */
export * from './message-reader.ts';
export * from './message.ts';
export * from './web-text.ts';
export * from './web-trailers.ts';
