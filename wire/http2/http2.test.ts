import assert from 'node:assert/strict';
import { once } from 'node:events';
import http2 from 'node:http2';
import net, { type AddressInfo } from 'node:net';
import { test } from 'node:test';
import fc from 'fast-check';
import { block, frame, GET, joined, octets, OPENING } from './testing/bytes.ts';
import { EchoServer, SETTINGS } from './testing/echo.ts';

const run = (...parts: Uint8Array[]): EchoServer => {
  const server = new EchoServer();
  const bytes = joined([OPENING, ...parts]);
  server.connection.receive(bytes, 0, bytes.length);
  return server;
};
const get = (more: readonly (readonly [string, string])[] = [], id = 1, flags = 5): Uint8Array =>
  frame(1, flags, id, block([...GET, ...more]));
const post = (more: readonly (readonly [string, string])[] = [], id = 1): Uint8Array =>
  frame(1, 4, id, block([[':method', 'POST'], ...GET.slice(1), ...more]));

const EVERYTHING = joined([
  OPENING,
  get([
    ['x-a', 'b'],
    ['cookie', 'a=1'],
    ['cookie', ''],
    ['cookie', 'b=2'],
    ['cookie', ''],
    ['host', 'a.example'],
  ]),
  post([['content-length', '5']], 3),
  frame(2, 0, 3, '0000000010'),
  frame(0, 8, 3, '026865' + '0000'),
  frame(6, 0, 0, '0011223344556677'),
  frame(0, 0, 3, octets('llo')),
  frame(200, 0, 3, 'abcdef'),
  frame(1, 5, 3, block([['x-check', 'sum']])),
  frame(1, 1, 5, block(GET).subarray(0, 4)),
  frame(9, 0, 5, ''),
  frame(9, 4, 5, block(GET).subarray(4)),
  frame(3, 0, 5, '00000008'),
  post([], 7),
  frame(3, 0, 7, '00000008'),
]);

test('one connection with everything on it', () => {
  const server = new EchoServer();
  server.connection.receive(EVERYTHING, 0, EVERYTHING.length);
  assert.deepEqual(server.seen, [
    '1 GET http /x?y a.example | host: a.example | x-a: b | cookie: a=1; b=2',
    '3 POST http /x?y a.example | host: a.example | content-length: 5',
    '3 body hello trailer x-check: sum',
    '5 GET http /x?y a.example | host: a.example',
    '7 POST http /x?y a.example | host: a.example',
    '7 reset 8 remote',
  ]);
  assert.equal(server.connection.streams.size, 0);
});

test('however the octets are split, the same is seen and answered', () => {
  const whole = new EchoServer();
  whole.connection.receive(EVERYTHING, 0, EVERYTHING.length);
  fc.assert(
    fc.property(fc.array(fc.integer({ min: 1, max: 60 }), { minLength: 1, maxLength: 40 }), (sizes) => {
      const server = new EchoServer();
      let at = 0;
      for (let turn = 0; at < EVERYTHING.length; turn += 1) {
        const end = Math.min(EVERYTHING.length, at + (sizes[turn % sizes.length] ?? 1));
        const copy = EVERYTHING.slice(at, end);
        server.connection.receive(copy, 0, copy.length);
        copy.fill(255);
        at = end;
      }
      assert.deepEqual(server.seen, whole.seen);
    }),
    { numRuns: 100 },
  );
});

