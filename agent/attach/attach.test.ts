import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type AttachDown, type AttachUp, readAttachUp } from '@weft/core/agent-api';
import { FakeClock } from '@weft/testkit/clock';
import type { CallError, UplinkHandlers } from '../control-plane/index.ts';
import { Attach } from './index.ts';

const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

interface Stream {
  readonly handlers: UplinkHandlers;
  readonly sent: AttachUp[];
  closed: boolean;
}

function setUp() {
  const clock = new FakeClock();
  const streams: Stream[] = [];
  const events: string[] = [];
  let prepared: CallError | undefined;
  const attach = new Attach({
    clock,
    roll: () => 1,
    facts: {
      registration: '0'.repeat(32),
      namespace: 'shop',
      workload: {
        name: 'orders',
        labels: new Map(),
        addresses: [{ ip: '127.0.0.1', network: '' }],
        ports: [{ name: 'http', port: 80, protocol: 'http', proxyPort: undefined }],
        locality: { region: '', zone: '', subZone: '' },
      },
      service: undefined,
    },
    prepare: () => Promise.resolve(prepared),
    open: (handlers) => {
      const stream: Stream = { handlers, sent: [], closed: false };
      streams.push(stream);
      return {
        blocked: false,
        send: (bytes) => {
          const read = readAttachUp(JSON.parse(Buffer.from(bytes).toString()));
          assert.ok(read.ok, JSON.stringify(read));
          stream.sent.push(read.value);
        },
        close: () => {
          stream.closed = true;
        },
      };
    },
    events: {
      registered: (name) => events.push(`registered ${name}`),
      material: () => undefined,
      renew: (within) => events.push(`renew ${within}`),
      bundle: (bundle) => events.push(`bundle ${bundle.version}`),
      down: (error) => events.push(`down ${error.kind}`),
      revoked: () => events.push('revoked'),
    },
  });
  const stream = (index: number): Stream => {
    const found = streams[index];
    assert.ok(found, `stream ${index}`);
    return found;
  };
  const answer = (index: number, message: AttachDown): void =>
    stream(index).handlers.onMessage(Buffer.from(JSON.stringify(message)));
  const registered: AttachDown = { type: 'registered', namespace: 'shop', name: 'orders-abcde', concurrency: 1 };
  return {
    clock,
    attach,
    streams,
    events,
    stream,
    answer,
    registered,
    prepare: (error: CallError | undefined) => {
      prepared = error;
    },
  };
}

test('what comes true between hello and its answer is said after the answer', async () => {
  const t = setUp();
  t.attach.setReadiness('http', false);
  t.attach.start();
  await turn();
  t.attach.setReadiness('http', true);
  t.attach.setBundle('ab');
  assert.deepEqual(
    t.stream(0).sent.map(({ type }) => type),
    ['hello'],
  );
  t.answer(0, t.registered);
  assert.deepEqual(t.stream(0).sent.slice(1), [
    { type: 'readiness', ports: new Map([['http', true]]) },
    { type: 'bundleInUse', version: 'ab' },
  ]);
});

test('a reconnect says everything again: name, readiness, bundle', async () => {
  const t = setUp();
  t.attach.setReadiness('http', false);
  t.attach.start();
  await turn();
  t.answer(0, t.registered);
  assert.equal(t.attach.up, true);
  t.attach.setReadiness('http', true);
  t.attach.setReadiness('http', true);
  t.attach.setBundle('ab');
  assert.deepEqual(
    t.stream(0).sent.map(({ type }) => type),
    ['hello', 'readiness', 'bundleInUse'],
  );
  t.stream(0).handlers.onEnd({ kind: 'unreachable', message: 'gone' });
  assert.equal(t.attach.up, false);
  t.clock.advance(100);
  await turn();
  const [hello] = t.stream(1).sent;
  assert.ok(hello?.type === 'hello');
  assert.deepEqual([hello.instance, hello.bundle, hello.readiness], ['orders-abcde', 'ab', new Map([['http', true]])]);
  t.attach.stop();
  assert.equal(t.clock.waiting, 0);
});

