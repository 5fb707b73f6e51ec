/**
 * One canonical view of path, host and headers for routes and policies, whatever the version: the same request by HTTP/1.1 and by HTTP/2 is
 * decided alike, and what goes on to the backend is the same request.
 */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { Conversation, useChain, statusOf } from '@weft/testkit/attacks';
import { Http2Peer } from '@weft/testkit/http2-frames';

const chain = useChain(1);

interface Message {
  readonly listener: string;
  readonly path: string;
  readonly host: string;
  readonly fields: readonly (readonly [name: string, value: string])[];
}

const piece = fc.constantFrom(
  'admin',
  'x',
  '.',
  '..',
  '',
  '%2e',
  '%2E%2e',
  '%61dmin',
  'ADMIN',
  '%2f',
  '%5c',
  '\\',
  ';a=1',
  'admin;x',
  '%00',
  '%',
  '%zz',
  '~',
  ' ',
  '\xe9',
  '*',
  '%252e',
  'a%20b',
);
const message: fc.Arbitrary<Message> = fc.record({
  listener: fc.constantFrom('policy', 'allow', 'safe', 'unescape'),
  path: fc
    .tuple(
      fc.constantFrom('/', '/', '/', '//', '', '*', 'http://good.test/'),
      fc.array(piece, { maxLength: 4 }),
      fc.constantFrom('', '', '?q', '?a=/../b', '#f', '?'),
    )
    .map(([start, pieces, end]) => start + pieces.join('/') + end),
  host: fc.constantFrom(
    'good.test',
    'good.test',
    'admin.test',
    'ADMIN.test',
    'admin.test:80',
    'admin.test.',
    'a@b',
    '[::1]',
    '[::1',
    'a b',
    'good.test,admin.test',
    'good.test:99999',
    '',
  ),
  fields: fc.array(
    fc.tuple(
      fc.constantFrom('x-role', 'x-text', 'x_role', 'x-forwarded-for', 'x-envoy-original-path', 'x'),
      fc.constantFrom('admin', 'guest', 'admin,guest', 'bad', '\xe9bad', 'a\tb', '', 'ADMIN'),
    ),
    { maxLength: 3 },
  ),
});

interface Decision {
  /** 0: refused as malformed, by 400 or by a reset. */
  readonly status: number;
  /** What went on. */
  readonly forwarded: readonly string[];
}

const forwarded = (): readonly string[] =>
  chain().recorder.requests.flatMap(({ line, fields }) => [
    line,
    ...fields
      .filter(([name]) => /^(?:host|x-role|x-text|x_role|x)$/i.test(name))
      .map(([name, value]) => `${name.toLowerCase()}: ${value}`)
      .sort(),
  ]);

async function by1({ listener, path, host, fields }: Message): Promise<Decision> {
  chain().recorder.reset();
  const client = new Conversation(chain().port(listener));
  const lines = fields.map(([name, value]) => `${name}: ${value}\r\n`).join('');
  client.write(Buffer.from(`GET ${path} HTTP/1.1\r\nHost: ${host}\r\n${lines}\r\n`, 'latin1'));
  await client.until(() => client.finals.length === 1);
  const status = statusOf(client.finals[0]);
  client.destroy();
  return { status: status === 400 ? 0 : status, forwarded: forwarded() };
}

async function by2({ listener, path, host, fields }: Message): Promise<Decision> {
  chain().recorder.reset();
  const client = await Http2Peer.connect(chain().port(listener));
  const pseudo = [
    [':method', 'GET'],
    [':scheme', 'http'],
    [':path', path],
    [':authority', host],
  ] as const;
  client.headers(1, [...pseudo, ...fields], true);
  await client.until(() => client.isComplete(1) || client.resetOf(1) >= 0 || client.state !== 'open');
  const status = client.status(1);
  const reset = client.resetOf(1);
  client.destroy();
  assert.ok(status > 0 || reset === 1, `reset ${reset}`);
  return { status: status === 400 ? 0 : status, forwarded: forwarded() };
}

test('the same request is decided alike by either version, and goes on as the same', { timeout: 90_000 }, async () => {
  await fc.assert(
    fc.asyncProperty(message, async (one) => {
      // The absolute form is HTTP/1.1's; it has no counterpart.
      fc.pre(!one.path.startsWith('http'));
      assert.deepEqual(await by2(one), await by1(one));
    }),
    { numRuns: 300 },
  );
});
