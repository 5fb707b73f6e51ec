/** For tests: an API over a store in memory, on a loopback port, with a token of an admin. */
import assert from 'node:assert/strict';
import type { TestContext } from 'node:test';
import type { MonotonicClock } from '@weft/core/kernel';
import { memoryStore } from '../../store/memory/index.ts';
import type { Store } from '../../store/index.ts';
import { createDefaults } from '../defaults.ts';
import type { ExtraRoute } from '../extra-route.ts';
import { Resources } from '../resources.ts';
import { type ApiLimits, ApiServer } from '../server.ts';

export interface RunningApi {
  readonly store: Store;
  readonly resources: Resources;
  readonly server: ApiServer;
  readonly url: string;
  readonly token: string;
  readonly defects: unknown[];
  /** Sends JSON as the admin; `body` of the answer is parsed when it is JSON. */
  call(method: string, path: string, body?: unknown, headers?: Record<string, string>): Promise<Called>;
}

export interface Called {
  readonly code: number;
  readonly headers: Headers;
  // oxlint-disable-next-line typescript/no-explicit-any -- tests look into it by path
  readonly body: any;
}

export const systemClock: MonotonicClock = {
  now: () => performance.now(),
  after: (delay, callback) => {
    const timer = setTimeout(callback, delay);
    timer.unref();
    return { cancel: () => clearTimeout(timer) };
  },
};

export async function runApi(
  t: TestContext,
  options: {
    monotonic?: MonotonicClock;
    store?: Store;
    limits?: Partial<ApiLimits>;
    extra?: readonly ExtraRoute[];
  } = {},
): Promise<RunningApi> {
  const { store = memoryStore(), monotonic = systemClock, limits = {}, extra = [] } = options;
  assert.ok((await store.start()).ok);
  const resources = new Resources(store);
  await resources.start();
  assert.ok((await createDefaults(resources)).ok);
  const defects: unknown[] = [];
  const wall = { now: () => Date.now() };
  const server = new ApiServer({
    resources,
    version: '0.1.0',
    limits,
    extra,
    wall,
    monotonic,
    defect: (error) => defects.push(error),
  });
  const address = await server.listenTcp('127.0.0.1', 0);
  assert.ok(address.ok);
  const created = await server.tokens.create('test', {
    user: 'root',
    bindings: [{ role: 'admin', namespace: '*' }],
    ttlMs: 0,
  });
  assert.ok(created.ok);
  t.after(async () => {
    await server.stop();
    resources.stop();
    await store.stop();
    assert.deepEqual(defects, []);
  });
  const url = `http://127.0.0.1:${address.value.port}`;
  const { token } = created.value;
  return {
    store,
    resources,
    server,
    url,
    token,
    defects,
    call: async (method, path, body, headers = {}) => {
      const response = await fetch(`${url}${path}`, {
        method,
        headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json', ...headers },
        ...(body === undefined ? {} : { body: typeof body === 'string' ? body : JSON.stringify(body) }),
      });
      const text = await response.text();
      const json = response.headers.get('content-type')?.startsWith('application/json') === true;
      return { code: response.status, headers: response.headers, body: json && text !== '' ? JSON.parse(text) : text };
    },
  };
}

export const service = (name: string, spec: object = {}): Record<string, unknown> => ({
  apiVersion: 'v1',
  kind: 'Service',
  metadata: { name },
  spec: { ports: [{ port: 80 }], ...spec },
});
