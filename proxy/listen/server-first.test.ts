// What a listener does while a caller says nothing: a server that speaks first is waited for by nobody longer than the listener says.
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { connect } from 'node:net';
import { type TestContext, test } from 'node:test';
import type { Listener } from '@weft/core/proxy-config';
import { greeting, StreamServer } from '@weft/testkit/streams';
import { until } from '@weft/testkit/wait';
import { chain, cluster, endpoint, endpointSet, listener, tcpProxy } from '../testing/config.ts';
import { config, startEngine } from '../testing/engines.ts';

const INSPECT: Partial<Listener> = {
  listenerFilters: [{ kind: 'tls-inspector', maxClientHelloBytes: 16_384 }],
  listenerFiltersTimeout: 60,
  continueOnListenerFiltersTimeout: true,
};

async function mailServer(context: TestContext, over: Partial<Listener>): Promise<number> {
  const server = new StreamServer(greeting('mail'));
  context.after(() => server.stop());
  const rows = config({
    listeners: [listener('l', [chain('l', {}, { terminal: tcpProxy('db') })], over)],
    clusters: [cluster('db')],
    endpoints: [endpointSet('db', [endpoint(await server.start())])],
  });
  const { port } = await startEngine(context, rows);
  return port('l');
}

async function heard(
  port: number,
  bytes: readonly number[] = [],
): Promise<{ readonly text: () => string; readonly over: () => boolean }> {
  const socket = connect(port, '127.0.0.1');
  let text = '';
  let over = false;
  socket.on('data', (chunk: Buffer) => (text += chunk.toString('latin1')));
  socket.on('close', () => (over = true));
  socket.on('error', () => undefined);
  await once(socket, 'connect');
  if (bytes.length > 0) socket.write(Uint8Array.from(bytes));
  return { text: () => text, over: () => over };
}

test('without inspectors the greeting comes at once, with them when their time is over', async (context) => {
  for (const over of [{}, INSPECT]) {
    const caller = await heard(await mailServer(context, over));
    await until(() => caller.text() === '220 mail ready\r\n', { what: 'the greeting' });
  }
});

test('half a ClientHello is no plaintext: the connection is closed', async (context) => {
  const caller = await heard(await mailServer(context, INSPECT), [22, 3, 1, 2, 0, 1, 0]);
  await until(caller.over, { what: 'the end' });
  assert.equal(caller.text(), '');
});

test('a ClientHello that waited while the loop was busy counts as in time', async (context) => {
  const port = await mailServer(context, INSPECT);
  // Plain bytes stand for it: they are told from TLS at once, and reach the server behind its greeting.
  const caller = await heard(port, [...Buffer.from('HELO\r\n')]);
  const end = performance.now() + 200;
  while (performance.now() < end);
  await until(() => caller.text() === '220 mail ready\r\n250 HELO\r\n', { what: 'the answer' });
});
