/** A gRPC call: messages to a service and back, and the status it ends with. */
import { MessageReader, prefixed } from '@weft/wire/grpc';
import { type FieldBlock, headerName } from '@weft/wire/http1';
import { DEADLINE_EXCEEDED, grpcStatusIn, grpcStatusOf, grpcTimeoutText } from '../http/grpc.ts';
import type { CompiledRetryPolicy } from '../router/retry-policy.ts';
import type { CallError, GrpcFailure, GrpcRequest, GrpcStream, GrpcStreamHandler, HeaderPairs } from './port.ts';
import { type CallOwner, type CallParts, UpstreamCall } from './upstream-call.ts';

/** Octets of the longest message taken where the configuration states none. */
const MAX_MESSAGE = 4 * 1024 * 1024;
const RESOURCE_EXHAUSTED = 8;
const INTERNAL = 13;
const UNAVAILABLE = 14;
const MESSAGE = headerName('grpc-message');

export class GrpcServiceStream implements GrpcStream, CallOwner {
  readonly #handler: GrpcStreamHandler;
  readonly #call: UpstreamCall;
  readonly #messages: MessageReader;
  readonly #take = (message: Uint8Array): void => {
    if (!this.#over) this.#handler.streamMessage(message);
  };
  /** Told in the head: there will be no trailers. */
  #status = -1;
  #text = '';
  #over = false;
  blocked = true;

  /** `whole`: the only message; undefined: they come by `send`. `retries`: of a whole one only. */
  constructor(
    parts: CallParts,
    request: GrpcRequest,
    handler: GrpcStreamHandler,
    whole?: Uint8Array,
    retries?: CompiledRetryPolicy,
  ) {
    const { cluster, authority, maxReceiveMessageLength } = request.service;
    this.#handler = handler;
    this.#messages = new MessageReader(maxReceiveMessageLength > 0 ? maxReceiveMessageLength : MAX_MESSAGE);
    this.#call = new UpstreamCall(
      parts,
      this,
      {
        cluster,
        method: 'POST',
        authority: authority === '' ? cluster : authority,
        path: request.path,
        headers: headersOf(request),
        timeout: request.timeout,
        grpc: true,
        retries,
      },
      whole === undefined ? undefined : prefixed(whole),
    );
    this.#call.start();
  }

  send(message: Uint8Array): boolean {
    this.blocked = !this.#call.send(prefixed(message));
    return !this.blocked;
  }

  end(): void {
    this.#call.end();
  }

  cancel(): void {
    this.#over = true;
    this.#call.cancel();
  }

  callHead(status: number, head: FieldBlock): void {
    const told = grpcStatusIn(head);
    if (status !== 200) this.#fail({ status: told > 0 ? told : grpcStatusOf(status), message: '', error: undefined });
    else if (told >= 0) {
      this.#status = told;
      this.#text = textOf(head);
    }
  }

  callData(bytes: Uint8Array, start: number, end: number): void {
    if (this.#messages.read(bytes, start, end, this.#take)) return;
    const { fault } = this.#messages;
    if (fault === 'too-long')
      this.#fail({ status: RESOURCE_EXHAUSTED, message: 'message too long', error: 'payload-too-large' });
    else this.#fail({ status: INTERNAL, message: `message ${fault}`, error: 'upstream-protocol-error' });
  }

  callEnded(trailers: FieldBlock | undefined): void {
    if (this.#over) return;
    this.#over = true;
    const told = trailers === undefined ? this.#status : grpcStatusIn(trailers);
    if (told === 0 && this.#messages.complete) this.#handler.streamEnded(undefined);
    else if (told > 0) {
      const message = trailers === undefined ? this.#text : textOf(trailers);
      this.#handler.streamEnded({ status: told, message, error: undefined });
    } else this.#handler.streamEnded({ status: INTERNAL, message: 'no status', error: 'upstream-protocol-error' });
  }

  callFailed(error: CallError): void {
    if (this.#over) return;
    this.#over = true;
    const status = error === 'upstream-timeout' ? DEADLINE_EXCEEDED : UNAVAILABLE;
    this.#handler.streamEnded({ status, message: error, error });
  }

  callDrained(): void {
    this.blocked = false;
    if (!this.#over) this.#handler.streamDrained();
  }

  #fail(failure: GrpcFailure): void {
    if (this.#over) return;
    this.#over = true;
    this.#call.cancel();
    this.#handler.streamEnded(failure);
  }
}

const headersOf = ({ metadata, timeout }: GrpcRequest): HeaderPairs => [
  ['te', 'trailers'],
  ['content-type', 'application/grpc'],
  ...(timeout > 0 ? [['grpc-timeout', grpcTimeoutText(timeout)] as const] : []),
  ...metadata,
];

const textOf = (section: FieldBlock): string => (MESSAGE === undefined ? '' : (section.joined(MESSAGE) ?? ''));
