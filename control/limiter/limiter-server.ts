/**
 * The limiter's port: gRPC over HTTP/2 in plaintext (PROTOCOL-HTTP2 of gRPC). It belongs on loopback, behind a sidecar, which proves who asks;
 * what a peer sends is bounded all the same.
 */
import { Buffer } from 'node:buffer';
import http2 from 'node:http2';
import type { AddressInfo } from 'node:net';
import type { Limiter, LimiterAnswer } from './limiter.ts';

const PATH = '/envoy.service.ratelimit.v3.RateLimitService/ShouldRateLimit';
/** grpc.health.v1: who watches a service asks this. */
const HEALTH = '/grpc.health.v1.Health/Check';
/** HealthCheckResponse with status SERVING. */
const SERVING = Uint8Array.of(8, 1);
const UNIMPLEMENTED = 12;
const RESOURCE_EXHAUSTED = 8;
const INTERNAL = 13;

/** Octets of a question. */
const LONGEST = 64 * 1024;
const MOST_STREAMS = 1000;
const MOST_SESSIONS = 10_000;

export class LimiterServer {
  readonly #limiter: Limiter;
  readonly #server = http2.createServer({
    settings: { maxConcurrentStreams: MOST_STREAMS, maxHeaderListSize: 16 * 1024, enablePush: false },
    maxSessionMemory: 8,
  });
  readonly #sessions = new Set<http2.ServerHttp2Session>();

  constructor(limiter: Limiter) {
    this.#limiter = limiter;
    this.#server.on('session', (session) => {
      session.on('error', () => undefined);
      if (this.#sessions.size >= MOST_SESSIONS) {
        session.destroy();
        return;
      }
      this.#sessions.add(session);
      session.on('close', () => this.#sessions.delete(session));
    });
    this.#server.on('sessionError', () => undefined);
    this.#server.on('stream', (stream, headers) => {
      stream.on('error', () => undefined);
      this.#serve(stream, headers[':path'] ?? '');
    });
  }

  /** The port that it listens on. Rejects where it cannot. */
  start(host: string, port: number): Promise<number> {
    return new Promise((resolve, reject) => {
      this.#server.once('error', reject);
      this.#server.listen(port, host, () => {
        this.#server.off('error', reject);
        resolve((this.#server.address() as AddressInfo).port);
      });
    });
  }

  /** Questions that were asked are answered; then the connections end. */
  async stop(): Promise<void> {
    const closed = new Promise((resolve) => this.#server.close(resolve));
    for (const session of this.#sessions) session.close();
    await closed;
  }

  #serve(stream: http2.ServerHttp2Stream, path: string): void {
    const slices: Buffer[] = [];
    let length = 0;
    stream.on('data', (slice: Buffer) => {
      length += slice.length;
      if (length <= LONGEST + 5) slices.push(slice);
    });
    stream.on('end', () => {
      const message = length <= LONGEST + 5 ? messageOf(Buffer.concat(slices)) : undefined;
      this.#answer(path, message).then(
        (answer) => send(stream, answer),
        () => send(stream, { kind: 'failure', code: INTERNAL, message: '' }),
      );
    });
  }

  async #answer(path: string, message: Uint8Array | undefined): Promise<LimiterAnswer> {
    if (path === HEALTH) return { kind: 'message', message: SERVING };
    if (path !== PATH) return { kind: 'failure', code: UNIMPLEMENTED, message: 'no such method' };
    if (message === undefined) return { kind: 'failure', code: RESOURCE_EXHAUSTED, message: 'not one short message' };
    return this.#limiter.answer(message);
  }
}

/** Of Length-Prefixed-Message: one, not compressed. */
const messageOf = (bytes: Buffer): Uint8Array | undefined =>
  bytes.length >= 5 && bytes[0] === 0 && bytes.readUInt32BE(1) === bytes.length - 5 ? bytes.subarray(5) : undefined;

function send(stream: http2.ServerHttp2Stream, answer: LimiterAnswer): void {
  if (stream.destroyed) return;
  const status = answer.kind === 'message' ? 0 : answer.code;
  if (answer.kind === 'failure') {
    const reason = answer.message === '' ? {} : { 'grpc-message': answer.message };
    stream.respond(
      { ':status': 200, 'content-type': 'application/grpc', 'grpc-status': String(status), ...reason },
      { endStream: true },
    );
    return;
  }
  stream.respond({ ':status': 200, 'content-type': 'application/grpc' }, { waitForTrailers: true });
  stream.on('wantTrailers', () => stream.sendTrailers({ 'grpc-status': String(status) }));
  const prefix = Buffer.alloc(5);
  prefix.writeUInt32BE(answer.message.length, 1);
  stream.end(Buffer.concat([prefix, answer.message]));
}
