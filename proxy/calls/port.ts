/**
 * The port to calls that the engine makes itself, for filters and access logs that ask or tell a service: to a cluster by name, with its
 * balancing, pools, TLS and circuit breakers (docs/decisions/016). Handlers are told exactly once how a call ended, always later than
 * the call began, and never after `cancel`.
 */
import type { GrpcService } from '@weft/core/proxy-config';
import type { ExchangeError } from '../errors.ts';

export type HeaderPairs = readonly (readonly [name: string, value: string])[];

/** Why a call has no answer. */
export type CallError = Extract<
  ExchangeError,
  | 'cluster-not-found'
  | 'no-healthy-endpoint'
  | 'overflow'
  | 'connect-failed'
  | 'connect-timeout'
  | 'tls-failed'
  | 'upstream-closed'
  | 'upstream-reset'
  | 'upstream-protocol-error'
  | 'upstream-timeout'
  | 'payload-too-large'
>;

export interface Call {
  /** Nothing more is wanted: the stream is reset, what it held is given back. Idempotent. */
  cancel(): void;
}

export interface HttpRequest {
  readonly cluster: string;
  readonly method: string;
  readonly authority: string;
  /** With its query. */
  readonly path: string;
  /** Lower-case names; neither the length nor the host. */
  readonly headers: HeaderPairs;
  readonly body: Uint8Array | undefined;
  /** ms from now to the whole answer; 0: none. */
  readonly timeout: number;
  /** Octets of the longest body that is taken. */
  readonly maxBody: number;
}

export interface HttpAnswer {
  readonly status: number;
  /** Lower-case names, in the order they came. */
  readonly headers: HeaderPairs;
  readonly body: Uint8Array;
}

export interface HttpCallHandler {
  httpAnswered(answer: HttpAnswer): void;
  httpFailed(error: CallError): void;
}

export interface GrpcRequest {
  readonly service: GrpcService;
  /** `/package.Service/Method` */
  readonly path: string;
  /** Initial metadata with its operators filled in. */
  readonly metadata: HeaderPairs;
  /** ms from now to the whole answer; 0: none. */
  readonly timeout: number;
}

export interface GrpcFailure {
  /** google.rpc.Code; an error of the call itself is 14 (UNAVAILABLE), 4 (DEADLINE_EXCEEDED), 8 or 13. */
  readonly status: number;
  readonly message: string;
  /** Undefined: the service said so itself. */
  readonly error: CallError | undefined;
}

export interface GrpcCallHandler {
  grpcAnswered(message: Uint8Array): void;
  grpcFailed(failure: GrpcFailure): void;
}

export interface GrpcStreamHandler {
  streamMessage(message: Uint8Array): void;
  /** What was sent has left: more may be sent. */
  streamDrained(): void;
  /** The stream is over; `failure` undefined: with status OK. */
  streamEnded(failure: GrpcFailure | undefined): void;
}

export interface GrpcStream extends Call {
  /** False: the peer does not take it up as fast; it is kept until it does. */
  send(message: Uint8Array): boolean;
  /** Messages wait for a connection or for the peer. */
  readonly blocked: boolean;
  /** Nothing more will be sent. */
  end(): void;
}

export interface ServiceCalls {
  http(request: HttpRequest, handler: HttpCallHandler): Call;
  /** One message for one. */
  unary(request: GrpcRequest, message: Uint8Array, handler: GrpcCallHandler): Call;
  /** Messages in both directions. */
  stream(request: GrpcRequest, handler: GrpcStreamHandler): GrpcStream;
}
