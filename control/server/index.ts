/** The control plane's TLS port and Unix socket. */
export { CONNECTION_LIMITS, type ConnectionLimits } from './admission.ts';
export * from './control-server.ts';
export * from './errors.ts';
export type { CallFailure, GrpcMethod, ServerStream, UnaryAnswer } from './grpc-front.ts';
export { type AttestedIdentity, type Peer, peerAddress } from './peer.ts';