const BROKEN: readonly (readonly [why: string, expected: string, ...parts: Uint8Array[]])[] = [
  ['a frame above 16 kB', 'failed frame-size', frame(0, 0, 1, new Uint8Array(16_385))],
  ['DATA on stream 0', 'failed stream-id', frame(0, 0, 0, '00')],
  ['DATA on an idle stream', 'failed stream-idle', frame(0, 0, 1, '00')],
  ['DATA behind END_STREAM', 'failed stream-closed', get(), frame(0, 0, 1, '00')],
  ['HEADERS on stream 0', 'failed stream-id', frame(1, 5, 0, block(GET))],
  ['HEADERS on an even stream', 'failed stream-id', frame(1, 5, 2, block(GET))],
  ['HEADERS on a lower stream', 'failed stream-closed', get([], 5), get([], 3)],
  ['HEADERS behind END_STREAM', 'failed stream-closed', get(), get()],
  ['HEADERS depending on itself', 'failed dependency', frame(1, 37, 1, joined([octets('\0\0\0\x01\0'), block(GET)]))],
  ['a broken header block', 'failed compression', frame(1, 5, 1, 'be')],
  ['padding of all', 'failed padding', get([], 1, 4), frame(0, 8, 1, '0500000000')],
  [
    'another frame in a header block',
    'failed continuation',
    frame(1, 1, 1, block(GET)),
    frame(6, 0, 0, '0'.repeat(16)),
  ],
  ['CONTINUATION of nothing', 'failed continuation', frame(9, 4, 1, '')],
  [
    'CONTINUATION without end',
    'failed header-block',
    frame(1, 1, 1),
    ...Array.from({ length: 17 }, () => frame(9, 0, 1)),
  ],
  [
    'a header block too long',
    'failed header-block',
    frame(1, 1, 1),
    ...Array.from({ length: 3 }, () => frame(9, 0, 1, new Uint8Array(16_000))),
  ],
  ['PRIORITY of 4 octets', 'failed frame-size', frame(2, 0, 1, '00000000')],
  ['RST_STREAM on an idle stream', 'failed stream-idle', frame(3, 0, 1, '00000000')],
  ['RST_STREAM of 3 octets', 'failed frame-size', get([], 1, 4), frame(3, 0, 1, '000000')],
  ['SETTINGS on a stream', 'failed stream-id', frame(4, 0, 1)],
  ['SETTINGS of 5 octets', 'failed frame-size', frame(4, 0, 0, '0000000000')],
  ['SETTINGS ACK with payload', 'failed frame-size', frame(4, 1, 0, '000000000000')],
  ['ENABLE_PUSH 2', 'failed settings', frame(4, 0, 0, '000200000002')],
  ['a window above 2^31-1', 'failed settings-window', frame(4, 0, 0, '000480000000')],
  ['MAX_FRAME_SIZE 1', 'failed settings', frame(4, 0, 0, '000500000001')],
  ['PUSH_PROMISE', 'failed push', frame(5, 4, 1, '00000002')],
  ['PING of 7 octets', 'failed frame-size', frame(6, 0, 0, '00'.repeat(7))],
  ['PING on a stream', 'failed stream-id', frame(6, 0, 1, '00'.repeat(8))],
  ['GOAWAY on a stream', 'failed stream-id', frame(7, 0, 1, '00'.repeat(8))],
  ['WINDOW_UPDATE of 0', 'failed window-zero', frame(8, 0, 0, '00000000')],
  ['WINDOW_UPDATE on an idle stream', 'failed stream-idle', frame(8, 0, 1, '00000001')],
  ['the window overflows', 'failed window-overflow', frame(8, 0, 0, '7fffffff')],
  ['a ping flood', 'failed flood', ...Array.from({ length: 2100 }, () => frame(6, 0, 0, '00'.repeat(8)))],
  ['a flood of empty DATA', 'failed flood', get([], 1, 4), ...Array.from({ length: 2100 }, () => frame(0, 0, 1))],
  [
    'rapid reset',
    'failed flood',
    ...Array.from({ length: 501 }, (_, i) => joined([post([], i * 2 + 1), frame(3, 0, i * 2 + 1, '00000008')])),
  ],
];
for (const [why, expected, ...parts] of BROKEN) {
  test(`the connection ends: ${why}`, () => {
    assert.equal(run(...parts).seen.at(-1), expected);
  });
}

