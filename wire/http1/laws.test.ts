import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import {
  ByteWriter,
  dropHopByHop,
  FAULTS,
  headerName,
  KNOWN,
  latin1,
  RequestReader,
  ResponseReader,
  writeFields,
  writeLastChunk,
  writeRequestLine,
  writeStatusLine,
} from './index.ts';
import { octetsOf } from './octets.ts';
import { type SeenMessage, transcript } from './testing/transcript.ts';

const RUNS = { numRuns: 200 };
const letters = (alphabet: string, min: number, max: number): fc.Arbitrary<string> =>
  fc.array(fc.constantFrom(...alphabet.split('')), { minLength: min, maxLength: max }).map((list) => list.join(''));
const token = letters("abcXYZ019-_!#$%&'*+.^`|~", 1, 12);
const value = letters('abc XYZ\t:;,"\x80\xff{}()', 0, 20).map((text) => text.replace(/^[ \t]+|[ \t]+$/g, ''));
const field = fc.tuple(
  token.map((name) => `x-${name}`),
  value,
);
const body = fc.oneof(
  fc.record({
    kind: fc.constant('none' as const),
    chunks: fc.constant<string[]>([]),
    trailers: fc.constant<[string, string][]>([]),
  }),
  fc.record({
    kind: fc.constant('length' as const),
    chunks: fc.array(letters('ab\r\n0', 1, 30), { minLength: 1, maxLength: 1 }),
    trailers: fc.constant<[string, string][]>([]),
  }),
  fc.record({
    kind: fc.constant('chunked' as const),
    chunks: fc.array(letters('ab\r\n0', 1, 30), { maxLength: 4 }),
    trailers: fc.array(field, { maxLength: 3 }),
  }),
);
const request = fc.record({
  method: fc.constantFrom('GET', 'POST', 'HEAD', 'PATCH', 'PURGE', 'M-SEARCH'),
  target: letters("abc/?&=%2F.~;:@'{}|\\", 0, 30).map((text) => `/${text}`),
  host: fc.constantFrom('a', 'A.b.example:8080', '[::1]:80', 'x_y'),
  fields: fc.array(field, { maxLength: 20 }),
  body,
});
type Request = typeof request extends fc.Arbitrary<infer T> ? T : never;

function writeBody(out: ByteWriter, given: Request['body']): void {
  for (const chunk of given.chunks) {
    const bytes = octetsOf(chunk);
    if (given.kind === 'chunked') out.chunk(bytes, 0, bytes.length);
    else out.octets(bytes, 0, bytes.length);
  }
  if (given.kind !== 'chunked') return;
  out.text('0\r\n');
  for (const [name, text] of given.trailers) out.field(name, text);
  out.crlf();
}
const framing = (given: Request['body']): [string, string][] =>
  given.kind === 'length'
    ? [['content-length', String(given.chunks[0]?.length)]]
    : given.kind === 'chunked'
      ? [['Transfer-Encoding', 'Chunked']]
      : [];

function write(out: ByteWriter, given: Request): void {
  writeRequestLine(out, given.method, given.target);
  out.field('Host', given.host);
  for (const [name, text] of [...given.fields, ...framing(given.body)]) out.field(name, text);
  out.crlf();
  writeBody(out, given.body);
}
const textOf = (writer: (out: ByteWriter) => void): string => {
  const out = new ByteWriter();
  writer(out);
  const bytes = out.take();
  return latin1(bytes, 0, bytes.length);
};
const expected = (given: Request): SeenMessage => ({
  start: `${given.method} ${given.target} 1 ${given.host} origin true none`,
  fields: [['Host', given.host], ...given.fields, ...framing(given.body)],
  body: given.body.chunks.join(''),
  trailers: given.body.trailers,
  complete: true,
});

test('what is written is what is read: pipelined requests, cut anywhere', () => {
  fc.assert(
    fc.property(
      fc.array(request, { minLength: 1, maxLength: 3 }),
      fc.array(fc.nat(), { maxLength: 12 }),
      (requests, cuts) => {
        const input = textOf((out) => requests.forEach((one) => write(out, one)));
        assert.deepEqual(transcript(new RequestReader(), input, cuts), {
          messages: requests.map(expected),
          fault: undefined,
        });
      },
    ),
    RUNS,
  );
});

