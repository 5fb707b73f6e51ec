/** An answer of our own: what was decided about it, and how it goes to the client. One object serves all exchanges of a slot. */
import type { ResponseFlags } from '../response-flags.ts';
import type { Exchange } from './exchange.ts';
import { grpcMessage, grpcStatusOf } from './grpc.ts';
import { octetLength, utf8AsLatin1 } from './octets.ts';
import { addOwnHeaders, mutate } from './response-path.ts';

export type AnswerHeaders = readonly (readonly [string, string])[];

export const NO_HEADERS: AnswerHeaders = [];

export class OwnAnswer {
  body = '';
  /** Undefined: by its HTTP status. */
  grpcStatus: number | undefined;
  #headers = NO_HEADERS;

  reset(): void {
    this.body = '';
    this.grpcStatus = undefined;
    this.#headers = NO_HEADERS;
  }

  decide(
    exchange: Exchange,
    status: number,
    body: string,
    flag: ResponseFlags,
    details: string,
    headers: AnswerHeaders,
    grpcStatus: number | undefined,
  ): void {
    exchange.decided = true;
    exchange.status = status;
    exchange.flags |= flag;
    exchange.details = details;
    this.body = body;
    this.#headers = headers;
    this.grpcStatus = grpcStatus;
  }

  /** Head, body and end; nothing else of the answer follows. */
  write(exchange: Exchange): void {
    const { response, context, connection, bodyFilter, filters, reader, head } = exchange;
    response.reset(undefined);
    for (const [name, value] of this.#headers) response.add(name, value);
    // The route first: what the connection manager says of its own answers stays, as in Envoy.
    mutate(exchange);
    const { localReplies } = context;
    if (localReplies !== undefined) this.body = localReplies.rewrite(exchange, this.body);
    if (exchange.grpcClient) this.#tellByStatus(exchange);
    if (filters !== undefined) this.body = filters.localAnswer(exchange, this.body);
    const text = utf8AsLatin1(this.body);
    const { status } = exchange;
    const empty = status === 204 || status === 304 || status < 200;
    const bare = reader.minor === 2 && (exchange.grpcClient || (bodyFilter !== undefined && exchange.grpcStatus < 0));
    if (!empty && !bare) response.add('content-length', String(octetLength(this.body)));
    if (text.length > 0 && !empty && !response.has('content-type')) response.add('content-type', 'text/plain');
    addOwnHeaders(exchange);
    exchange.chunkedOut = false;
    connection.writeHead(exchange, undefined);
    if (!empty && head.method !== 'HEAD') {
      connection.writeText(text);
      exchange.bytesSent += text.length;
    }
    connection.writeEnd(exchange, undefined);
  }

  /** Clients of gRPC are told an error by grpc-status, on an answer without body. */
  #tellByStatus(exchange: Exchange): void {
    const { response } = exchange;
    exchange.grpcStatus = this.grpcStatus ?? grpcStatusOf(exchange.status);
    exchange.status = 200;
    response.set('content-type', 'application/grpc');
    response.set('grpc-status', String(exchange.grpcStatus));
    if (this.body !== '' && exchange.head.method !== 'HEAD') response.set('grpc-message', grpcMessage(this.body));
    this.body = '';
  }
}
