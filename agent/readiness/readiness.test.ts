import assert from 'node:assert/strict';
import http from 'node:http';
import net from 'node:net';
import { test } from 'node:test';
import { FakeClock } from '@weft/testkit/clock';
import { Readiness, loopbackProbe } from './index.ts';

const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

test('ready at the first success, out after two failures in a row', async () => {
  const clock = new FakeClock();
  const told: string[] = [];
  let accepts = false;
  let probes = 0;
  const readiness = new Readiness(
    [{ name: 'http', port: 1 }],
    clock,
    () => {
      probes += 1;
      return Promise.resolve(accepts);
    },
    (name, ready) => told.push(`${name} ${ready}`),
  );
  const advance = async (ms: number): Promise<void> => {
    clock.advance(ms);
    await turn();
  };
  readiness.start();
  await turn();
  await advance(50);
  await advance(50);
  assert.deepEqual([probes, told], [3, []]);
  accepts = true;
  await advance(50);
  assert.deepEqual(told, ['http true']);
  accepts = false;
  await advance(1000);
  accepts = true;
  await advance(50);
  assert.deepEqual(told, ['http true'], 'one failure is forgiven');
  accepts = false;
  await advance(1000);
  await advance(50);
  assert.deepEqual(told, ['http true', 'http false']);
  readiness.stop();
  assert.equal(clock.waiting, 0);
});

test('the TCP probe sees a listener on either loopback, and nothing else', async () => {
  for (const host of ['127.0.0.1', '::1']) {
    const server = net.createServer((socket) => socket.destroy());
    await new Promise<void>((resolve) => server.listen(0, host, resolve));
    const address = server.address();
    const port = typeof address === 'object' && address !== null ? address.port : 0;
    assert.equal(await loopbackProbe()({ name: 'http', port }), true, host);
    await new Promise((resolve) => server.close(resolve));
    assert.equal(await loopbackProbe()({ name: 'http', port }), false);
  }
});

test('with a GET: ready while it is answered with 200 to 399, not when it fails, is late, or the port does not accept', async (context) => {
  let status = 200;
  const asked: string[] = [];
  const server = http.createServer((request, response) => {
    asked.push(`${request.method} ${request.url}`);
    if (status > 0) response.writeHead(status).end('x'.repeat(100_000));
  });
  context.after(() => {
    server.closeAllConnections();
    server.close();
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  const port = typeof address === 'object' && address !== null ? address.port : 0;
  const ready = (get: { port: number; path: string }, accepting = port): Promise<boolean> =>
    loopbackProbe(200)({ name: 'http', port: accepting, get });
  for (const [answered, expected] of [
    [200, true],
    [302, true],
    [404, false],
    [503, false],
    [0, false],
  ] as const) {
    status = answered;
    assert.equal(await ready({ port, path: '/ready?now' }), expected, String(answered));
  }
  assert.deepEqual([...new Set(asked)], ['GET /ready?now']);
  status = 200;
  assert.equal(await ready({ port, path: '/' }, 1), false);
  assert.equal(await ready({ port: 1, path: '/' }), false);
});
