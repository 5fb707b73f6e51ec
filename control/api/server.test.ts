import assert from 'node:assert/strict';
import { chmodSync, existsSync, statSync, writeFileSync } from 'node:fs';
import http from 'node:http';
import net from 'node:net';
import path from 'node:path';
import { test } from 'node:test';
import { temporaryFolder } from '@weft/testkit/folder';
import { until } from '@weft/testkit/wait';
import { memoryStore } from '../store/memory/index.ts';
import { type ExtraRoute, hasRole } from './extra-route.ts';
import { answer } from './handlers/call.ts';
import { Resources } from './resources.ts';
import { ApiServer } from './server.ts';
import { runApi, service, systemClock } from './testing/running-api.ts';

const SERVICES = '/api/v1/namespaces/default/services';

test('tokens and roles over HTTP: 401 without or with a wrong one, 403 beyond the role, the author in the log', async (t) => {
  const { call, server, store } = await runApi(t);
  for (const authorization of [
    '',
    'Bearer',
    'Bearer x',
    'Basic eDp5',
    'Bearer weft_0123456789_',
    `Bearer ${'x'.repeat(9000)}`,
  ]) {
    const refused = await call('GET', SERVICES, undefined, { authorization });
    assert.deepEqual([refused.code, refused.body.reason], [401, 'Unauthorized'], authorization.slice(0, 50));
    assert.equal(refused.headers.get('www-authenticate'), 'Bearer realm="weft"');
  }
  const token = async (role: 'edit' | 'view') => {
    const made = await server.tokens.create('test', {
      user: `${role}or`,
      bindings: [{ role, namespace: 'default' }],
      ttlMs: 60_000,
    });
    assert.ok(made.ok);
    return { authorization: `Bearer ${made.value.token}` };
  };
  const [editor, viewer] = [await token('edit'), await token('view')];
  assert.equal((await call('POST', SERVICES, service('a'), editor)).code, 201);
  assert.equal(
    (await store.history({ group: '', kind: 'Service', namespace: 'default', name: 'a' }))[0]?.author,
    'editor',
  );
  assert.equal((await call('GET', `${SERVICES}/a`, undefined, viewer)).code, 200);
  const refusals: readonly (readonly [string, string, unknown, Record<string, string>])[] = [
    ['POST', SERVICES, service('b'), viewer],
    ['DELETE', `${SERVICES}/a`, undefined, viewer],
    ['POST', `${SERVICES}/a/rollback`, { revision: 1 }, viewer],
    ['GET', '/api/v1/services', undefined, viewer],
    ['GET', '/api/v1/namespaces/other/services', undefined, viewer],
    ['GET', '/api/v1/namespaces', undefined, editor],
    ['GET', '/api/v1/namespaces/other/services/a/history', undefined, editor],
    ['PUT', `${SERVICES}/a/status`, service('a'), editor],
    ['DELETE', '/apis/weft.dev/v1alpha1/meshes/default', undefined, editor],
  ];
  for (const [method, where, body, headers] of refusals) {
    const refused = await call(method, where, body, headers);
    assert.deepEqual([refused.code, refused.body.reason], [403, 'Forbidden'], `${method} ${where}`);
    assert.match(refused.body.message, /^user "\w+" cannot \w+ resource "/);
  }
});

test('limits: bodies, heads, depth, encodings, methods; the connection is not reused after a body nobody read', async (t) => {
  const { call } = await runApi(t);
  const big = await call('POST', SERVICES, `"${'x'.repeat(3 * 1024 * 1024)}"`);
  assert.deepEqual([big.code, big.body.reason], [413, 'RequestEntityTooLarge']);
  assert.equal((await call('POST', SERVICES, '['.repeat(10_000))).code, 400);
  assert.equal((await call('POST', SERVICES, service('a'), { 'content-encoding': 'gzip' })).code, 415);
  assert.equal((await call('GET', `${SERVICES}?labelSelector=${'a'.repeat(9000)}`)).code, 400);
  assert.equal((await call('GET', SERVICES, undefined, { 'x-long': 'y'.repeat(40_000) })).code, 431);
  assert.equal((await call('OPTIONS', SERVICES)).code, 405);
  assert.equal((await call('DELETE', SERVICES)).code, 405);
  const early = await call('POST', '/nowhere', 'x'.repeat(100_000));
  assert.deepEqual([early.code, early.headers.get('connection')], [404, 'close']);
});

/** What a raw connection got until its end. */
function raw(url: string, bytes: string): Promise<string> {
  return new Promise((resolve) => {
    const { hostname, port } = new URL(url);
    const socket = net.connect(Number(port), hostname, () => socket.write(bytes));
    let got = '';
    socket.setEncoding('utf8').on('data', (text: string) => {
      got += text;
    });
    socket.on('close', () => resolve(got));
    socket.on('error', () => undefined);
  });
}

test('a client that sends its head or body too slowly is cut off', async (t) => {
  const { url, token } = await runApi(t, { limits: { headersTimeout: 150, requestTimeout: 300 } });
  const head = `POST ${SERVICES} HTTP/1.1\r\nhost: x\r\nauthorization: Bearer ${token}\r\n`;
  assert.match(await raw(url, 'GET / HTTP/1.1\r\nhost: x\r\n'), /^HTTP\/1\.1 408 /);
  assert.match(await raw(url, `${head}content-length: 10\r\n\r\nabc`), /^HTTP\/1\.1 408 /);
  assert.match(await raw(url, 'GET / HTTP/1.1\r\n\r\n'), /^HTTP\/1\.1 400 /);
});

test('more connections than the limit are closed', async (t) => {
  const { url, call } = await runApi(t, { limits: { connections: 2 } });
  const { hostname, port } = new URL(url);
  const held = [1, 2].map(() => net.connect(Number(port), hostname));
  t.after(() => held.forEach((socket) => socket.destroy()));
  await until(() => held.every(({ readyState }) => readyState === 'open'));
  await assert.rejects(call('GET', SERVICES));
  for (const socket of held) socket.destroy();
  await until(async () => (await call('GET', SERVICES)).code === 200);
});

test('Unix socket: admin without a token, private, a dead one replaced, a living one respected', async (t) => {
  using folder = temporaryFolder();
  chmodSync(folder.path, 0o700);
  const { server, store } = await runApi(t);
  const socketPath = path.join(folder.path, 'api.sock');
  writeFileSync(socketPath, '');
  assert.ok((await server.listenUnix(socketPath)).ok);
  assert.equal(statSync(socketPath).mode & 0o777, 0o600);
  const status = (headers: Record<string, string> = {}, method = 'GET', where = SERVICES, body = '') =>
    new Promise<number>((resolve, reject) => {
      http
        .request({ socketPath, path: where, method, headers }, (response) => {
          response.resume();
          response.on('end', () => resolve(response.statusCode ?? 0));
        })
        .on('error', reject)
        .end(body);
    });
  assert.equal(await status(), 200);
  assert.equal(await status({ authorization: 'Bearer weft_wrong' }), 401);
  assert.equal(
    await status({ 'content-type': 'application/json' }, 'POST', SERVICES, JSON.stringify(service('a'))),
    201,
  );
  const [entry] = await store.history({ group: '', kind: 'Service', namespace: 'default', name: 'a' });
  assert.match(entry?.author ?? '', /^local:/);
  const second = new ApiServer({
    resources: new Resources(memoryStore()),
    version: '0',
    wall: { now: () => 0 },
    monotonic: systemClock,
    defect: () => undefined,
  });
  const refused = await second.listenUnix(socketPath);
  assert.match(refused.ok ? '' : refused.error, /another process listens there: stop it/);
  const tooLong = await second.listenUnix(path.join(folder.path, 'x'.repeat(150)));
  assert.match(tooLong.ok ? '' : tooLong.error, /too long for a Unix socket/);
  await second.stop();
  await server.stop();
  assert.equal(existsSync(socketPath), false);
});

test('stop lets a running request end and takes no new one', async (t) => {
  const api = await runApi(t);
  let release = (): void => undefined;
  const held = new Promise<void>((resolve) => {
    release = resolve;
  });
  const write = api.store.write.bind(api.store);
  api.store.write = async (author, changes) => {
    await held;
    return write(author, changes);
  };
  const running = api.call('POST', SERVICES, service('a'));
  await until(async () => (await api.call('GET', SERVICES)).code === 200);
  const stopping = api.server.stop(5000);
  await assert.rejects(api.call('GET', SERVICES));
  release();
  assert.equal((await running).code, 201);
  await stopping;
});

test('further paths: tokens by admins of everything, routes of whoever wires the server', async (t) => {
  const seen: ExtraRoute = {
    method: 'GET',
    path: '/weft/v1/seen/:name',
    allowed: (user, { name }) => hasRole(user, 'view', name),
    run: ({ params, user }) => answer({ name: params['name'], user: user.name }),
  };
  const { call } = await runApi(t, { extra: [seen] });
  const wish = { user: 'ci', bindings: [{ role: 'view', namespace: 'shop' }], ttlMs: 60_000 };
  const { code, body } = await call('POST', '/weft/v1/apitokens', wish);
  assert.equal(code, 201);
  const bearer = { authorization: `Bearer ${body.token}` };
  assert.deepEqual((await call('GET', '/weft/v1/seen/shop', undefined, bearer)).body, { name: 'shop', user: 'ci' });
  assert.equal((await call('GET', '/weft/v1/seen/other', undefined, bearer)).code, 403);
  assert.equal((await call('POST', '/weft/v1/apitokens', wish, bearer)).code, 403);
  assert.equal((await call('POST', '/weft/v1/seen/shop', {})).code, 405);
  assert.equal((await call('GET', '/weft/v1/unseen')).code, 404);
  const listed = (await call('GET', '/weft/v1/apitokens')).body.items;
  const users: string[] = listed.map((token: { user: string }) => token.user);
  assert.deepEqual(users.sort(), ['ci', 'root']);
  assert.equal(JSON.stringify(listed).includes('hash'), false);
  assert.equal((await call('DELETE', `/weft/v1/apitokens/${body.id}`)).code, 200);
  assert.equal((await call('GET', '/weft/v1/seen/shop', undefined, bearer)).code, 401);
  assert.equal((await call('DELETE', `/weft/v1/apitokens/${body.id}`)).code, 404);
  for (const bad of [
    {},
    { ...wish, user: '' },
    { ...wish, ttlMs: -1 },
    { ...wish, bindings: [{ role: 'god', namespace: '*' }] },
  ]) {
    assert.equal((await call('POST', '/weft/v1/apitokens', bad)).code, 400);
  }
});

test('impersonation is refused, not ignored', async (t) => {
  const { call } = await runApi(t);
  assert.equal((await call('GET', SERVICES, undefined, { 'impersonate-user': 'x' })).code, 400);
});

test('a port in use is said with its remedy; readiness is the control plane’s word', async (t) => {
  const { server, url } = await runApi(t);
  const taken = await server.listenTcp('127.0.0.1', Number(new URL(url).port));
  assert.match(
    taken.ok ? '' : taken.error,
    /the port is in use: stop what listens there or choose another with --listen/,
  );
});
