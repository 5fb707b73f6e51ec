import assert from 'node:assert/strict';
import http from 'node:http';
import { duplexPair } from 'node:stream';
import { test } from 'node:test';
import fc from 'fast-check';
import { RequestReader } from './index.ts';
import { type SeenMessage, transcript } from './testing/transcript.ts';

interface Seen {
  readonly method: string;
  readonly url: string;
  readonly fields: readonly (readonly [string, string])[];
  body: string;
}

/** What Node's own parser (llhttp) makes of the bytes: the requests that arrived whole. */
async function asNodeReads(input: string): Promise<Seen[]> {
  const seen: Seen[] = [];
  const server = http.createServer({ maxHeaderSize: 65_536 }, (request, response) => {
    const fields = request.rawHeaders.flatMap((name, index, all): [string, string][] =>
      index % 2 === 0 ? [[name, all[index + 1] ?? '']] : [],
    );
    const message: Seen = { method: request.method ?? '', url: request.url ?? '', fields, body: '' };
    request.setEncoding('latin1');
    request.on('data', (chunk: string) => void (message.body += chunk));
    request.on('end', () => {
      seen.push(message);
      response.end();
    });
    request.on('error', () => {});
  });
  const [ours, theirs] = duplexPair();
  ours.resume();
  ours.on('error', () => {});
  theirs.on('error', () => {});
  server.emit('connection', theirs);
  ours.end(Buffer.from(input, 'latin1'));
  // Everything happens in memory: a few turns of the loop are the whole conversation.
  for (let turn = 0; turn < 12; turn += 1) await new Promise<void>((done) => setImmediate(done));
  theirs.destroy();
  return seen;
}

const line = fc.constantFrom(
  'GET / HTTP/1.1\r\nHost: a\r\n',
  'POST /p?q HTTP/1.1\r\nHost: b:1\r\n',
  'PUT http://c/x HTTP/1.1\r\nHost: c\r\n',
);
const field = fc.constantFrom(
  'Content-Length: 3\r\n',
  'Content-Length: 0\r\n',
  'Transfer-Encoding: chunked\r\n',
  'Transfer-Encoding: chunked\r\n',
  'X-A: \t v w \r\n',
  'x-b:\r\n',
  'X-C: \x80\xff\r\n',
  'Connection: keep-alive\r\n',
  'Bad Name: 1\r\n',
  ' folded\r\n',
  'X: \x01\r\n',
);
const blank = fc.constantFrom('\r\n', '\r\n', '\r\n', '\r\n', '\n', '');
const part = fc.constantFrom(
  'abc',
  '3\r\nabc\r\n',
  '1;e="q;\\"";f\r\nx\r\n',
  'A\r\n0123456789\r\n',
  '1;\r\nx\r\n',
  '1 \r\nx\r\n',
  '01\r\nx\r\n',
);
const end = fc.constantFrom('', '0\r\n\r\n', '0\r\n\r\n', '0\r\nT: 1\r\n\r\n', '0\n\n', '\r\n');
const message = fc
  .tuple(line, fc.array(field, { maxLength: 3 }), blank, fc.array(part, { maxLength: 2 }), end)
  .map(([first, fields, empty, parts, last]) => [first, ...fields, empty, ...parts, last].join(''));

test('every request that is read whole here is the same request to Node’s parser', async () => {
  const input = fc.array(message, { minLength: 1, maxLength: 3 }).map((messages) => messages.join(''));
  let compared = 0;
  await fc.assert(
    fc.asyncProperty(input, async (text) => {
      const whole = (upTo: number): SeenMessage[] =>
        transcript(new RequestReader(), text.slice(0, upTo), []).messages.filter(({ complete }) => complete);
      const own = whole(text.length);
      // Node knows a closed list of methods.
      if (own.length === 0 || own.some(({ start }) => !http.METHODS.includes(start.split(' ')[0] ?? ''))) return;
      // Only up to the end of the last whole request: Node drops earlier ones when a fault follows in the same read.
      let last = text.length;
      while (whole(last - 1).length === own.length) last -= 1;
      const theirs = await asNodeReads(text.slice(0, last));
      compared += own.length;
      assert.deepEqual(
        own.map(({ start, fields, body }) => ({ method: start.split(' ')[0], url: start.split(' ')[1], fields, body })),
        theirs.slice(0, own.length).map(({ method, url, fields, body }) => ({
          method,
          url,
          fields: fields.map(([name, value]) => [name, value]),
          body,
        })),
      );
    }),
    { numRuns: 500 },
  );
  assert.ok(compared > 100, `only ${compared} requests were compared`);
});
