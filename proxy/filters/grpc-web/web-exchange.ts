/**
 * One gRPC-Web exchange: base64 is taken off and put on, the answer's trailers become the body's last frame, and an answer that is no gRPC
 * tells its text in grpc-message. Holds at most 16 kB of such a text and a few octets of base64.
 */
import { Buffer } from 'node:buffer';
import { Base64Decoder, encodeBase64, MessageEncoder, trailerMessage } from '@weft/wire/grpc';
import { KNOWN, type FieldBlock } from '@weft/wire/http1';
import type { Exchange } from '../../http/exchange.ts';
import { grpcMessage, grpcStatusOf, isGrpc } from '../../http/grpc.ts';
import type { AnswerSource } from '../../http/stream.ts';
import type { StreamFilter } from '../filter.ts';

const NONE = new Uint8Array(0);
const MOST_TEXT = 16_384;
const WEB = /^application\/grpc-web(?:\+proto)?[ \t]*(?:;|$)/i;
const REFUSAL = {
  status: 400,
  body: 'Bad gRPC-web request, invalid base64 data.',
  details: 'grpc_base_64_decode_failed',
};

export class GrpcWebExchange implements StreamFilter {
  readonly refusal = REFUSAL;
  readonly takesTrailers = true;
  readonly changesAnswer = true;
  readonly #decoder: Base64Decoder | undefined;
  readonly #encoder: MessageEncoder | undefined;
  /** Text of an answer that is no gRPC. */
  #text: Buffer | undefined;

  constructor(textRequest: boolean, textAnswer: boolean) {
    this.#decoder = textRequest ? new Base64Decoder() : undefined;
    this.#encoder = textAnswer ? new MessageEncoder() : undefined;
  }

  requestData(bytes: Uint8Array): Uint8Array | undefined {
    return this.#decoder === undefined ? bytes : this.#decoder.decode(bytes);
  }

  requestEnd(): boolean {
    return this.#decoder?.complete !== false;
  }

  answerHead(exchange: Exchange, source: AnswerSource): boolean {
    const { response } = exchange;
    const ended = source.hasEnd === true || source.body.kind === 0;
    const understood = ended ? response.has('grpc-status') : source.status === 200 && isGrpcOrWeb(source.head);
    this.#label(exchange);
    if (ended || understood) return false;
    this.#text = Buffer.alloc(0);
    return true;
  }

  #label({ response }: Exchange): void {
    response.remove('content-length');
    const type = this.#encoder === undefined ? 'application/grpc-web+proto' : 'application/grpc-web-text+proto';
    response.set('content-type', type);
  }

  answerData(bytes: Uint8Array): Uint8Array {
    if (this.#text !== undefined) {
      const room = MOST_TEXT - this.#text.length;
      if (room > 0) this.#text = Buffer.concat([this.#text, bytes.subarray(0, room)]);
      return NONE;
    }
    return this.#encoder === undefined ? bytes : this.#encoder.encode(bytes);
  }

  answerEnd(trailers: FieldBlock | undefined): Uint8Array {
    if (trailers === undefined || this.#text !== undefined) return NONE;
    const frame = trailerMessage(trailers);
    return this.#encoder === undefined ? frame : encodeBase64(frame);
  }

  heldAnswer(exchange: Exchange): void {
    this.#tell(exchange, this.#text?.toString('utf8') ?? '');
  }

  localAnswer(exchange: Exchange, text: string): string {
    this.#label(exchange);
    if (text !== '') this.#tell(exchange, text);
    return '';
  }

  #tell(exchange: Exchange, text: string): void {
    const { response } = exchange;
    exchange.grpcStatus = grpcStatusOf(exchange.status);
    response.set('grpc-status', String(exchange.grpcStatus));
    response.set('grpc-message', grpcMessage(text));
  }
}

function isGrpcOrWeb(head: FieldBlock): boolean {
  const index = head.findKnown(KNOWN['content-type']);
  return index >= 0 && (isGrpc(head) || WEB.test(head.value(index)));
}
