/** Hostile HTTP/2 backends (row 45 of the attack list): each is answered for with an error or passed over, and costs bounded connections and memory. */
import assert from 'node:assert/strict';
import { after, before, beforeEach, describe, test } from 'node:test';
import { type RunningEngine, residentKib, startEngine } from '@weft/testkit/engine';
import { temporaryFolder } from '@weft/testkit/folder';
import { exchange } from '@weft/testkit/http-client';
import {
  block,
  END_HEADERS,
  END_STREAM,
  type Fields,
  frame,
  Http2Peer,
  Http2Server,
  indexed,
  literal,
  settings,
  TYPES,
  uint32,
} from '@weft/testkit/http2-frames';
import { pairingBootstrap } from '@weft/testkit/pairing';

const OK: Fields = [[':status', '200']];
const goAway = (last: number, error: number): Buffer =>
  frame('GOAWAY', 0, 0, Buffer.concat([uint32(last), uint32(error)]));
const times = (count: number, octets: Buffer): Buffer => Buffer.concat(Array.from({ length: count }, () => octets));
const good = (stream: number): Buffer =>
  Buffer.concat([
    frame('HEADERS', END_HEADERS, stream, block(OK)),
    frame('DATA', END_STREAM, stream, Buffer.from('good')),
  ]);

interface Hostile {
  readonly name: string;
  /** Sent when the connection begins, behind an honest SETTINGS; and in answer to a request on that stream. */
  readonly hello?: Buffer;
  readonly answer?: (stream: number) => Buffer;
  /** What the client of HTTP/1.1 gets: any of these; 0: a connection that breaks. Default 502 or 503. */
  readonly status?: readonly number[];
  /** Connections that one request may cost. */
  readonly connections?: number;
}

const CASES: readonly Hostile[] = [
  { name: 'GOAWAY at once, on every connection', hello: goAway(0, 0), connections: 8 },
  { name: 'GOAWAY for every request', answer: () => goAway(0, 0), connections: 8 },
  { name: 'refuses every stream', answer: (stream) => frame('RST_STREAM', 0, stream, uint32(7)), connections: 8 },
  {
    name: 'PUSH_PROMISE',
    answer: (stream) =>
      Buffer.concat([frame('PUSH_PROMISE', END_HEADERS, stream, Buffer.concat([uint32(2), block(OK)])), good(stream)]),
  },
  {
    name: 'SETTINGS of 2,700 entries',
    hello: frame('SETTINGS', 0, 0, times(2700, settings([99, 1]))),
    answer: good,
    status: [200],
  },
  { name: 'SETTINGS beyond a frame', hello: frame('SETTINGS', 0, 0, times(6000, settings([99, 1]))) },
  { name: 'SETTINGS again and again', hello: times(20_000, frame('SETTINGS', 0, 0)) },
  { name: 'a window above 2^31-1', hello: frame('SETTINGS', 0, 0, settings([4, 0xffffffff])) },
  { name: 'ENABLE_PUSH', hello: frame('SETTINGS', 0, 0, settings([2, 1])) },
  { name: 'PING again and again', answer: () => times(20_000, frame('PING', 0, 0, Buffer.alloc(8))) },
  {
    name: 'ALTSVC and ORIGIN are passed over',
    answer: (stream) =>
      Buffer.concat([
        frame('ALTSVC', 0, 0, Buffer.from([0, 1, 97, 98])),
        frame('ORIGIN', 0, 0, Buffer.from([0, 1, 97])),
        good(stream),
      ]),
    status: [200],
  },
  {
    name: 'CONTINUATION without end',
    answer: (stream) =>
      Buffer.concat([
        frame('HEADERS', 0, stream, block(OK)),
        times(1000, frame('CONTINUATION', 0, stream, literal('x', 'a'.repeat(1000)))),
      ]),
  },
  {
    name: 'a head above the limit',
    answer: (stream) =>
      Buffer.concat([
        frame('HEADERS', 0, stream, block([...OK, ['a', 'x'.repeat(16_000)]])),
        ...['b', 'c', 'd', 'e'].map((name, at) =>
          frame('CONTINUATION', at === 3 ? END_HEADERS | END_STREAM : 0, stream, literal(name, 'x'.repeat(16_000))),
        ),
      ]),
  },
  {
    name: 'an HPACK bomb',
    answer: (stream) =>
      frame(
        'HEADERS',
        END_HEADERS | END_STREAM,
        stream,
        Buffer.concat([block(OK), literal('x', 'a'.repeat(4000), true), times(10_000, indexed(62))]),
      ),
  },
  {
    name: 'interim answers again and again, then a good one',
    answer: (stream) =>
      Buffer.concat([times(50, frame('HEADERS', END_HEADERS, stream, block([[':status', '103']]))), good(stream)]),
    status: [200],
  },
  { name: '101', answer: (stream) => frame('HEADERS', END_HEADERS, stream, block([[':status', '101']])) },
  {
    name: 'CRLF in a value',
    answer: (stream) =>
      frame('HEADERS', END_HEADERS | END_STREAM, stream, block([...OK, ['x', 'a\r\nset-cookie: evil']])),
  },
  {
    name: 'NUL in a name',
    answer: (stream) => frame('HEADERS', END_HEADERS | END_STREAM, stream, block([...OK, ['x\0', 'a']])),
  },
  {
    name: 'transfer-encoding',
    answer: (stream) =>
      frame('HEADERS', END_HEADERS | END_STREAM, stream, block([...OK, ['transfer-encoding', 'chunked']])),
  },
  { name: 'no status', answer: (stream) => frame('HEADERS', END_HEADERS | END_STREAM, stream, block([['x', 'a']])) },
  {
    name: 'a status of letters',
    answer: (stream) => frame('HEADERS', END_HEADERS | END_STREAM, stream, block([[':status', '2e2']])),
  },
  { name: 'data without a head', answer: (stream) => frame('DATA', END_STREAM, stream, Buffer.from('x')) },
  {
    name: 'more data than its length',
    answer: (stream) =>
      Buffer.concat([
        frame('HEADERS', END_HEADERS, stream, block([...OK, ['content-length', '1']])),
        frame('DATA', END_STREAM, stream, Buffer.from('xyz')),
      ]),
    status: [0, 502],
  },
  {
    name: 'less data than its length',
    answer: (stream) =>
      Buffer.concat([
        frame('HEADERS', END_HEADERS, stream, block([...OK, ['content-length', '9']])),
        frame('DATA', END_STREAM, stream, Buffer.from('xyz')),
      ]),
    status: [0, 502],
  },
  { name: 'data on a stream of nobody', answer: () => frame('DATA', 0, 99, Buffer.from('x')) },
  { name: 'a stream of its own', answer: () => frame('HEADERS', END_HEADERS, 2, block(OK)) },
  { name: 'no HTTP/2 at all', hello: Buffer.from('HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nevil') },
];

