import assert from 'node:assert/strict';
import { once } from 'node:events';
import { existsSync, statSync, writeFileSync } from 'node:fs';
import { connect, createServer } from 'node:net';
import path from 'node:path';
import { type TestContext, test } from 'node:test';
import type { Endpoint, Listener } from '@weft/core/proxy-config';
import { temporaryFolder } from '@weft/testkit/folder';
import { echoing, StreamServer } from '@weft/testkit/streams';
import { TestProcess } from '@weft/testkit/process';
import { until } from '@weft/testkit/wait';
import { chain, cluster, endpoint, endpointSet, listener, manager, routeTable, tcpProxy } from '../testing/config.ts';
import { config, startEngine } from '../testing/engines.ts';

const rows = (place: string, mode = 0, to: Partial<Endpoint> = {}, over: Partial<Listener> = {}) =>
  config({
    listeners: [
      listener('l', [chain('l', {}, { terminal: tcpProxy('db') })], {
        address: { kind: 'pipe', path: place, mode },
        ...over,
      }),
    ],
    clusters: [cluster('db')],
    endpoints: [endpointSet('db', [endpoint(1, to)])],
    routes: [routeTable('routes', 'db')],
  });

async function ask(place: string, bytes: string): Promise<string> {
  const socket = connect(place);
  await once(socket, 'connect');
  let text = '';
  socket.on('data', (chunk: Buffer) => (text += chunk.toString()));
  socket.write(bytes);
  if (!bytes.startsWith('GET')) socket.end();
  await once(socket, 'end');
  return text;
}

async function backend(context: TestContext, place: string): Promise<Partial<Endpoint>> {
  const server = new StreamServer(echoing('u'));
  await server.start(place.startsWith('@') ? `\0${place.slice(1)}` : place);
  context.after(() => server.stop());
  return { address: { kind: 'pipe', path: place, mode: 0 } };
}

test('TCP from a Unix socket to a Unix socket, with its permissions; also by abstract names', async (context) => {
  using folder = temporaryFolder();
  const front = path.join(folder.path, 'front.sock');
  await startEngine(context, rows(front, 0o600, await backend(context, path.join(folder.path, 'back.sock'))));
  assert.equal(statSync(front).mode & 0o777, 0o600);
  assert.equal(await ask(front, 'hello'), 'u:hello');
  if (process.platform !== 'linux') return;
  const name = `@weft-test-${process.pid}`;
  await startEngine(context, rows(name, 0o600, await backend(context, `${name}-back`)));
  assert.equal(await ask(`\0${name.slice(1)}`, 'hello'), 'u:hello');
  assert.equal(existsSync(name), false);
});

test('HTTP on a Unix socket', async (context) => {
  using folder = temporaryFolder();
  const front = path.join(folder.path, 'front.sock');
  const server = createServer((socket) =>
    socket.once('data', () => socket.end('HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok')),
  );
  server.listen(path.join(folder.path, 'back.sock'));
  await once(server, 'listening');
  context.after(() => server.close());
  const chains = [chain('l', {}, { terminal: manager({ kind: 'rds', name: 'routes' }) })];
  const to = { address: { kind: 'pipe', path: path.join(folder.path, 'back.sock'), mode: 0 } } as const;
  await startEngine(context, rows(front, 0, to, { filterChains: chains }));
  assert.match(await ask(front, 'GET / HTTP/1.1\r\nhost: a\r\nconnection: close\r\n\r\n'), /^HTTP\/1.1 200 OK.*ok$/s);
});

test('the socket of a dead process is replaced; that of a living one, and a file, are not touched', async (context) => {
  using folder = temporaryFolder();
  const dead = path.join(folder.path, 'dead.sock');
  const other = new TestProcess(process.execPath, [
    '-e',
    `require('net').createServer().listen(${JSON.stringify(dead)}, () => console.log('up'))`,
  ]);
  await until(() => other.stdout.includes('up'), { what: 'the other process' });
  const { engine } = await startEngine(context, config({ listeners: [] }));
  const refused = await engine.apply(rows(dead));
  assert.match(refused.faults[0]?.message ?? '', /is in use by another process/);
  other.child.kill('SIGKILL');
  await other.ended();
  assert.ok(existsSync(dead), 'a killed process leaves its socket');
  assert.deepEqual((await engine.apply(rows(dead))).faults, []);
  const file = path.join(folder.path, 'file');
  writeFileSync(file, 'precious');
  assert.match((await engine.apply(rows(file))).faults[0]?.message ?? '', /no socket/);
  assert.equal(statSync(file).size, 8);
});
