/**
 * Real programs, none of them changed, talk through `weft run` on both engines and across them: what arrives equals what was sent.
 * One mesh, one server workload an engine with a port for each program, one client workload an engine with an upstream to every port.
 */
import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import http from 'node:http';
import net from 'node:net';
import { after, before, describe, test } from 'node:test';
import { exchange } from '@weft/testkit/http-client';
import { command, TestMesh } from '@weft/testkit/mesh';
import { freePort, freePorts } from '@weft/testkit/ports';
import { TestProcess } from '@weft/testkit/process';
import { needs, tool, toolPath } from '@weft/testkit/tools';
import { until } from '@weft/testkit/wait';
import { BulkServer, PATTERN_CHUNK, patternHash } from './backends/bulk-server.ts';
import { startPostgres, startRedis } from './backends/databases.ts';

const ENGINES = tool('envoy') === undefined ? (['weft'] as const) : (['weft', 'envoy'] as const);
type Engine = 'weft' | 'envoy';
/** Port name, protocol; the order is that of the flags. */
const PORTS = [
  ['bulk', 'http'],
  ['stream', 'tcp'],
  ['httpbin', 'http'],
  ['podinfo', 'http'],
  ['podinfo-grpc', 'grpc'],
  ['postgres', 'auto'],
  ['redis', 'tcp'],
] as const;
type PortName = (typeof PORTS)[number][0];

const MEGABYTE = 1024 * 1024;

describe('real services through the mesh', () => {
  const mesh = new TestMesh();
  const bulk = new BulkServer();
  const backends: TestProcess[] = [];
  /** `client>server>port` -> local port */
  const local = new Map<string, number>();

  before(async () => {
    const started = await bulk.start();
    const free = await freePorts(6);
    const [httpbin = 0, podinfo = 0, grpc = 0, postgres = 0, redis = 0, metrics = 0] = free;
    if (tool('go-httpbin') !== undefined)
      backends.push(new TestProcess(toolPath('go-httpbin'), ['-host', '127.0.0.1', '-port', String(httpbin)]));
    if (tool('podinfo') !== undefined) {
      backends.push(
        new TestProcess(toolPath('podinfo'), [
          '--host',
          '127.0.0.1',
          '--port',
          String(podinfo),
          '--grpc-port',
          String(grpc),
          '--port-metrics',
          String(metrics),
        ]),
      );
    }
    if (needs('postgres', 'psql', 'initdb') === false) backends.push(await startPostgres(mesh.folder, postgres));
    if (needs('redis-server', 'redis-cli') === false) backends.push(await startRedis(redis));

    const numbers: Record<PortName, number> = {
      bulk: started.http,
      stream: started.tcp,
      httpbin,
      podinfo,
      'podinfo-grpc': grpc,
      postgres,
      redis,
    };
    const there: Record<PortName, boolean> = {
      bulk: true,
      stream: true,
      httpbin: tool('go-httpbin') !== undefined,
      podinfo: tool('podinfo') !== undefined,
      'podinfo-grpc': tool('podinfo') !== undefined,
      postgres: needs('postgres', 'psql', 'initdb') === false,
      redis: needs('redis-server', 'redis-cli') === false,
    };
    const ports = PORTS.filter(([name]) => there[name]);
    await mesh.up();
    for (const engine of ENGINES) {
      mesh.run(
        '--name',
        `server-${engine}`,
        '--engine',
        engine,
        ...ports.flatMap(([name, protocol]) => ['--port', `${name}:${numbers[name]}/${protocol}`]),
      );
    }
    await mesh.synced(ENGINES.length);
    for (const client of ENGINES) {
      const upstreams: string[] = [];
      for (const server of ENGINES) {
        for (const [name] of ports) {
          const port = await freePort();
          local.set(`${client}>${server}>${name}`, port);
          upstreams.push('--upstream', `server-${server}:${numbers[name]}=${port}`);
        }
      }
      mesh.run('--name', `client-${client}`, '--engine', client, ...upstreams);
    }
    await mesh.synced(2 * ENGINES.length);
    for (const [path, port] of local) {
      if (!path.endsWith('>bulk')) continue;
      await until(async () => (await exchange({ port }, { path: '/1' })).status === 200, { what: path });
    }
  });
  after(async () => {
    await mesh[Symbol.asyncDispose]();
    bulk.stop();
    await Promise.all(backends.map((one) => one.stop()));
  });

  for (const client of ENGINES) {
    for (const server of ENGINES) {
      describe(`${client} to ${server}`, () =>
        cases((name) => local.get(`${client}>${server}>${name}`) ?? 0, [client, server]));
    }
  }
});

