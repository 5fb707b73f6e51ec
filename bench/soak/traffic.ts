/**
 * The soak's HTTP load: an even stream of mixed requests to a client's upstream port, each answer judged. Node's own client, so an outside
 * judge. What a request must get does not depend on the churn, but for /moved, which is a redirect while the route has that rule.
 */
import { createHash, randomBytes, randomInt } from 'node:crypto';
import http from 'node:http';
import { until } from '@weft/testkit/wait';

const BODY = randomBytes(1024 * 1024);
/** ms in which a request must be answered. */
const PATIENCE = 15_000;

interface Kind {
  readonly name: string;
  /** Of 100 requests. */
  readonly share: number;
  readonly path: () => string;
  readonly method?: string;
  readonly body?: () => Buffer;
  readonly status?: readonly number[];
  /** ms after which the client goes away. */
  readonly abort?: () => number;
}

const upTo = (bytes: number) => (): Buffer => BODY.subarray(0, randomInt(1, bytes));

const KINDS: readonly Kind[] = [
  { name: 'GET', share: 58, path: () => '/' },
  { name: 'GET /extra', share: 10, path: () => '/extra' },
  { name: 'GET /moved', share: 4, path: () => '/moved', status: [200, 302] },
  { name: 'POST 16 kB', share: 14, path: () => '/', method: 'POST', body: upTo(16 * 1024) },
  { name: 'POST 1 MB', share: 2, path: () => '/', method: 'POST', body: upTo(BODY.length) },
  { name: 'slow', share: 4, path: () => `/?delay=${randomInt(200, 2000)}` },
  { name: 'trickle', share: 3, path: () => `/?trickle=${randomInt(300, 2000)}` },
  { name: 'abort', share: 3, path: () => '/?delay=500', abort: () => randomInt(1, 400) },
  {
    name: 'abort POST',
    share: 2,
    path: () => '/?delay=100',
    method: 'POST',
    body: upTo(BODY.length),
    abort: () => randomInt(0, 60),
  },
];
const WHEEL: readonly Kind[] = KINDS.flatMap((kind) => new Array<Kind>(kind.share).fill(kind));

export class Traffic {
  readonly #name: string;
  readonly #port: number;
  readonly #fail: (what: string) => void;
  readonly #slow: (what: string, ms: number) => void;
  readonly #keep = new http.Agent({ keepAlive: true, maxSockets: 48 });
  readonly #new = new http.Agent({ keepAlive: false });
  #paused = false;
  #open = 0;
  #timer: NodeJS.Timeout | undefined;
  /** Judged answers by kind; aborted ones are counted, not judged. */
  readonly counts = new Map<string, number>();
  readonly latencies: number[] = [];
  readonly backends = new Map<string, number>();

  constructor(name: string, port: number, fail: (what: string) => void, slow: (what: string, ms: number) => void) {
    this.#name = name;
    this.#port = port;
    this.#fail = fail;
    this.#slow = slow;
  }

  start(rate: number): void {
    let last = performance.now();
    let due = 0;
    this.#timer = setInterval(() => {
      const now = performance.now();
      due = this.#paused ? 0 : Math.min(due + ((now - last) / 1000) * rate, 32);
      last = now;
      for (; due >= 1; due -= 1) this.#one();
    }, 10);
  }

  /** No request is open when it resolves, and none begins until `resume`. */
  async pause(): Promise<void> {
    this.#paused = true;
    await until(() => this.#open === 0, { timeout: 2 * PATIENCE, what: 'open requests to end' });
  }

  resume(): void {
    this.#paused = false;
  }

  /** Requests that do not end are a failure, told as one: the report is not lost over them. */
  async stop(): Promise<void> {
    clearInterval(this.#timer);
    await this.pause().catch(() =>
      this.#fail(`${this.#name}: ${this.#open} requests had no end within ${2 * PATIENCE} ms`),
    );
    this.#keep.destroy();
  }

  #one(): void {
    const kind = WHEEL[randomInt(WHEEL.length)];
    if (kind === undefined) return;
    const body = kind.body?.();
    const began = performance.now();
    const keep = randomInt(100) < 85;
    this.#open += 1;
    let done = false;
    let waited = 0;
    const path = kind.path();
    const end = (failure?: string): void => {
      if (done) return;
      done = true;
      this.#open -= 1;
      clearTimeout(abort);
      this.counts.set(kind.name, (this.counts.get(kind.name) ?? 0) + 1);
      const ms = performance.now() - began;
      if (kind.name === 'GET') {
        this.latencies.push(ms);
        this.#slow(
          `${this.#name} GET ${keep ? 'kept' : 'new'}, waited ${waited.toFixed(0)} ms for a socket: ${ms.toFixed(0)} ms`,
          ms,
        );
      }
      if (failure !== undefined && kind.abort === undefined) {
        const size = body === undefined ? '' : ` ${body.length} bytes`;
        const connection = keep ? 'kept' : 'new';
        this.#fail(
          `${this.#name} ${kind.method ?? 'GET'} ${path}${size} (${connection}), ${ms.toFixed(0)} ms: ${failure}`,
        );
      }
    };
    const request = http.request(
      {
        port: this.#port,
        host: '127.0.0.1',
        path,
        method: kind.method ?? 'GET',
        agent: keep ? this.#keep : this.#new,
        timeout: PATIENCE,
        headers: body === undefined ? {} : { 'content-length': body.length },
      },
      (response) => {
        let text = '';
        response.setEncoding('utf8').on('data', (chunk: string) => {
          text += chunk;
        });
        response.on('error', (error) => end(`after status ${response.statusCode}: ${error.message}`));
        response.on('end', () => end(this.#judge(kind, response.statusCode ?? 0, text, body)));
      },
    );
    const abort = kind.abort === undefined ? undefined : setTimeout(() => request.destroy(), kind.abort());
    request.on('socket', () => {
      waited = performance.now() - began;
    });
    request.on('timeout', () => request.destroy(new Error(`no byte for ${PATIENCE} ms`)));
    request.on('error', (error) => end(request.reusedSocket ? `${error.message} (reused socket)` : error.message));
    request.on('close', () => end('closed without an answer'));
    request.end(body);
  }

  #judge(kind: Kind, status: number, text: string, body: Buffer | undefined): string | undefined {
    if (!(kind.status ?? [200]).includes(status)) return `${status} ${text.slice(0, 200)}`;
    if (status !== 200) return undefined;
    const answer = JSON.parse(text) as { readonly name: string; readonly bytes: number; readonly sha1: string };
    this.backends.set(answer.name, (this.backends.get(answer.name) ?? 0) + 1);
    if (body === undefined) return undefined;
    const sha1 = createHash('sha1').update(body).digest('hex');
    return answer.sha1 === sha1 ? undefined : `${answer.bytes} bytes arrived, or others than were sent`;
  }
}
