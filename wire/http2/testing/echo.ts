/** For tests: a server on one connection that answers every request with its own head and body, and a client that collects an answer. */
import { stillClock } from './clock.ts';
import {
  type ConnectionOwner,
  DecodeScratch,
  HeadMemory,
  Http2Connection,
  type Http2Fault,
  type Http2Memory,
  type Http2Settings,
  type Http2Stream,
  MessageHead,
  type StreamOwner,
} from '../index.ts';
import { SlabPool } from '../../hpack/index.ts';
import { latin1 } from '../../http1/octets.ts';

export const SETTINGS: Http2Settings = {
  maxConcurrentStreams: 10,
  streamWindow: 65_535,
  connectionWindow: 65_535,
  maxHeaderListSize: 16_384,
  connectProtocol: false,
};

export const memory = (): Http2Memory => ({
  scratch: new DecodeScratch(),
  heads: new HeadMemory(),
  clock: stillClock,
  decode: latin1,
  slabs: new SlabPool(),
});

export function fieldsOf(head: MessageHead): string[] {
  const { fields } = head;
  const lines: string[] = [];
  for (let index = 0; index < fields.count; index += 1)
    if (!fields.dropped(index)) lines.push(`${fields.name(index)}: ${fields.value(index)}`);
  return lines;
}

/** Answers with what it got. */
export class EchoServer implements ConnectionOwner {
  readonly connection: Http2Connection;
  /** What happened, one line each. */
  readonly seen: string[] = [];
  fault: Http2Fault | undefined;

  constructor(settings: Http2Settings = SETTINGS) {
    this.connection = new Http2Connection(true, settings, this, memory());
    this.connection.start();
  }

  accept(stream: Http2Stream): StreamOwner {
    return new EchoStream(stream, this.seen);
  }
  headTooLarge(stream: Http2Stream): void {
    this.seen.push(`${stream.id} too large`);
    answer(stream, 431, true);
  }
  hasOutput(): void {}
  goAwayArrived(error: number): void {
    this.seen.push(`goaway ${error}`);
  }
  streamClosed(): void {}
  connectionFailed(fault: Http2Fault): void {
    this.fault = fault;
    this.seen.push(`failed ${fault.code}`);
  }
}

function answer(stream: Http2Stream, status: number, ended: boolean): void {
  const { connection } = stream;
  connection.beginBlock(stream);
  connection.encoder.text(connection.out, ':status', String(status));
  connection.encoder.text(connection.out, 'x-answer', 'echo');
  connection.endBlock(stream, false);
  if (ended) stream.end();
}

class EchoStream implements StreamOwner {
  readonly messageHead = new MessageHead(100, latin1);
  readonly #seen: string[];
  #body = '';

  constructor(stream: Http2Stream, seen: string[]) {
    this.#seen = seen;
    void stream;
  }
  headArrived(stream: Http2Stream): void {
    const head = this.messageHead;
    const path = latin1(head.fields.bytes, head.pathStart, head.pathEnd);
    const host = latin1(head.fields.bytes, head.hostStart, head.hostEnd);
    this.#seen.push(`${stream.id} ${head.method} ${head.scheme} ${path} ${host} | ${fieldsOf(head).join(' | ')}`);
    answer(stream, 200, false);
    if (stream.remoteEnded) stream.end();
  }
  dataArrived(stream: Http2Stream, bytes: Uint8Array, start: number, end: number): void {
    this.#body += latin1(bytes, start, end);
    stream.send(bytes, start, end);
    stream.consumed(end - start);
  }
  endArrived(stream: Http2Stream, trailers: boolean): void {
    const block = this.messageHead.trailers;
    this.#seen.push(
      `${stream.id} body ${this.#body}${trailers && block !== undefined && block.count > 0 ? ` trailer ${block.name(0)}: ${block.value(0)}` : ''}`,
    );
    const { connection } = stream;
    if (trailers) stream.endWithTrailers(() => connection.encoder.text(connection.out, 'x-end', 'yes'));
    else stream.end();
  }
  wasReset(stream: Http2Stream, error: number, remote: boolean): void {
    this.#seen.push(`${stream.id} reset ${error} ${remote ? 'remote' : 'local'}`);
  }
  hasRoom(): void {}
}
