import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type ObserveDown, type ObserveUp, readObserveUp } from '@weft/core/agent-api';
import type { TapRecord, TapRequest } from '@weft/core/tap';
import { type Edge, edgeKey, NOBODY, type SeriesAmounts, TrafficTable } from '@weft/core/traffic';
import { FakeClock } from '@weft/testkit/clock';
import type { UplinkHandlers } from '../control-plane/index.ts';
import { ObserveUplink } from './uplink.ts';

interface Stream {
  readonly handlers: UplinkHandlers;
  readonly sent: ObserveUp[];
  closed: boolean;
  blocked: boolean;
}

const edge = (destination: string): Edge => ({
  reporter: 'source',
  protocol: 'http',
  source: { ...NOBODY, namespace: 'shop', workload: 'web' },
  destination: { ...NOBODY, namespace: 'shop', workload: destination },
  service: { namespace: 'shop', name: destination },
  route: '',
  security: 'mutual_tls',
});

function rig(): {
  clock: FakeClock;
  streams: Stream[];
  uplink: ObserveUplink;
  tell: (message: ObserveDown) => void;
  count: (destination: string, times?: number) => void;
  /** A request of so many ms that was traced. */
  traced: (destination: string, duration: number, traceId: string) => void;
  shown: ((record: TapRecord) => void)[];
} {
  const clock = new FakeClock();
  const table = new TrafficTable({ clock, maxSeries: 10_000 });
  const streams: Stream[] = [];
  const shown: ((record: TapRecord) => void)[] = [];
  const uplink = new ObserveUplink({
    clock,
    roll: () => 0.5,
    epoch: 'ab',
    proxy: {
      take: (): readonly SeriesAmounts[] => table.take(),
      tap(_request: TapRequest, show) {
        shown.push(show);
        return { close: () => void shown.splice(shown.indexOf(show), 1) };
      },
    },
    hello: () => ({ namespace: 'shop', name: 'web-bcd24', app: 'web', version: '' }),
    up: () => true,
    open: (handlers) => {
      const stream: Stream = { handlers, sent: [], closed: false, blocked: false };
      streams.push(stream);
      return {
        get blocked() {
          return stream.blocked;
        },
        send: (bytes) => {
          const read = readObserveUp(JSON.parse(Buffer.from(bytes).toString()));
          assert.ok(read.ok, JSON.stringify(read));
          assert.ok(bytes.length < 256 * 1024);
          stream.sent.push(read.value);
        },
        close: () => {
          stream.closed = true;
        },
      };
    },
  });
  return {
    clock,
    streams,
    uplink,
    shown,
    tell: (message) => streams.at(-1)?.handlers.onMessage(Buffer.from(JSON.stringify(message))),
    traced(destination, duration, traceId) {
      const row = table.series(edge(destination), 200, -1, '');
      row.request(duration, 0, 0, 1);
      row.traced(traceId, duration, 1_700_000_000_000.4);
    },
    count(destination, times = 1) {
      for (let index = 0; index < times; index += 1) table.series(edge(destination), 200, -1, '').request(5, 10, 20, 1);
    },
  };
}

type Counts = Extract<ObserveUp, { type: 'counts' }>;
const counts = (stream: Stream | undefined): Counts[] =>
  (stream?.sent ?? []).filter((message): message is Counts => message.type === 'counts');
const requests = (message: Counts | undefined): number =>
  (message?.rows ?? []).reduce((sum, row) => sum + row.counts.requests, 0);

test('one message at a time; what is counted meanwhile adds up; an edge is described once a stream', () => {
  const { clock, streams, uplink, tell, count } = rig();
  uplink.start();
  assert.deepEqual(
    streams[0]?.sent.map(({ type }) => type),
    ['hello'],
  );
  count('orders', 3);
  clock.advance(1000);
  assert.equal(counts(streams[0]).length, 0, 'nobody is welcome yet');
  tell({ type: 'welcome', interval: 1000 });
  assert.equal(requests(counts(streams[0])[0]), 3);
  count('orders', 2);
  clock.advance(5000);
  count('orders', 2);
  clock.advance(5000);
  assert.equal(counts(streams[0]).length, 1);
  tell({ type: 'taken', sequence: 1 });
  clock.advance(1000);
  const second = counts(streams[0])[1];
  assert.equal(requests(second), 4);
  assert.deepEqual([second?.sequence, second?.edges], [2, []]);
  tell({ type: 'taken', sequence: 2 });
  clock.advance(10_000);
  assert.equal(counts(streams[0]).length, 2, 'nothing is sent of nothing');
});

test('exemplars travel with the counts of their edge: the newest of a bucket, few, each once', () => {
  const { clock, streams, uplink, tell, count, traced } = rig();
  const id = (number: number): string => number.toString(16).padStart(32, '0');
  uplink.start();
  tell({ type: 'welcome', interval: 1000 });
  for (let number = 0; number < 8; number += 1) traced('orders', 2 ** number, id(number));
  traced('orders', 128, id(99));
  clock.advance(1000);
  assert.deepEqual(
    counts(streams[0])[0]?.rows[0]?.exemplars,
    [
      [99, 128],
      [6, 64],
      [5, 32],
      [4, 16],
    ].map(([number = 0, value = 0]) => ({ traceId: id(number), value, at: 1_700_000_000_000 })),
  );
  count('orders');
  tell({ type: 'taken', sequence: 1 });
  clock.advance(1000);
  assert.equal('exemplars' in (counts(streams[0])[1]?.rows[0] ?? {}), false);
});

