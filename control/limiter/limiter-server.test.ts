import assert from 'node:assert/strict';
import { Buffer } from 'node:buffer';
import http2 from 'node:http2';
import { after, before, describe, test } from 'node:test';
import { LIMIT_ENTRY } from '@weft/core/services';
import { readMessage, writeMessage } from '@weft/envoy/codec';
import type { Messages } from '@weft/envoy/tables';
import { FakeClock } from '@weft/testkit/clock';
import { Limiter } from './limiter.ts';
import { LimiterServer } from './limiter-server.ts';
import { MemoryCounters } from './memory-counters.ts';

type Request = Messages['envoy.service.ratelimit.v3.RateLimitRequest'];
type Response = Messages['envoy.service.ratelimit.v3.RateLimitResponse'];

const PATH = '/envoy.service.ratelimit.v3.RateLimitService/ShouldRateLimit';
const user = (name: string, limit: string): NonNullable<Request['descriptors']>[number] => ({
  entries: [
    { key: LIMIT_ENTRY, value: limit },
    { key: 'user', value: name },
  ],
});

describe('limiter server', () => {
  const limiter = new Limiter(new MemoryCounters({ clock: new FakeClock(), most: 100 }));
  const server = new LimiterServer(limiter);
  let session: http2.ClientHttp2Session;
  before(async () => {
    const port = await server.start('127.0.0.1', 0);
    session = http2.connect(`http://127.0.0.1:${port}`);
  });
  after(async () => {
    session.close();
    await server.stop();
  });

  const framed = (message: Uint8Array): Buffer => {
    const prefix = Buffer.alloc(5);
    prefix.writeUInt32BE(message.length, 1);
    return Buffer.concat([prefix, message]);
  };

  async function call(body: Buffer, path = PATH): Promise<{ readonly status: string; readonly body: Buffer }> {
    const stream = session.request({
      ':method': 'POST',
      ':path': path,
      'content-type': 'application/grpc',
      te: 'trailers',
    });
    let status = '';
    const note = (headers: http2.IncomingHttpHeaders): void => {
      status = String(headers['grpc-status'] ?? status);
    };
    stream.on('response', note).on('trailers', note);
    stream.end(body);
    const slices: Buffer[] = [];
    for await (const slice of stream) slices.push(slice as Buffer);
    return { status, body: Buffer.concat(slices) };
  }

  async function ask(request: Request): Promise<Response> {
    const { status, body } = await call(framed(writeMessage('envoy.service.ratelimit.v3.RateLimitRequest', request)));
    assert.equal(status, '0');
    const read = readMessage('envoy.service.ratelimit.v3.RateLimitResponse', body.subarray(5));
    assert.ok(read.ok);
    return read.value;
  }

  test('counts by what the entries beside the limit say, and in each domain apart', async () => {
    const question: Request = { domain: 'shop', descriptors: [user('ann', '1/60000/fixed')] };
    const first = await ask(question);
    assert.equal(first.overall_code, 'OK');
    assert.deepEqual(first.statuses?.[0]?.current_limit, { requests_per_unit: 1, unit: 'MINUTE' });
    assert.equal((await ask(question)).overall_code, 'OVER_LIMIT');
    assert.equal((await ask({ ...question, domain: 'other' })).overall_code, 'OK');
    assert.equal((await ask({ domain: 'shop', descriptors: [user('ben', '1/60000/fixed')] })).overall_code, 'OK');
  });

  test('a limit that changes keeps what was counted', async () => {
    await ask({ domain: 'change', descriptors: [user('ann', '5/60000/fixed')], hits_addend: 5 });
    const wider = await ask({ domain: 'change', descriptors: [user('ann', '10/60000/fixed')] });
    assert.equal(wider.statuses?.[0]?.limit_remaining, 4);
  });

  test('hits_addend, of the question and of a descriptor', async () => {
    const descriptors = [{ ...user('ann', '10/1000/fixed'), hits_addend: 4 }, user('ben', '10/1000/fixed')];
    const { statuses } = await ask({ domain: 'hits', hits_addend: 3, descriptors });
    assert.deepEqual(
      statuses?.map((status) => status.limit_remaining),
      [6, 7],
    );
  });

  test('a limit that the descriptor states as Envoy says it', async () => {
    const descriptors = [
      { entries: [{ key: 'a', value: 'b' }], limit: { requests_per_unit: 1, unit: 'HOUR' as const } },
    ];
    assert.equal((await ask({ domain: 'override', descriptors })).overall_code, 'OK');
    assert.equal((await ask({ domain: 'override', descriptors })).overall_code, 'OVER_LIMIT');
  });

  test('a shadow refuses nothing; without a limit nothing is counted', async () => {
    const descriptors = [user('ann', '1/1000/fixed/shadow'), { entries: [{ key: 'user', value: 'ann' }] }];
    for (let left = 3; left > 0; left -= 1)
      assert.equal((await ask({ domain: 'shadow', descriptors })).overall_code, 'OK');
  });

  test('what is no question, and another method', async () => {
    assert.equal((await call(framed(Buffer.from('nonsense')))).status, '3');
    assert.equal((await call(Buffer.from('x'))).status, '8');
    assert.equal((await call(framed(Buffer.alloc(70_000)))).status, '8');
    assert.equal((await call(framed(Buffer.alloc(0)), '/other')).status, '12');
    assert.equal(
      (await call(framed(Buffer.alloc(0)), '/grpc.health.v1.Health/Check')).body.toString('hex'),
      '00000000020801',
    );
  });

  test('counters that are away are told as UNAVAILABLE', async () => {
    const failures: string[] = [];
    const away = new Limiter({ take: () => Promise.reject(new Error('away')), stop: () => undefined }, (error) =>
      failures.push(error.message),
    );
    const bytes = writeMessage('envoy.service.ratelimit.v3.RateLimitRequest', {
      descriptors: [user('a', '1/1/fixed')],
    });
    const answer = await away.answer(bytes);
    assert.equal(answer.kind === 'failure' && answer.code, 14);
    assert.deepEqual(failures, ['away']);
    assert.equal(away.totals.failed, 1);
  });
});
