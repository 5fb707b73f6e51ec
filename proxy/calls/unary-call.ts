/** A gRPC call of one message for one. */
import type { CompiledRetryPolicy } from '../router/retry-policy.ts';
import { GrpcServiceStream } from './grpc-stream.ts';
import type { Call, GrpcCallHandler, GrpcFailure, GrpcRequest, GrpcStreamHandler } from './port.ts';
import type { CallParts } from './upstream-call.ts';

const INTERNAL = 13;

export class UnaryCall implements Call, GrpcStreamHandler {
  readonly #handler: GrpcCallHandler;
  readonly #stream: GrpcServiceStream;
  #answer: Uint8Array | undefined;
  #messages = 0;

  constructor(
    parts: CallParts,
    request: GrpcRequest,
    message: Uint8Array,
    handler: GrpcCallHandler,
    retries: CompiledRetryPolicy | undefined,
  ) {
    this.#handler = handler;
    this.#stream = new GrpcServiceStream(parts, request, this, message, retries);
  }

  cancel(): void {
    this.#stream.cancel();
  }

  streamMessage(message: Uint8Array): void {
    this.#messages += 1;
    this.#answer = message;
  }

  streamDrained(): void {}

  streamEnded(failure: GrpcFailure | undefined): void {
    if (failure !== undefined) this.#handler.grpcFailed(failure);
    else if (this.#answer !== undefined && this.#messages === 1) this.#handler.grpcAnswered(this.#answer);
    else {
      const message = `${this.#messages} messages`;
      this.#handler.grpcFailed({ status: INTERNAL, message, error: 'upstream-protocol-error' });
    }
  }
}