test('a message that was not taken is sent again with its number, on a stream that describes its edges anew', () => {
  const { clock, streams, uplink, tell, count } = rig();
  uplink.start();
  tell({ type: 'welcome', interval: 1000 });
  count('orders');
  clock.advance(1000);
  streams[0]?.handlers.onEnd({ kind: 'unreachable', message: '' });
  count('orders');
  clock.advance(3000);
  assert.equal(streams.length, 2);
  tell({ type: 'welcome', interval: 1000 });
  const [again] = counts(streams[1]);
  assert.deepEqual([again?.sequence, again?.edges.length, requests(again)], [1, 1, 1]);
  tell({ type: 'taken', sequence: 1 });
  clock.advance(1000);
  assert.deepEqual([counts(streams[1])[1]?.sequence, requests(counts(streams[1])[1])], [2, 1]);
});

test('what the control plane refused is not sent for ever', () => {
  const { clock, streams, uplink, tell, count } = rig();
  uplink.start();
  tell({ type: 'welcome', interval: 1000 });
  count('orders');
  clock.advance(1000);
  streams[0]?.handlers.onEnd({ kind: 'malformed', message: '' });
  clock.advance(2000);
  tell({ type: 'welcome', interval: 1000 });
  assert.equal(counts(streams[1]).length, 0);
  count('orders');
  clock.advance(1000);
  assert.equal(counts(streams[1])[0]?.sequence, 2);
});

test('many edges, and texts as long as they may be, go in as many messages as needed; without a control plane they stay bounded', () => {
  const { clock, streams, uplink, tell, count } = rig();
  uplink.start();
  for (let index = 0; index < 5000; index += 1) count(`s${index}${'x'.repeat(250)}`);
  clock.advance(1000);
  tell({ type: 'welcome', interval: 1000 });
  let sum = 0;
  const edges = new Set<string>();
  for (let round = 1; round < 2000; round += 1) {
    const message = counts(streams.at(-1)).at(-1);
    if (message?.sequence !== round) break;
    sum += requests(message);
    for (const { edge: each } of message.edges) edges.add(edgeKey(each));
    tell({ type: 'taken', sequence: round });
    clock.advance(1000);
    if (counts(streams.at(-1)).length === 0) tell({ type: 'welcome', interval: 1000 });
  }
  assert.equal(sum, 5000);
  assert.ok(edges.size <= 2001, `${edges.size}`);
});

test('a stream that has numbered all the edges it may is replaced by another, without a loss', () => {
  const { clock, streams, uplink, tell, count } = rig();
  uplink.start();
  tell({ type: 'welcome', interval: 1000 });
  let sum = 0;
  let sequence = 0;
  for (let round = 0; round < 50; round += 1) {
    for (let index = 0; index < 100; index += 1) count(`s${round}-${index}`);
    clock.advance(1000);
    for (let tries = 0; tries < 5; tries += 1) {
      const stream = streams.at(-1);
      if (stream?.sent.length === 1) tell({ type: 'welcome', interval: 1000 });
      const message = counts(stream).at(-1);
      if (message === undefined || message.sequence <= sequence) break;
      sequence = message.sequence;
      sum += requests(message);
      tell({ type: 'taken', sequence });
      clock.advance(1000);
    }
  }
  assert.equal(sum, 5000);
  assert.equal(streams.length, 2);
  assert.equal(streams[0]?.closed, true);
});

test('at the end the last counts go up', async () => {
  const { clock, streams, uplink, tell, count } = rig();
  uplink.start();
  tell({ type: 'welcome', interval: 1000 });
  count('orders', 7);
  const stopped = uplink.stop();
  assert.equal(requests(counts(streams[0])[0]), 7);
  assert.equal(streams[0]?.closed, false);
  tell({ type: 'taken', sequence: 1 });
  await stopped;
  assert.equal(streams[0]?.closed, true);
  assert.equal(clock.waiting, 0);
});

test('a control plane that takes nothing holds up the end for half a second', async () => {
  const { clock, streams, uplink, tell, count } = rig();
  uplink.start();
  tell({ type: 'welcome', interval: 1000 });
  count('orders');
  const stopped = uplink.stop();
  clock.advance(500);
  await stopped;
  assert.equal(streams[0]?.closed, true);
});

const record = (path: string): TapRecord => ({
  at: 0,
  kind: 'http',
  direction: 'outbound',
  port: 0,
  peer: '',
  identity: '',
  secured: true,
  service: '',
  route: '',
  method: 'GET',
  authority: '',
  path,
  protocol: 'HTTP/2',
  status: 200,
  grpc: -1,
  flags: '',
  details: '',
  duration: 1.5,
  requestBytes: 0,
  responseBytes: 0,
  attempts: 1,
  requestId: '',
  weight: 1,
  headers: [['user-agent', 'curl']],
});

test('taps: shown while open; a stream that is blocked misses and says how many', () => {
  const { clock, streams, uplink, tell, shown } = rig();
  const request: TapRequest = { to: '', method: '', path: '', status: 0, rate: 100, keep: false };
  const told = (): [string[], number][] =>
    (streams[0]?.sent ?? []).flatMap((message) =>
      message.type === 'tapped' ? [[message.records.map(({ path }) => path), message.missed]] : [],
    );
  uplink.start();
  tell({ type: 'welcome', interval: 1000 });
  tell({ type: 'tap', tap: 1, request });
  shown[0]?.(record('/a'));
  shown[0]?.(record('/b'));
  clock.advance(100);
  assert.deepEqual(told(), [[['/a', '/b'], 0]]);
  if (streams[0] !== undefined) streams[0].blocked = true;
  for (let index = 0; index < 500; index += 1) shown[0]?.(record('/lost'));
  clock.advance(100);
  if (streams[0] !== undefined) streams[0].blocked = false;
  shown[0]?.(record('/c'));
  clock.advance(100);
  assert.deepEqual(told()[1], [['/c'], 500]);
  tell({ type: 'untap', tap: 1 });
  assert.equal(shown.length, 0);
});
