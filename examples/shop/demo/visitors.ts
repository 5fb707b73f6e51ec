/** Visitors of the shop: a bounded, even stream of requests through the visitor's proxy, counted by answer and by version of orders. */
import http from 'node:http';

export class Visitors {
  readonly #agent = new http.Agent({ keepAlive: true, maxSockets: 32 });
  readonly #port: number;
  #timer: NodeJS.Timeout | undefined;
  ok = 0;
  failed = 0;
  lastFailure = '';
  readonly versions = new Map<string, number>();

  constructor(port: number) {
    this.#port = port;
  }

  /** `rate` requests a second, until `stop`. */
  start(rate: number): void {
    let due = 0;
    let last = performance.now();
    this.#timer = setInterval(() => {
      const now = performance.now();
      due = Math.min(due + ((now - last) / 1000) * rate, rate);
      last = now;
      for (; due >= 1; due -= 1) void this.visit();
    }, 10);
  }

  stop(): void {
    clearInterval(this.#timer);
    this.#agent.destroy();
  }

  /** Forgets what was counted. */
  reset(): void {
    this.ok = 0;
    this.failed = 0;
    this.lastFailure = '';
    this.versions.clear();
  }

  async visit(): Promise<void> {
    try {
      const { status, text } = await get({ port: this.#port, agent: this.#agent });
      if (status !== 200) throw new Error(`${status} ${text.trim()}`);
      const { order } = JSON.parse(text) as { readonly order: { readonly orders: string } };
      this.versions.set(order.orders, (this.versions.get(order.orders) ?? 0) + 1);
      this.ok += 1;
    } catch (error) {
      this.failed += 1;
      this.lastFailure = error instanceof Error ? error.message : String(error);
    }
  }
}

export function get(options: http.RequestOptions): Promise<{ readonly status: number; readonly text: string }> {
  return new Promise((resolve, reject) => {
    const request = http.get({ host: '127.0.0.1', path: '/', timeout: 10_000, ...options }, (response) => {
      let text = '';
      response.setEncoding('utf8').on('data', (chunk: string) => {
        text += chunk;
      });
      response.on('error', reject).on('end', () => resolve({ status: response.statusCode ?? 0, text }));
    });
    request.on('timeout', () => request.destroy(new Error('no answer within 10 s')));
    request.on('error', reject);
  });
}