describe('hostile HTTP/2 backends', () => {
  const folder = temporaryFolder();
  const server = new Http2Server();
  let engine: RunningEngine;
  let hostile: Hostile | undefined;
  before(async () => {
    const port = await server.start();
    server.accept = (peer) => {
      peer.send('SETTINGS', 0, 0, settings());
      if (hostile?.hello !== undefined) peer.write(hostile.hello);
      peer.onFrame = (one) => {
        if (one.type === TYPES.HEADERS)
          peer.write((hostile?.answer ?? (hostile === undefined ? good : () => Buffer.alloc(0)))(one.stream));
      };
    };
    const bootstrap = pairingBootstrap({ backends: { h1: port, h2: port } });
    engine = await startEngine({ engine: 'weft', folder: folder.path, name: 'hostile', bootstrap });
  });
  after(async () => {
    server.stop();
    await engine?.stop();
    folder[Symbol.dispose]();
  });
  beforeEach(() => (hostile = undefined));

  for (const one of CASES) {
    test(`45: ${one.name}`, async () => {
      for (const peer of server.peers.splice(0)) peer.destroy();
      const port = engine.port('auto-h2');
      hostile = one;
      const answer = await exchange({ port }, { path: '/x' }).catch(() => undefined);
      const status = answer?.status ?? 0;
      assert.ok((one.status ?? [502, 503]).includes(status), `status ${status}: ${String(answer?.body)}`);
      assert.equal(answer?.headers['set-cookie'], undefined);
      assert.ok(server.peers.length <= (one.connections ?? 4), `${server.peers.length} connections for one request`);
      // It costs nobody else: the next request is answered, by either version.
      hostile = undefined;
      for (const peer of server.peers.splice(0)) peer.destroy();
      assert.equal((await exchange({ port }, { path: '/y' })).status, 200);
      const client = await Http2Peer.connect(port);
      assert.ok(await client.serves(1));
      client.destroy();
    });
  }

  test('45: again and again they leave memory flat', { timeout: 120_000 }, async () => {
    const round = async (): Promise<void> => {
      for (const one of CASES) {
        for (const peer of server.peers.splice(0)) peer.destroy();
        hostile = one;
        await exchange({ port: engine.port('auto-h2') }, { path: '/x' }).catch(() => undefined);
      }
    };
    for (let count = 0; count < 1; count += 1) await round();
    const start = residentKib(engine.process.pid).now;
    for (let count = 0; count < 1; count += 1) await round();
    const grown = residentKib(engine.process.pid).now - start;
    assert.ok(grown < 32 * 1024, `${grown} KiB more`);
  });
});