test('responses: what is written is what is read, cut anywhere; interim answers come first', () => {
  fc.assert(
    fc.property(
      fc.constantFrom(200, 404, 599),
      fc.array(field, { maxLength: 9 }),
      body,
      fc.boolean(),
      fc.array(fc.nat(), { maxLength: 9 }),
      (status, fields, given, interim, cuts) => {
        const all = [...fields, ...framing(given)];
        const input = textOf((out) => {
          if (interim) out.text('HTTP/1.1 103 Early Hints\r\nlink: x\r\n\r\n');
          writeStatusLine(out, status, 'Fine');
          for (const [name, text] of all) out.field(name, text);
          out.crlf();
          writeBody(out, given);
        });
        const reader = new ResponseReader();
        reader.expect('GET');
        const seen = transcript(reader, input, cuts, true);
        const last = seen.messages.at(-1);
        assert.equal(seen.fault, undefined);
        assert.equal(seen.messages.length, interim ? 2 : 1);
        assert.deepEqual(
          [last?.start.split(' ')[0], last?.fields, last?.body, last?.trailers, last?.complete],
          [String(status), all, given.chunks.join(''), given.trailers, true],
        );
      },
    ),
    RUNS,
  );
});

const TOKENS = [
  'GET ',
  'POST ',
  '/',
  ' HTTP/1.1',
  '\r\n',
  '\n',
  '\r',
  'Host: a',
  'Content-Length: ',
  '3',
  'Transfer-Encoding: chunked',
  ': ',
  '0',
  ';a=b',
  ' ',
  '\t',
  '\0',
  '\xff',
  'abc',
  'HTTP/1.1 200 OK',
  'Connection: close',
  ',',
];
const garbage = fc
  .array(fc.oneof(fc.constantFrom(...TOKENS), letters('\0\r\n ab:\x7f\xff', 0, 4)), { maxLength: 40 })
  .map((parts) => parts.join(''));

test('garbage: never an exception, only faults of the closed set, and the same for every cut', () => {
  fc.assert(
    fc.property(garbage, fc.array(fc.nat(), { maxLength: 10 }), fc.boolean(), (input, cuts, asRequest) => {
      const reader = (): RequestReader | ResponseReader => (asRequest ? new RequestReader() : new ResponseReader());
      const text = asRequest ? `POST / HTTP/1.1\r\nHost: a\r\n${input}` : `HTTP/1.1 200 OK\r\n${input}`;
      const whole = transcript(reader(), text, [], true);
      assert.ok(whole.fault === undefined || whole.fault in FAULTS);
      assert.deepEqual(transcript(reader(), text, cuts, true), whole);
    }),
    { numRuns: 600 },
  );
});

test('limits: cut or not, the same fault at the same octet', () => {
  const limits = { headOctets: 120, fields: 5 };
  fc.assert(
    fc.property(request, fc.array(fc.nat(), { maxLength: 12 }), (given, cuts) => {
      const input = textOf((out) => write(out, given));
      assert.deepEqual(
        transcript(new RequestReader(limits), input, cuts),
        transcript(new RequestReader(limits), input, []),
      );
    }),
    RUNS,
  );
});

test('forwarding: dropped fields are gone, all others stay octet for octet, in order', () => {
  fc.assert(
    fc.property(request, fc.array(fc.nat(20), { maxLength: 6 }), (given, drops) => {
      const reader = new RequestReader();
      const bytes = octetsOf(textOf((out) => write(out, given)));
      reader.feed(bytes, 0, bytes.length);
      assert.equal(reader.next(), 1);
      const { head } = reader;
      for (const index of drops) if (index < head.count) head.drop(index);
      const kept = [['Host', given.host], ...given.fields, ...framing(given.body)].filter(
        (_, index) => !drops.includes(index),
      );
      assert.equal(
        textOf((out) => writeFields(out, head)),
        kept.map(([name, text]) => `${name}: ${text}\r\n`).join(''),
      );
    }),
    RUNS,
  );
});

