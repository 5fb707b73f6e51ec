// Filters that wait and filters that change answers later than they come: what is held, what goes on, and what is left when somebody leaves.
import assert from 'node:assert/strict';
import { Buffer } from 'node:buffer';
import net from 'node:net';
import { test } from 'node:test';
import { brotliDecompressSync, gunzipSync, zstdDecompressSync } from 'node:zlib';
import type { Compression, HttpFilter } from '@weft/core/proxy-config';
import { forwardTo, prefix, routeConfiguration, routeOf, virtualHost } from '../http/testing/configuration.ts';
import { Harness, TestCluster } from '../http/testing/harness.ts';
import { converse, eventually, headBackend, rawBackend, type RawBackend } from '../http/testing/wire.ts';

const ROUTES = routeConfiguration([virtualHost([routeOf(prefix('/'), forwardTo('a'))])]);
const ALL = { numerator: 100, denominator: 100 } as const;

const fault = (more: Partial<Extract<HttpFilter, { kind: 'fault' }>>): HttpFilter => ({
  kind: 'fault',
  name: 'fault',
  disabled: false,
  delay: undefined,
  abort: undefined,
  upstreamCluster: '',
  headers: [],
  downstreamNodes: [],
  maxActiveFaults: undefined,
  responseRateLimit: undefined,
  downstreamClusterStats: false,
  ...more,
});

const compressor = (library: Compression): HttpFilter => ({
  kind: 'compressor',
  name: 'compressor',
  disabled: false,
  libraryName: 'text',
  library,
  enabled: true,
  minContentLength: 30,
  contentTypes: ['text/plain'],
  disableOnEtag: false,
  removeAcceptEncoding: false,
  uncompressibleStatuses: [],
  chooseFirst: false,
});

async function between(
  backend: RawBackend,
  httpFilters: readonly HttpFilter[],
  body: (harness: Harness) => Promise<void>,
  streamIdle = 300_000,
): Promise<void> {
  const harness = new Harness({
    routes: ROUTES,
    clusters: [new TestCluster('a', [backend.port])],
    manager: {
      httpFilters,
      timeouts: {
        request: 0,
        requestHeaders: 0,
        streamIdle,
        idle: 3_600_000,
        maxConnectionDuration: 0,
        maxStreamDuration: 0,
        drain: 5000,
        delayedClose: 1000,
      },
    },
  });
  await harness.start();
  try {
    await body(harness);
  } finally {
    await harness.stop();
    await backend.stop();
  }
}

const ACTIVE = 'http.test.fault.active_faults';
const FOREVER = fault({ delay: { fixed: 3_600_000, fraction: ALL } });

test('a client that leaves while its request waits takes everything with it', async () => {
  const backend = await headBackend(() => 'HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n');
  await between(backend, [FOREVER], async (harness) => {
    const socket = net.connect(harness.port, '127.0.0.1');
    socket.on('error', () => {});
    socket.write('POST / HTTP/1.1\r\nhost: a\r\ncontent-length: 9\r\n\r\nabc');
    await eventually(() => harness.counters.get(ACTIVE) === 1, 'the request waits');
    socket.destroy();
    await harness.recorded(1);
    assert.equal(harness.counters.get(ACTIVE), 0);
    assert.equal(harness.records[0]?.flags, 'DI,DC');
    assert.equal(backend.sockets.length, 0);
  });
});

test('a request that waits longer than the stream may be idle is answered', async () => {
  const backend = await headBackend(() => 'HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n');
  await between(
    backend,
    [FOREVER],
    async (harness) => {
      const answer = await converse(harness.port, 'GET / HTTP/1.1\r\nhost: a\r\nconnection: close\r\n\r\n');
      assert.match(answer, /^HTTP\/1\.1 504 /);
      assert.equal(harness.counters.get(ACTIVE), 0);
    },
    50,
  );
});

test('a body that arrives while its request waits is held to the limit, and arrives whole', async () => {
  const size = 5_000_000;
  const backend = await rawBackend((socket, text) => {
    const head = text.indexOf('\r\n\r\n');
    if (head >= 0 && text.length === head + 4 + size) socket.write('HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok');
  });
  await between(backend, [fault({ delay: { fixed: 60, fraction: ALL } })], async (harness) => {
    const request = `POST / HTTP/1.1\r\nhost: a\r\nconnection: close\r\ncontent-length: ${size}\r\n\r\n${'x'.repeat(size)}`;
    assert.match(await converse(harness.port, request), /^HTTP\/1\.1 200 [^]*ok$/);
    assert.equal(harness.records[0]?.bytesReceived, size);
  });
});