function cases(port: (name: PortName) => number, _engines: readonly Engine[]): void {
  test('100 MB down', async () => {
    const total = 100 * MEGABYTE;
    const hash = createHash('sha256');
    let bytes = 0;
    await new Promise<void>((resolve, reject) => {
      http
        .get({ port: port('bulk'), path: `/${total}`, agent: false }, (response) => {
          response.on('data', (chunk: Buffer) => {
            bytes += chunk.length;
            hash.update(chunk);
          });
          response.on('end', resolve).on('error', reject);
        })
        .on('error', reject);
    });
    assert.equal(bytes, total);
    assert.equal(hash.digest('hex'), patternHash(total));
  });

  test('100 MB up, by length; 5 MB chunked with trailers', async () => {
    const total = 100 * MEGABYTE;
    assert.deepEqual(await upload(port('bulk'), total, { 'content-length': String(total) }), {
      bytes: total,
      sha256: patternHash(total),
      trailers: {},
      chunked: false,
    });
    const small = 5 * MEGABYTE;
    const chunked = await upload(
      port('bulk'),
      small,
      { 'transfer-encoding': 'chunked', trailer: 'x-sum' },
      { 'x-sum': 'abc' },
    );
    assert.equal(chunked.bytes, small);
    assert.equal(chunked.sha256, patternHash(small));
    assert.equal(chunked.chunked, true);
  });

  test('curl against go-httpbin: HEAD, 204, 304, Expect: 100-continue, chunked, trailers', {
    skip: needs('curl', 'go-httpbin'),
  }, async () => {
    const base = `http://127.0.0.1:${port('httpbin')}`;
    const curl = async (...args: string[]): Promise<string> =>
      (await command(toolPath('curl'), ['-sS', '--max-time', '60', ...args])).stdout;
    assert.match(await curl('-I', `${base}/get`), /^HTTP\/1.1 200/);
    assert.equal(await curl('-o', '/dev/null', '-w', '%{http_code} %{size_download}', `${base}/status/204`), '204 0');
    assert.equal(
      await curl('-o', '/dev/null', '-w', '%{http_code} %{size_download}', '-H', 'If-None-Match: x', `${base}/cache`),
      '304 0',
    );
    const body = 'x'.repeat(2000);
    const expected = JSON.parse(await curl('-H', 'Expect: 100-continue', '-d', body, `${base}/post`)) as {
      data: string;
      form: Record<string, unknown>;
    };
    assert.ok(JSON.stringify(expected).includes(body));
    const chunked = JSON.parse(
      await curl('-H', 'Transfer-Encoding: chunked', '-H', 'Content-Type: text/plain', '-d', 'hello', `${base}/post`),
    ) as { data: string };
    assert.match(chunked.data, /hello/);
    assert.match(await curl('-i', '--raw', `${base}/trailers?x-check=1`), /x-check: 1/i);
    assert.equal((await curl(`${base}/stream-bytes/65536?seed=1`)).length > 0, true);
  });

  test('a WebSocket echoes', { skip: needs('go-httpbin') }, async () => {
    const socket = new WebSocket(`ws://127.0.0.1:${port('httpbin')}/websocket/echo`);
    const opened = once(socket, 'open');
    await opened;
    for (const text of ['one', 'two'.repeat(20_000)]) {
      const answer = once(socket, 'message');
      socket.send(text);
      const [event] = (await answer) as [MessageEvent];
      assert.equal(event.data, text);
    }
    socket.close();
    await once(socket, 'close');
  });

  test('a half-closed TCP stream is answered', async () => {
    const total = 3 * MEGABYTE;
    const socket = net.connect({ port: port('stream'), host: '127.0.0.1', allowHalfOpen: true });
    let text = '';
    socket.setEncoding('utf8').on('data', (chunk: string) => {
      text += chunk;
    });
    const ended = once(socket, 'end');
    for (let left = total; left > 0; left -= PATTERN_CHUNK.length) socket.write(PATTERN_CHUNK);
    socket.end();
    await ended;
    assert.equal(text, `${total} ${patternHash(total)}\n`);
  });

  test('podinfo over HTTP and gRPC', { skip: needs('podinfo', 'grpcurl') }, async () => {
    const info = await exchange({ port: port('podinfo') }, { path: '/api/info' });
    assert.equal(info.status, 200);
    assert.ok('hostname' in (JSON.parse(info.body.toString()) as object));
    const health = await command(toolPath('grpcurl'), [
      '-plaintext',
      '-max-time',
      '60',
      `127.0.0.1:${port('podinfo-grpc')}`,
      'grpc.health.v1.Health/Check',
    ]);
    assert.match(health.stdout, /SERVING/, health.stderr);
  });

  test('curl speaks HTTP/2 with prior knowledge to go-httpbin and podinfo, which speak HTTP/1.1', {
    skip: needs('curl', 'go-httpbin', 'podinfo'),
  }, async (context) => {
    const curl = async (...args: string[]): Promise<string> =>
      (await command(toolPath('curl'), ['-sS', '--max-time', '60', ...args])).stdout;
    if (!/^Features:.* HTTP2\b/m.test(await curl('-V'))) {
      context.skip('this curl has no HTTP/2');
      return;
    }
    const told = ['--http2-prior-knowledge', '-w', '\n%{http_version} %{http_code}'];
    const posted = await curl(...told, '-d', 'hello', `http://127.0.0.1:${port('httpbin')}/post`);
    assert.match(posted, /"data": "hello"[^]*\n2 200$/);
    assert.match(await curl(...told, `http://127.0.0.1:${port('podinfo')}/version`), /"version"[^]*\n2 200$/);
    const body = await curl(...told, '-T', '/proc/self/exe', '-o', '/dev/null', `http://127.0.0.1:${port('bulk')}/`);
    assert.match(body, /\n2 200$/);
  });

  test('psql reads 10,000 rows', { skip: needs('postgres', 'psql', 'initdb') }, async () => {
    const outcome = await command(
      toolPath('psql'),
      [
        '-h',
        '127.0.0.1',
        '-p',
        String(port('postgres')),
        '-U',
        'postgres',
        '-At',
        '-c',
        'select i, md5(i::text) from generate_series(1, 10000) i',
      ],
      { PGCONNECT_TIMEOUT: '10', PGSSLMODE: 'prefer' },
    );
    const rows = outcome.stdout.trim().split('\n');
    assert.equal(rows.length, 10_000, outcome.stderr);
    assert.equal(rows[9_999], `10000|${createHash('md5').update('10000').digest('hex')}`);
  });

  test('redis-cli sets and gets', { skip: needs('redis-server', 'redis-cli') }, async () => {
    const redis = (...args: string[]) =>
      command(toolPath('redis-cli'), ['-h', '127.0.0.1', '-p', String(port('redis')), ...args]);
    assert.match((await redis('set', 'key', 'a value')).stdout, /OK/);
    assert.equal((await redis('get', 'key')).stdout.trim(), 'a value');
  });
}

interface Uploaded {
  readonly bytes: number;
  readonly sha256: string;
  readonly trailers: Readonly<Record<string, string>>;
  readonly chunked: boolean;
}

function upload(
  port: number,
  total: number,
  headers: Record<string, string>,
  trailers?: Record<string, string>,
): Promise<Uploaded> {
  return new Promise((resolve, reject) => {
    const request = http.request({ port, method: 'PUT', path: '/', headers, agent: false }, (response) => {
      let text = '';
      response.setEncoding('utf8').on('data', (chunk: string) => {
        text += chunk;
      });
      response.on('error', reject);
      response.on('end', () => {
        if (response.statusCode === 200) resolve(JSON.parse(text) as Uploaded);
        else reject(new Error(`${response.statusCode}: ${text}`));
      });
    });
    request.on('error', reject);
    let left = total;
    const more = (): void => {
      while (left > 0) {
        const chunk = left >= PATTERN_CHUNK.length ? PATTERN_CHUNK : PATTERN_CHUNK.subarray(0, left);
        left -= chunk.length;
        if (!request.write(chunk)) {
          request.once('drain', more);
          return;
        }
      }
      if (trailers !== undefined) request.addTrailers(trailers);
      request.end();
    };
    more();
  });
}