test('hop-by-hop fields and those that Connection names stay behind, but never the fields of proxies', () => {
  const reader = new RequestReader();
  const bytes = octetsOf(
    'GET / HTTP/1.1\r\nHost: a\r\nConnection: X-Gone, x-forwarded-for,close, host\r\nKeep-Alive: 5\r\nx-gone: 1\r\nTE: gzip\r\nX-Forwarded-For: 1.2.3.4\r\nX-GONE: 2\r\nOther: 3\r\nUpgrade: h2c\r\nHTTP2-Settings: AA\r\n\r\n',
  );
  reader.feed(bytes, 0, bytes.length);
  assert.equal(reader.next(), 1);
  dropHopByHop(reader.head, reader.connection.nominates);
  assert.equal(
    textOf((out) => writeFields(out, reader.head)),
    'Host: a\r\nX-Forwarded-For: 1.2.3.4\r\nOther: 3\r\n',
  );
});

test('lookups: known and unknown names, any case, repeated', () => {
  const reader = new RequestReader();
  const bytes = octetsOf(
    'GET / HTTP/1.1\r\nHost: a\r\n__proto__: 1\r\nconstructor: 2\r\nX-A: 1\r\nx-a:  2 \r\nX-Request-ID: r\r\n\r\n',
  );
  reader.feed(bytes, 0, bytes.length);
  assert.equal(reader.next(), 1);
  const name = (text: string): NonNullable<ReturnType<typeof headerName>> => headerName(text) ?? assert.fail();
  assert.equal(reader.head.joined(name('X-a')), '1,2');
  assert.equal(reader.head.joined(name('__proto__')), '1');
  assert.equal(reader.head.joined(name('constructor')), '2');
  assert.equal(reader.head.joined(name('absent')), undefined);
  assert.equal(reader.head.known1(KNOWN['x-request-id']), 'r');
  assert.equal(headerName('a b'), undefined);
  reader.head.dropAll(name('x-a'));
  assert.equal(reader.head.joined(name('x-a')), undefined);
});

test('target forms, HTTP/1.0, HEAD, 204, 304, 101 and until-close', () => {
  const start = (input: string): string | undefined => transcript(new RequestReader(), input, []).messages[0]?.start;
  assert.equal(
    start('GET http://B:1/x?y HTTP/1.1\r\nHost: b:1\r\n\r\n'),
    'GET http://B:1/x?y 1 B:1 absolute true none',
  );
  assert.equal(start('OPTIONS * HTTP/1.1\r\nHost: b\r\n\r\n'), 'OPTIONS * 1 b asterisk true none');
  assert.equal(start('CONNECT b:1 HTTP/1.1\r\nHost: b:1\r\n\r\n'), 'CONNECT b:1 1 b:1 authority true none');
  assert.equal(start('GET / HTTP/1.0\r\n\r\n'), 'GET / 0  origin false none');
  assert.equal(start('GET / HTTP/1.0\r\nConnection: Keep-Alive\r\n\r\n'), 'GET / 0  origin true none');
  assert.equal(
    start('\r\nGET / HTTP/1.1\r\nHost: b\r\nConnection: close\r\nExpect: 100-Continue\r\n\r\n'),
    'GET / 1 b origin false continue',
  );
  assert.equal(start('GET / HTTP/1.1\r\nHost: b\r\nExpect: 200-maybe\r\n\r\n'), 'GET / 1 b origin true unknown');
  const body = (method: string, input: string): unknown => {
    const reader = new ResponseReader();
    reader.expect(method);
    const seen = transcript(reader, input, [3], true);
    return [seen.fault, seen.messages.map((message) => message.body), reader.buffered, reader.keepAlive];
  };
  assert.deepEqual(body('HEAD', 'HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n'), [undefined, [''], 0, true]);
  assert.deepEqual(body('GET', 'HTTP/1.1 304 X\r\nContent-Length: 5\r\n\r\n'), [undefined, [''], 0, true]);
  assert.deepEqual(body('GET', 'HTTP/1.1 200 OK\r\n\r\nuntil the end'), [undefined, ['until the end'], 0, false]);
  assert.deepEqual(body('GET', 'HTTP/1.0 200\r\nContent-Length: 2\r\n\r\nab'), [undefined, ['ab'], 0, false]);
  const reader = new ResponseReader();
  const bytes = octetsOf('HTTP/1.1 101 Switching\r\nUpgrade: x\r\n\r\nraw');
  reader.feed(bytes, 0, bytes.length);
  assert.deepEqual([reader.next(), reader.switchesProtocol, reader.next()], [1, true, 3]);
  const rest = reader.takeRest();
  assert.equal(latin1(rest, 0, rest.length), 'raw');
  assert.equal(
    textOf((out) => writeLastChunk(out, undefined)),
    '0\r\n\r\n',
  );
});
