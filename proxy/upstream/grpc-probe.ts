/** One gRPC health check on a connection of its own: grpc.health.v1.Health/Check by HTTP/2 (envoy.config.core.v3.HealthCheck.GrpcHealthCheck). */
import type { Socket } from 'node:net';
import type { MonotonicClock } from '@weft/core/kernel';
import { SlabPool } from '@weft/wire/hpack';
import {
  type ConnectionOwner,
  DecodeScratch,
  HeadMemory,
  Http2Connection,
  type Http2Memory,
  type Http2Stream,
  MessageHead,
  type StreamOwner,
} from '@weft/wire/http2';
import { grpcStatusIn } from '../http/grpc.ts';
import { allocateSlab, latin1Text } from '../http/octets.ts';
import type { CheckResult } from './health-state.ts';

const SETTINGS = {
  maxConcurrentStreams: 1,
  streamWindow: 65_535,
  connectionWindow: 65_535,
  maxHeaderListSize: 16_384,
  connectProtocol: false,
};
const MAX_FIELDS = 100;
/** Octets of an answer; a longer one is none. */
const MAX_ANSWER = 1024;
/** HealthCheckResponse.status, field 1, of the only value that passes. */
const SERVING = [0x08, 0x01];

export const probeMemory = (clock: MonotonicClock): Http2Memory => ({
  scratch: new DecodeScratch(),
  heads: new HeadMemory(allocateSlab),
  clock,
  decode: latin1Text,
  slabs: new SlabPool(allocateSlab),
});

export class GrpcProbe implements ConnectionOwner, StreamOwner {
  readonly messageHead = new MessageHead(MAX_FIELDS, latin1Text);
  readonly #core: Http2Connection;
  readonly #socket: Socket;
  readonly #done: (result: CheckResult) => void;
  #answer: number[] = [];
  #writes = false;

  /** `done` may be called more than once; the first call counts. The socket stays the caller's. */
  constructor(socket: Socket, memory: Http2Memory, done: (result: CheckResult) => void) {
    this.#socket = socket;
    this.#done = done;
    this.#core = new Http2Connection(false, SETTINGS, this, memory);
    socket.on('data', (chunk: Buffer) => this.#core.receive(chunk, 0, chunk.length));
  }

  ask(service: string, authority: string, secure: boolean): void {
    const core = this.#core;
    core.start();
    const stream = core.open(this);
    const { encoder, out } = core;
    core.beginBlock(stream);
    encoder.text(out, ':method', 'POST');
    encoder.text(out, ':scheme', secure ? 'https' : 'http');
    encoder.text(out, ':authority', authority);
    encoder.text(out, ':path', '/grpc.health.v1.Health/Check');
    encoder.text(out, 'content-type', 'application/grpc');
    encoder.text(out, 'te', 'trailers');
    encoder.text(out, 'user-agent', 'Weft/HC');
    core.endBlock(stream, false);
    const message = requestOf(service);
    stream.send(message, 0, message.length);
    stream.end();
    this.hasOutput();
  }

  hasOutput(): void {
    if (this.#writes) return;
    this.#writes = true;
    setImmediate(() => {
      this.#writes = false;
      if (this.#core.out.size > 0 && this.#socket.writable) this.#socket.write(this.#core.takeOutput());
    });
  }

  headArrived(_stream: Http2Stream, ended: boolean): void {
    if (ended || this.messageHead.status !== 200) this.#done('failed');
  }

  dataArrived(stream: Http2Stream, bytes: Uint8Array, start: number, end: number): void {
    stream.consumed(end - start);
    this.#answer.push(...bytes.subarray(start, Math.min(end, start + MAX_ANSWER)));
    if (this.#answer.length > MAX_ANSWER) this.#done('failed');
  }

  endArrived(_stream: Http2Stream, trailers: boolean): void {
    const told = trailers ? grpcStatusIn(this.messageHead.trailerBlock) : -1;
    this.#done(told === 0 && isServing(this.#answer) ? 'passed' : 'failed');
  }

  wasReset(): void {
    this.#done('network-failure');
  }

  hasRoom(): void {}

  /** Servers open no streams. */
  accept(): StreamOwner {
    return this;
  }

  headTooLarge(): void {
    this.#done('failed');
  }

  goAwayArrived(): void {
    this.#done('network-failure');
  }

  streamClosed(): void {}

  connectionFailed(): void {
    this.#done('network-failure');
  }
}

/** HealthCheckRequest {service = 1}, as one uncompressed gRPC message. */
function requestOf(service: string): Uint8Array {
  const name = Buffer.from(service, 'utf8');
  const message = name.length === 0 ? name : Buffer.concat([Uint8Array.of(0x0a, ...varint(name.length)), name]);
  const prefix = Buffer.alloc(5);
  prefix.writeUInt32BE(message.length, 1);
  return Buffer.concat([prefix, message]);
}

function varint(value: number): number[] {
  return value < 128 ? [value] : [(value & 127) | 128, ...varint(value >> 7)];
}

/** One whole uncompressed message that says SERVING. */
const isServing = (answer: readonly number[]): boolean =>
  answer.length === 5 + SERVING.length &&
  answer[0] === 0 &&
  answer[4] === SERVING.length &&
  SERVING.every((octet, index) => answer[5 + index] === octet);
