/** A pool under test, with what its clients counted. */
import assert from 'node:assert/strict';
import http from 'node:http';
import type { TestContext } from 'node:test';
import { BroadcastChannel } from 'node:worker_threads';
import type { ProxyConfig } from '@weft/core/proxy-config';
import { exchange, type Received, type Sent } from '@weft/testkit/http-client';
import { prometheusText, statsText } from '@weft/core/metrics';
import { JsonLog, MemorySecrets } from '../../engine/index.ts';
import { type PoolOptions, WorkerPool } from '../pool.ts';
import { type Harm, HARM_CHANNEL } from './failing.ts';

export class TestPool {
  readonly pool: WorkerPool;
  readonly secrets = new MemorySecrets();
  readonly lines: string[] = [];
  readonly #harm = new BroadcastChannel(HARM_CHANNEL);

  constructor(context: TestContext, options: Partial<PoolOptions> = {}) {
    const line = (text: string): void => void this.lines.push(text);
    this.pool = new WorkerPool({
      concurrency: 2,
      entry: new URL('./failing.ts', import.meta.url),
      secrets: this.secrets,
      log: new JsonLog({ now: () => Date.now() }, line, 'info'),
      line,
      warmTime: 2000,
      ...options,
    });
    context.after(async () => {
      this.#harm.close();
      await this.pool.stop();
    });
    this.pool.start();
  }

  async apply(config: ProxyConfig): Promise<void> {
    assert.deepEqual((await this.pool.apply(config)).faults, []);
  }

  async port(listener: string): Promise<number> {
    const { listeners } = await this.pool.report();
    const [address] = listeners.find(({ name }) => name === listener)?.addresses ?? [];
    assert.ok(address !== undefined && 'port' in address && address.port > 0, `listener ${listener} is not bound`);
    return address.port;
  }

  harm(harm: Harm): void {
    this.#harm.postMessage(harm);
  }

  /** By Envoy's dotted name. */
  async stat(name: string): Promise<string | undefined> {
    const { families } = await this.pool.report();
    return statsText(families, (dotted) => dotted === name)
      .trim()
      .split(': ')[1];
  }

  /** Lines of Prometheus' exposition that begin so. */
  async metrics(start: string): Promise<string[]> {
    const { families } = await this.pool.report();
    return prometheusText(families)
      .split('\n')
      .filter((line) => line.startsWith(start));
  }
}

/** `count` exchanges at once, each on a connection of its own. */
export const burst = (port: number, count: number, sent: Sent = {}): Promise<(Received | Error)[]> =>
  Promise.all(
    Array.from({ length: count }, () =>
      exchange({ port }, sent).catch((error: unknown) => (error instanceof Error ? error : new Error(String(error)))),
    ),
  );

export const keptAlive = (connections: number): http.Agent =>
  new http.Agent({ keepAlive: true, maxSockets: connections });
