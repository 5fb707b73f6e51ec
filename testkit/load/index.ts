/**
 * An even stream of requests in the background of a test, every outcome counted. Bounded: ends by `stop`, or after ten minutes. What is due
 * while every connection waits for an answer is not sent, and counted (`held`): a queue here would grow on a machine that is slower than the
 * rate, and look like requests without an end.
 */
import http from 'node:http';
import { until } from '../wait/index.ts';

export class Load {
  readonly #agent: http.Agent;
  readonly #port: number;
  readonly #path: string;
  readonly #timer: NodeJS.Timeout;
  readonly #end = performance.now() + 600_000;
  sent = 0;
  /** Due and not sent. */
  held = 0;
  open = 0;
  ok = 0;
  readonly failures: string[] = [];
  /** Answers by the backend's name. */
  readonly names = new Map<string, number>();

  /** `rate` requests a second over at most `connections` connections. */
  constructor(port: number, rate: number, connections = 32, path = '/') {
    this.#port = port;
    this.#path = path;
    this.#agent = new http.Agent({ keepAlive: true, maxSockets: connections });
    let last = performance.now();
    let due = 0;
    this.#timer = setInterval(() => {
      const now = performance.now();
      due = Math.min(due + ((now - last) / 1000) * rate, connections);
      last = now;
      if (now > this.#end) clearInterval(this.#timer);
      for (; due >= 1; due -= 1)
        if (this.open < connections) this.#one();
        else this.held += 1;
    }, 5);
  }

  /** Waits until `count` more requests were answered or failed. */
  async more(count: number): Promise<void> {
    const wanted = this.ok + this.failures.length + count;
    await until(() => this.ok + this.failures.length >= wanted, { what: `${count} more answers` });
  }

  async stop(): Promise<void> {
    clearInterval(this.#timer);
    await until(() => this.open === 0, { what: 'open requests to end' });
    this.#agent.destroy();
  }

  #one(): void {
    this.sent += 1;
    this.open += 1;
    let done = false;
    const end = (failure?: string, name?: string): void => {
      if (done) return;
      done = true;
      this.open -= 1;
      if (failure !== undefined) this.failures.push(failure);
      else {
        this.ok += 1;
        if (name !== undefined) this.names.set(name, (this.names.get(name) ?? 0) + 1);
      }
    };
    const request = http.get(
      { port: this.#port, host: '127.0.0.1', path: this.#path, agent: this.#agent, timeout: 20_000 },
      (response) => {
        let text = '';
        response.setEncoding('utf8').on('data', (chunk: string) => {
          text += chunk;
        });
        response.on('error', (error) => end(error.message));
        response.on('end', () => {
          // A proxy's own answer says which one it was.
          const told = response.headers['x-weft-answer'];
          if (response.statusCode !== 200)
            return end(`${response.statusCode}${told === undefined ? '' : ` (${String(told)})`}: ${text}`);
          end(undefined, (JSON.parse(text) as { readonly name: string }).name);
        });
      },
    );
    request.on('timeout', () => request.destroy(new Error('no answer within 20 s')));
    request.on('error', (error) => end(error.message));
  }
}