test('open ports are told after every registration, and their end at once', async () => {
  const t = setUp();
  const open = [{ port: 80, ip: '0.0.0.0', process: 'node' }];
  t.attach.start();
  await turn();
  t.attach.setOpenPorts(open);
  t.answer(0, t.registered);
  assert.deepEqual(t.stream(0).sent.slice(1), [{ type: 'openPorts', ports: open }]);
  t.stream(0).handlers.onEnd({ kind: 'unreachable', message: 'gone' });
  t.clock.advance(100);
  await turn();
  t.answer(1, t.registered);
  t.attach.setOpenPorts([]);
  assert.deepEqual(t.stream(1).sent.slice(1), [
    { type: 'openPorts', ports: open },
    { type: 'openPorts', ports: [] },
  ]);
  t.attach.stop();
});

test('back-off doubles to two seconds and begins anew after a registration', async () => {
  const t = setUp();
  t.prepare({ kind: 'unreachable', message: 'no' });
  t.attach.start();
  await turn();
  for (const wait of [100, 200, 400, 800, 1600, 2000, 2000]) {
    const downs = t.events.length;
    t.clock.advance(wait - 1);
    await turn();
    assert.equal(t.events.length, downs, `before ${wait}`);
    t.clock.advance(1);
    await turn();
    assert.equal(t.events.length, downs + 1, `after ${wait}`);
  }
  t.prepare(undefined);
  t.clock.advance(2000);
  await turn();
  t.answer(0, t.registered);
  t.stream(0).handlers.onEnd({ kind: 'unreachable', message: 'gone' });
  t.clock.advance(100);
  await turn();
  assert.equal(t.streams.length, 2);
  t.attach.stop();
});

test('a farewell is answered, and said again to a control plane that comes back', async () => {
  const t = setUp();
  t.attach.setReadiness('http', true);
  t.attach.start();
  await turn();
  assert.equal(await t.attach.deregister(), false, 'nobody to tell');
  t.answer(0, t.registered);
  const gone = t.attach.deregister();
  t.stream(0).handlers.onEnd({ kind: 'unreachable', message: 'gone' });
  t.clock.advance(100);
  await turn();
  t.answer(1, t.registered);
  const [hello, farewell] = t.stream(1).sent;
  assert.ok(hello?.type === 'hello' && farewell?.type === 'deregister');
  assert.deepEqual(hello.readiness, new Map([['http', false]]));
  t.answer(1, { type: 'deregistered', acknowledged: true });
  assert.equal(await gone, true);
  t.attach.setReadiness('http', true);
  assert.equal(t.stream(1).sent.length, 2);
  t.attach.stop();
  assert.equal(t.stream(1).closed, true);
});

test('a farewell does not wait for a control plane that ended as well, however often it is asked', async () => {
  const t = setUp();
  t.attach.start();
  await turn();
  t.answer(0, t.registered);
  let answer: boolean | undefined;
  const gone = t.attach.deregister().then((acknowledged) => (answer = acknowledged));
  for (let waited = 0, ended = 0; waited < 2900; waited += 100) {
    if (ended < t.streams.length) t.stream(ended++).handlers.onEnd({ kind: 'unreachable', message: 'gone' });
    t.clock.advance(100);
    await turn();
  }
  assert.equal(answer, undefined);
  assert.ok(t.streams.length > 2);
  t.clock.advance(200);
  assert.equal(await gone, false);
  t.attach.stop();
  assert.equal(t.clock.waiting, 0);
});

test('a farewell that nobody answers ends after 7 seconds; revoked ends for good; nonsense reconnects', async () => {
  const t = setUp();
  t.attach.start();
  await turn();
  t.stream(0).handlers.onMessage(Buffer.from('{"type":"bundle"'));
  assert.deepEqual(t.events, ['down malformed']);
  t.clock.advance(100);
  await turn();
  t.answer(1, t.registered);
  const gone = t.attach.deregister();
  t.clock.advance(7000);
  assert.equal(await gone, false);
  t.answer(1, { type: 'revoked' });
  assert.equal(t.events.at(-1), 'revoked');
  assert.equal(t.clock.waiting, 0);
});