test('a client that leaves amid an answer of limited pace leaves no fault behind', async () => {
  const backend = await headBackend(() => `HTTP/1.1 200 OK\r\ncontent-length: 900000\r\n\r\n${'x'.repeat(900_000)}`);
  await between(backend, [fault({ responseRateLimit: { fixed: 1, fraction: ALL } })], async (harness) => {
    const socket = net.connect(harness.port, '127.0.0.1');
    socket.on('error', () => {});
    socket.write('GET / HTTP/1.1\r\nhost: a\r\n\r\n');
    await new Promise<void>((done) => socket.once('data', () => done()));
    socket.destroy();
    await harness.recorded(1);
    assert.equal(harness.counters.get(ACTIVE), 0);
  });
});

test('answers whose ends are held at the same time keep to their own clients', async () => {
  const backend = await headBackend((_, head) => {
    const name = /^GET \/(\d+)/.exec(head)?.[1] ?? '';
    return `HTTP/1.1 200 OK\r\nx-name: ${name}\r\ncontent-length: 4000\r\n\r\n${name.padStart(4000, '.')}`;
  });
  await between(backend, [fault({ responseRateLimit: { fixed: 16, fraction: ALL } })], async (harness) => {
    const names = Array.from({ length: 30 }, (_, index) => String(index + 100));
    const answers = await Promise.all(
      names.map((name) => converse(harness.port, `GET /${name} HTTP/1.1\r\nhost: a\r\nconnection: close\r\n\r\n`)),
    );
    answers.forEach((answer, index) => {
      const name = names[index] as string;
      const [head = '', body, ...more] = answer.split('\r\n\r\n');
      assert.match(head, new RegExp(`^HTTP/1.1 200 [^]*x-name: ${name}\r\n`));
      assert.match(body ?? '', /^(?:[0-9a-f]+\r\n)?\.{100,}/);
      assert.deepEqual(
        more.filter((part) => part !== ''),
        [],
      );
    });
  });
});

const LIBRARIES: readonly (readonly [Compression, (bytes: Buffer) => Buffer])[] = [
  [
    { encoding: 'gzip', level: undefined, memoryLevel: 5, strategy: 0, windowBits: 12, chunkSize: 4096 },
    (bytes) => gunzipSync(bytes),
  ],
  [
    { encoding: 'br', quality: 3, windowBits: 18, inputBlockBits: 24, mode: 'generic', chunkSize: 4096 },
    (bytes) => brotliDecompressSync(bytes),
  ],
  [{ encoding: 'zstd', level: 3, checksum: true, strategy: 0, chunkSize: 4096 }, (bytes) => zstdDecompressSync(bytes)],
];

for (const [library, decompress] of LIBRARIES) {
  test(`${library.encoding}: an answer of 3 MB comes out as it went in, and smaller`, async () => {
    const text = Array.from({ length: 200_000 }, (_, line) => `line ${line * 7919}\n`).join('');
    const backend = await headBackend(
      () => `HTTP/1.1 200 OK\r\ncontent-type: text/plain\r\ncontent-length: ${text.length}\r\n\r\n${text}`,
    );
    await between(backend, [compressor(library)], async (harness) => {
      const answer = await converse(
        harness.port,
        `GET / HTTP/1.1\r\nhost: a\r\nconnection: close\r\naccept-encoding: ${library.encoding}\r\n\r\n`,
      );
      const end = answer.indexOf('\r\n\r\n') + 4;
      assert.match(answer.slice(0, end), new RegExp(`content-encoding: ${library.encoding}\r\n`));
      const body = unchunked(answer.slice(end));
      assert.ok(body.length < text.length / 2);
      assert.equal(decompress(body).toString('latin1'), text);
    });
  });
}

function unchunked(text: string): Buffer {
  const parts: string[] = [];
  let at = 0;
  for (;;) {
    const line = text.indexOf('\r\n', at);
    const size = Number.parseInt(text.slice(at, line), 16);
    if (size === 0) return Buffer.from(parts.join(''), 'latin1');
    parts.push(text.slice(line + 2, line + 2 + size));
    at = line + 2 + size + 2;
  }
}
