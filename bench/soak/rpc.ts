/**
 * The soak's gRPC load: unary calls and streams of some seconds over one HTTP/2 connection a client, by Node's own client. Every message must
 * come back, and `grpc-status: 0` after it. A connection that is asked to go (GOAWAY) is followed by a new one; calls on it must end well.
 */
import { randomBytes, randomInt } from 'node:crypto';
import http2 from 'node:http2';
import { until } from '@weft/testkit/wait';

const BODY = randomBytes(256 * 1024);
/** ms in which a call must go on. */
const PATIENCE = 15_000;
/** Of 100 calls, those with several messages. */
const STREAMS = 10;

/** A length-prefixed message. */
function message(bytes: number): Buffer {
  const at = randomInt(0, BODY.length - bytes);
  const head = Buffer.alloc(5);
  head.writeUInt32BE(bytes, 1);
  return Buffer.concat([head, BODY.subarray(at, at + bytes)]);
}

export class Rpc {
  readonly #name: string;
  readonly #port: number;
  readonly #fail: (what: string) => void;
  #session: http2.ClientHttp2Session | undefined;
  #timer: NodeJS.Timeout | undefined;
  #paused = false;
  #open = 0;
  unary = 0;
  streams = 0;
  readonly backends = new Map<string, number>();

  constructor(name: string, port: number, fail: (what: string) => void) {
    this.#name = name;
    this.#port = port;
    this.#fail = fail;
  }

  /** `rate` calls a second. */
  start(rate: number): void {
    this.#timer = setInterval(() => {
      if (!this.#paused && this.#open < 64) this.#one();
    }, 1000 / rate);
  }

  async pause(): Promise<void> {
    this.#paused = true;
    await until(() => this.#open === 0, { timeout: 2 * PATIENCE, what: 'open calls to end' });
    this.#session?.close();
    this.#session = undefined;
  }

  resume(): void {
    this.#paused = false;
  }

  async stop(): Promise<void> {
    clearInterval(this.#timer);
    await this.pause();
  }

  #connection(): http2.ClientHttp2Session {
    const known = this.#session;
    if (known !== undefined && !known.closed && !known.destroyed) return known;
    const session = http2.connect(`http://127.0.0.1:${this.#port}`);
    const over = (): void => {
      if (this.#session === session) this.#session = undefined;
    };
    session.on('error', over);
    session.on('goaway', over);
    session.on('close', over);
    this.#session = session;
    return session;
  }

  #one(): void {
    const many = randomInt(100) < STREAMS;
    const messages = many ? randomInt(5, 30) : 1;
    const began = performance.now();
    const sent: Buffer[] = [];
    const got: Buffer[] = [];
    let status: string | undefined;
    let instance = '';
    let failure: string | undefined;
    this.#open += 1;
    const call = this.#connection().request({
      ':method': 'POST',
      ':path': '/soak.Echo/Call',
      'content-type': 'application/grpc',
      te: 'trailers',
    });
    call.setTimeout(PATIENCE, () => {
      failure = `no byte for ${PATIENCE} ms`;
      call.close(http2.constants.NGHTTP2_CANCEL);
    });
    call.on('response', (headers) => {
      instance = String(headers['x-instance'] ?? '');
      if (headers[':status'] !== 200) failure = `status ${headers[':status']}`;
      status = headers['grpc-status']?.toString();
      if (status !== undefined && status !== '0')
        failure = `grpc-status ${status} ${String(headers['grpc-message'] ?? '')}`;
    });
    call.on('trailers', (trailers) => {
      status = trailers['grpc-status']?.toString();
    });
    call.on('data', (chunk: Buffer) => got.push(chunk));
    call.on('error', (error) => {
      failure ??= error.message;
    });
    call.on('close', () => {
      this.#open -= 1;
      if (many) this.streams += 1;
      else this.unary += 1;
      this.backends.set(instance, (this.backends.get(instance) ?? 0) + 1);
      if (failure === undefined && status !== '0') failure = `ended with grpc-status ${status ?? 'none'}`;
      if (failure === undefined && !Buffer.concat(got).equals(Buffer.concat(sent))) failure = 'other bytes came back';
      if (failure === undefined) return;
      const what = many ? `stream of ${messages} messages` : 'unary call';
      const ms = (performance.now() - began).toFixed(0);
      this.#fail(`${this.#name} gRPC ${what}, ${ms} ms, answered by ${instance || 'nobody'}: ${failure}`);
    });
    const next = (): void => {
      if (call.destroyed || call.closed) return;
      const one = message(randomInt(1, many ? 16_384 : 65_536));
      sent.push(one);
      if (sent.length === messages) call.end(one);
      else {
        call.write(one);
        setTimeout(next, randomInt(10, 200)).unref();
      }
    };
    next();
  }
}