const REFUSED: readonly (readonly [why: string, part: Uint8Array])[] = [
  [
    'an upper-case name',
    get([['X-A', 'b']]).map((octet, at, all) => (octet === 120 && all[at + 1] === 45 ? 88 : octet)),
  ],
  ['connection', get([['connection', 'close']])],
  ['keep-alive', get([['keep-alive', '1']])],
  ['transfer-encoding', get([['transfer-encoding', 'chunked']])],
  ['te', get([['te', 'gzip']])],
  ['LF in a value', get([['x-a', 'b\nc']])],
  ['NUL in a value', get([['x-a', 'b\0c']])],
  ['white space before a value', get([['x-a', ' b']])],
  ['a name with colon', get([['x:a', 'b']])],
  ['a name with CR', get([['x\ra', 'b']])],
  ['an empty name', get([['', 'b']])],
  [
    'a pseudo-header behind a field',
    get([
      ['x-a', 'b'],
      [':authority', 'c'],
    ]),
  ],
  ['an unknown pseudo-header', get([[':x', 'b']])],
  ['a repeated pseudo-header', get([[':path', '/z']])],
  ['a pseudo-header of responses', get([[':status', '200']])],
  ['no path', frame(1, 5, 1, block(GET.slice(0, 3)))],
  ['no method', frame(1, 5, 1, block(GET.slice(1)))],
  [
    'no scheme',
    frame(
      1,
      5,
      1,
      block([
        [':method', 'GET'],
        [':path', '/'],
        [':authority', 'a'],
      ]),
    ),
  ],
  [
    'no authority',
    frame(
      1,
      5,
      1,
      block([
        [':method', 'GET'],
        [':scheme', 'http'],
        [':path', '/'],
      ]),
    ),
  ],
  [
    'a path without slash',
    frame(
      1,
      5,
      1,
      block([
        [':method', 'GET'],
        [':scheme', 'http'],
        [':path', 'x'],
        [':authority', 'a'],
      ]),
    ),
  ],
  [
    'an empty path',
    frame(
      1,
      5,
      1,
      block([
        [':method', 'GET'],
        [':scheme', 'http'],
        [':path', ''],
        [':authority', 'a'],
      ]),
    ),
  ],
  [
    'a method with space',
    frame(
      1,
      5,
      1,
      block([
        [':method', 'GET /'],
        [':scheme', 'http'],
        [':path', '/'],
        [':authority', 'a'],
      ]),
    ),
  ],
  [
    'userinfo',
    frame(
      1,
      5,
      1,
      block([
        [':method', 'GET'],
        [':scheme', 'http'],
        [':path', '/'],
        [':authority', 'u@a'],
      ]),
    ),
  ],
  ...[0, 1, 10, 13, 32, 58, 127, 255].map((octet): [string, Uint8Array] => [
    `octet ${octet} in a name`,
    get([[`x${String.fromCharCode(octet)}y`, 'v']]),
  ]),
  ['another Host', get([['host', 'b.example']])],
  ['content-length without data', get([['content-length', '3']])],
  [
    'content-length twice',
    get(
      [
        ['content-length', '3'],
        ['content-length', '3'],
      ],
      1,
      4,
    ),
  ],
  ['a signed content-length', get([['content-length', '+3']], 1, 4)],
  ['more data than content-length', joined([post([['content-length', '1']]), frame(0, 1, 1, '0000')])],
  ['less data than content-length', joined([post([['content-length', '3']]), frame(0, 1, 1, '0000')])],
  ['trailers without END_STREAM', joined([post(), frame(1, 4, 1, block([['x-a', 'b']]))])],
  ['a pseudo-header in trailers', joined([post(), frame(1, 5, 1, block([[':path', '/']]))])],
  ['content-length in trailers', joined([post(), frame(1, 5, 1, block([['content-length', '0']]))])],
  ['WINDOW_UPDATE of 0 on a stream', joined([post(), frame(8, 0, 1, '00000000')])],
  ['a stream window that overflows', joined([post(), frame(8, 0, 1, '7fffffff')])],
];
for (const [why, part] of REFUSED)
  test(`the stream is reset, the connection lives: ${why}`, () => {
    const server = run(part, get([], 9));
    assert.ok(
      server.seen.some((line) => /^1 reset [13] local$/.test(line)),
      server.seen.join('\n'),
    );
    assert.equal(server.fault, undefined);
    assert.match(server.seen.at(-1) ?? '', /^9 GET/);
  });

test('a head above the limit is answered; more streams than allowed are refused', () => {
  const long = block([...GET, ['x-a', 'a'.repeat(10_000)], ['x-b', 'a'.repeat(10_000)]]);
  const large = run(frame(1, 1, 1, long.subarray(0, 8000)), frame(9, 4, 1, long.subarray(8000)));
  assert.deepEqual(large.seen, ['1 too large']);
  const many = run(...Array.from({ length: SETTINGS.maxConcurrentStreams + 1 }, (_, i) => post([], i * 2 + 1)));
  assert.equal(many.connection.streams.size, SETTINGS.maxConcurrentStreams);
});

test('never an exception, whatever follows the opening', () => {
  fc.assert(
    fc.property(
      fc.array(
        fc.tuple(
          fc.integer({ min: 0, max: 10 }),
          fc.integer({ min: 0, max: 63 }),
          fc.integer({ min: 0, max: 7 }),
          fc.oneof(fc.uint8Array({ maxLength: 20 }), fc.constant(block(GET))),
        ),
        { maxLength: 12 },
      ),
      (frames) => {
        run(...frames.map(([type, flags, id, payload]) => frame(type, flags, id, payload)));
      },
    ),
    { numRuns: 500 },
  );
});

test("Node's client: requests side by side, large bodies through the windows, trailers", async () => {
  const listener = net.createServer((socket) => {
    const server = new EchoServer();
    const write = (): void => void (server.connection.out.size > 0 && socket.write(server.connection.takeOutput()));
    write();
    socket.on('data', (chunk) => {
      server.connection.receive(chunk, 0, chunk.length);
      write();
    });
    socket.on('error', () => {});
  });
  listener.listen(0, '127.0.0.1');
  await once(listener, 'listening');
  const { port } = listener.address() as AddressInfo;
  const client = http2.connect(`http://127.0.0.1:${port}`);
  const call = async (size: number): Promise<void> => {
    const stream = client.request({ ':method': 'POST', ':path': `/${size}`, 'x-n': String(size) });
    stream.end(Buffer.alloc(size, size % 251));
    let received = 0;
    stream.on('data', (chunk: Buffer) => {
      received += chunk.length;
      assert.ok(chunk.every((octet) => octet === size % 251));
    });
    // What comes in one piece ends before anybody who waited for its head can ask.
    const ended = once(stream, 'end');
    const [headers] = await once(stream, 'response');
    assert.equal(headers[':status'], 200);
    await ended;
    assert.equal(received, size);
  };
  await Promise.all([0, 1, 16_383, 16_384, 16_385, 65_535, 65_536, 300_000, 1_000_000].map(call));
  client.close();
  await once(client, 'close');
  listener.close();
});
