/** Answers of a downstream HTTP/1.1 connection as octets on its socket (RFC 9112, 4, 6 and 7). */
import type { Socket } from 'node:net';
import { type FieldBlock, reasonOf, writeLastChunk, writeStatusLine } from '@weft/wire/http1';
import type { Exchange } from './exchange.ts';
import type { ManagerContext } from './manager-context.ts';
import { copyOf } from './octets.ts';
import { writeAnswerHead, writeHead } from './response-path.ts';
import type { AnswerSource } from './stream.ts';
import { holdsOctets, letGo, writeInTurn } from './turn.ts';

/** A longer body slice is written from where it is. */
const COPY_LIMIT = 8192;

export abstract class AnswerWriter {
  readonly context: ManagerContext;
  readonly socket: Socket;

  constructor(context: ManagerContext, socket: Socket) {
    this.context = context;
    this.socket = socket;
  }

  get holdsBytes(): boolean {
    return holdsOctets(this.socket);
  }

  write(bytes: Uint8Array): boolean {
    if (!this.socket.writable) return false;
    return writeInTurn(this.socket, bytes);
  }

  writeContinue(): void {
    const out = this.context.downstreamOut;
    out.text('HTTP/1.1 100 Continue\r\n\r\n');
    this.write(out.take());
  }

  writeHead(exchange: Exchange, source: AnswerSource | undefined): void {
    const out = this.context.downstreamOut;
    if (source !== undefined) {
      writeAnswerHead(exchange, source, out);
      return;
    }
    writeStatusLine(out, exchange.status, reasonOf(exchange.status));
    writeHead(exchange, out);
  }

  writeBody({ chunkedOut }: Exchange, bytes: Uint8Array, start: number, end: number, shared: boolean): void {
    const out = this.context.downstreamOut;
    const size = end - start;
    if (size <= COPY_LIMIT) {
      if (chunkedOut) out.chunk(bytes, start, end);
      else out.octets(bytes, start, end);
      return;
    }
    if (chunkedOut) out.chunkHead(size);
    if (out.size > 0) this.write(out.take());
    this.write(shared ? copyOf(bytes, start, end) : bytes.subarray(start, end));
    if (chunkedOut) out.crlf();
    letGo(this.socket);
  }

  writeText(text: string): void {
    this.context.downstreamOut.text(text);
  }

  flushAnswer(): boolean {
    const out = this.context.downstreamOut;
    if (out.size > 0) this.write(out.take());
    return !this.socket.writableNeedDrain;
  }

  writeEnd({ chunkedOut }: Exchange, trailers: FieldBlock | undefined): void {
    const out = this.context.downstreamOut;
    if (chunkedOut) writeLastChunk(out, trailers);
    if (out.size > 0) this.write(out.take());
  }
}
