/** What the control plane keeps of what agents tell takes no more memory than it says, whatever they tell: each store filled with the largest there is. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { LIMITS } from '@weft/core/agent-api';
import { TAP_HEADERS, TAP_TEXT, type TapRecord } from '@weft/core/tap';
import { SPAN_ATTRIBUTES, SPAN_TEXT, type TraceSpan } from '@weft/core/traces';
import { type Edge, EDGE_TEXT, FIRST_BUCKET, LAST_BUCKET, NO_COUNTS, type TrafficCounts } from '@weft/core/traffic';
import { FakeClock } from '@weft/testkit/clock';
import { octetsAlive } from '@weft/testkit/heap';
import { DescribedEdges, type StreamEdges } from './described-edges.ts';
import { LiveTraffic } from './live-traffic.ts';
import { RecentRequests } from './recent/index.ts';
import { TraceStore } from './trace-store.ts';

const MEBI = 1024 * 1024;
const ROOM = 4 * MEBI;

/** A text that no other is, of two octets a character and as long as it may be. */
const longest = (length: number, ...numbers: readonly (number | string)[]): string =>
  numbers.join(' ').padEnd(length, '\u4e00').slice(0, length);

/** Holds what it takes to what it says, and that to `room`. A store that keeps nothing is within any bound: this one must be full. */
function withinRoom(what: string, octets: number, said: number, room: number): void {
  const figures = `${what}: it takes ${octets} and says ${said}, the bound is ${room}`;
  assert.ok(octets <= said && said <= room, figures);
  assert.ok(said >= room / 3 && octets >= said / 5, figures);
}

const span = (trace: number, number: number): TraceSpan => ({
  trace: trace.toString(16).padStart(32, '0'),
  id: number.toString(16).padStart(16, '0'),
  parent: number.toString(16).padStart(16, 'f'),
  name: longest(SPAN_TEXT, 'n', number),
  kind: 'server',
  start: 1_795_810_465_379.25 + number / 7,
  duration: number / 3,
  error: true,
  attributes: Array.from({ length: SPAN_ATTRIBUTES }, (_, index) => [
    longest(SPAN_TEXT, 'a', number, index),
    longest(SPAN_TEXT, 'v', number, index),
  ]),
});

test('traces: large spans, small ones, many traces and one', () => {
  const clock = new FakeClock();
  for (const { what, add } of [
    {
      what: 'large spans of few traces',
      add: (store: TraceStore) => {
        for (let at = 0; at < 800; at += 1) store.add('shop', longest(63, at), received([span(at % 20, at)]), 0);
      },
    },
    {
      what: 'small spans, each a trace',
      add: (store: TraceStore) => {
        for (let at = 0; at < 15_000; at += 1)
          store.add('s', 'w', received([{ ...span(at, at), name: '', attributes: [] }]), 0);
      },
    },
    {
      what: 'spans with many short attributes',
      add: (store: TraceStore) => {
        const attributes = Array.from({ length: SPAN_ATTRIBUTES }, () => ['', ''] as const);
        for (let at = 0; at < 4000; at += 1)
          store.add('s', 'w', received([{ ...span(at, at), name: '', attributes }]), 0);
      },
    },
    {
      what: 'a span that comes again larger',
      add: (store: TraceStore) => {
        for (let at = 0; at < 1500; at += 1) store.add('s', 'w', [{ ...span(at, at), attributes: [] }], 0);
        for (let at = 0; at < 1500; at += 1) store.add('s', 'w', received([span(at, at)]), 0);
      },
    },
  ]) {
    const { octets, made } = octetsAlive(
      () => new TraceStore({ clock, room: ROOM, spans: 1e9, spansOfTrace: 1e9 }),
      add,
    );
    const { spans, octets: said, forgotten, missed } = made.health;
    withinRoom(what, octets, said, ROOM);
    assert.ok(spans > 100 && forgotten > 0 && missed === 0, `${what}: ${JSON.stringify(made.health)}`);
  }
});

const record = (number: number): TapRecord => ({
  at: 1_795_810_465_379 + number,
  kind: 'http',
  direction: 'outbound',
  port: 65_535,
  peer: longest(TAP_TEXT, 'p', number),
  identity: longest(EDGE_TEXT, 'i', number),
  secured: true,
  service: longest(TAP_TEXT, 's', number),
  route: longest(TAP_TEXT, 'r', number),
  method: longest(TAP_TEXT, 'm', number),
  authority: longest(TAP_TEXT, 'a', number),
  path: longest(TAP_TEXT, '/', number),
  protocol: longest(TAP_TEXT, 'H', number),
  status: 500,
  grpc: Number.MAX_SAFE_INTEGER,
  flags: longest(TAP_TEXT, 'F', number),
  details: longest(TAP_TEXT, 'd', number),
  duration: number / 7,
  requestBytes: Number.MAX_SAFE_INTEGER,
  responseBytes: Number.MAX_SAFE_INTEGER,
  attempts: Number.MAX_SAFE_INTEGER,
  requestId: longest(TAP_TEXT, 'x', number),
  weight: 1,
  headers: Array.from({ length: TAP_HEADERS }, (_, index) => [
    ['user-agent', 'accept', 'traceparent', 'x-forwarded-for'][index % 4] ?? '',
    longest(TAP_TEXT, 'h', number, index),
  ]),
});

/** As from a message: no text of it is a part of another, or shared. */
const received = <T>(value: T): T => JSON.parse(JSON.stringify(value)) as T;

test('requests and their kinds: of one workload, of many, of shared and of ever new texts', () => {
  for (const { what, add } of [
    {
      what: 'large ones of one workload',
      add: (recent: RecentRequests) => {
        for (let at = 0; at < 1500; at += 1) recent.add('shop/web', 'i', received([record(at)]), 0);
      },
    },
    {
      what: 'large ones, each of another workload',
      add: (recent: RecentRequests) => {
        for (let at = 0; at < 1500; at += 1)
          recent.add(`shop/w${at}`, longest(EDGE_TEXT, at), received([record(at)]), 0);
      },
    },
    {
      what: 'small ones that differ in what they end with',
      add: (recent: RecentRequests) => {
        const small = {
          peer: 'p',
          identity: '',
          service: '',
          route: '',
          method: '',
          authority: '',
          path: '',
          flags: '',
        };
        const empty = { ...small, protocol: '', details: '', requestId: '', headers: [] };
        for (let at = 0; at < 20_000; at += 1)
          recent.add('shop/web', 'i', received([{ ...record(at), ...empty, path: `/${'abcdefgh'[at % 8]}` }]), 0);
      },
    },
  ]) {
    const rooms = { room: ROOM, shapesRoom: ROOM };
    const wall = new FakeClock().wall;
    const addressed = (): { service: string; port: number; gateway: boolean } => ({
      service: 'shop/orders',
      port: 80,
      gateway: false,
    });
    const { octets, made } = octetsAlive(() => new RecentRequests({ wall, addressed, ...rooms }), add);
    const { octets: said, shapesOctets, requests } = made.keeping;
    withinRoom(what, octets, said + shapesOctets, 2 * ROOM);
    assert.ok(said <= ROOM && shapesOctets <= ROOM && requests > 100, `${what}: ${JSON.stringify(made.keeping)}`);
  }
});

test('kinds of requests that are seen all day long: what their hours take is counted', () => {
  const seen = { ...record(0), path: '/', headers: [], weight: 2 ** 40 };
  const { octets, made } = octetsAlive(
    () => {
      const wall = { at: 0, now: () => wall.at };
      return { wall, recent: new RecentRequests({ wall, addressed: () => undefined, room: MEBI, shapesRoom: MEBI }) };
    },
    ({ wall, recent }) => {
      for (; wall.at < 144 * 600_000; wall.at += 600_000)
        for (let at = 0; at < 120; at += 1) recent.add(`s/w${at}`, 'i', [seen], 0);
    },
  );
  const { octets: said, shapesOctets, shapesForgotten } = made.recent.keeping;
  withinRoom('hours', octets, said + shapesOctets, 2 * MEBI);
  assert.ok(shapesForgotten > 0, `${shapesOctets}`);
});

const party = (...numbers: readonly (number | string)[]): Edge['source'] => ({
  namespace: longest(EDGE_TEXT, 'n', ...numbers),
  workload: longest(EDGE_TEXT, 'w', ...numbers),
  app: longest(EDGE_TEXT, 'a', ...numbers),
  version: longest(EDGE_TEXT, 'v', ...numbers),
  identity: longest(EDGE_TEXT, 'i', ...numbers),
});

const largeEdge = (number: number): Edge => ({
  reporter: 'source',
  protocol: 'http',
  source: party('s', number),
  destination: party('d', number),
  service: { namespace: longest(EDGE_TEXT, 'sn', number), name: longest(EDGE_TEXT, 's', number) },
  route: longest(EDGE_TEXT, 'r', number),
  security: 'mutual_tls',
});

const smallEdge = (number: number): Edge => ({
  ...largeEdge(0),
  // Each of another source: one alone may not have all of it.
  source: { namespace: '', workload: '', app: '', version: '', identity: String(number) },
  destination: { namespace: '', workload: '', app: '', version: '', identity: '' },
  service: { namespace: '', name: '' },
  route: '',
});

/** As many answers and buckets as a message may have; `offset` makes others of them. */
function largeCounts(offset: number): TrafficCounts {
  const responses = Array.from({ length: LIMITS.responses }, (_, index) => ({
    code: (offset * LIMITS.responses + index) % 1000,
    grpc: (index % 18) - 1,
    flags: `${'ABCDEFGHIJ'[offset % 10]}${'ABCDEFGHIJ'[index % 10]},`.repeat(30),
    count: Number.MAX_SAFE_INTEGER,
  }));
  const buckets = Array.from(
    { length: LAST_BUCKET - FIRST_BUCKET + 1 },
    (_, index) => [FIRST_BUCKET + index, 2 ** 40] as const,
  );
  return { ...NO_COUNTS, requests: 1, responses, durations: { count: 1, sum: 1 / 3, buckets } };
}

test('the live table: edges with large texts, and with large counts in every interval', () => {
  const exemplars = Array.from({ length: 4 }, (_, index) => ({
    traceId: String(index).repeat(32),
    value: 2 ** index / 3,
    at: 1,
  }));
  for (const { what, rooms, add } of [
    {
      what: 'large texts',
      rooms: { edgesRoom: ROOM, countsRoom: MEBI },
      add: (traffic: LiveTraffic) => {
        for (let at = 0; at < 1500; at += 1)
          traffic.add(received([{ edge: largeEdge(at), counts: NO_COUNTS, exemplars }]));
      },
    },
    {
      what: 'large counts',
      rooms: { edgesRoom: MEBI, countsRoom: ROOM },
      add: (traffic: LiveTraffic, clock: FakeClock) => {
        for (let slot = 0; slot < 130; slot += 1) {
          for (let at = 0; at < 20; at += 1) traffic.add([{ edge: smallEdge(at), counts: largeCounts(slot + at) }]);
          clock.advance(5000);
        }
      },
    },
    {
      what: 'many edges that count little',
      rooms: { edgesRoom: ROOM, countsRoom: ROOM },
      add: (traffic: LiveTraffic, clock: FakeClock) => {
        for (let slot = 0; slot < 30; slot += 1) {
          for (let at = 0; at < 1500; at += 1)
            traffic.add(received([{ edge: smallEdge(at + 100 * slot), counts: NO_COUNTS }]));
          clock.advance(5000);
        }
      },
    },
  ]) {
    const { octets, made } = octetsAlive(
      () => {
        const clock = new FakeClock();
        const traffic = new LiveTraffic({ clock, wall: clock.wall, maxEdges: 1e9, ...rooms });
        traffic.start();
        traffic.onSample(() => undefined);
        return { clock, traffic };
      },
      ({ clock, traffic }) => add(traffic, clock),
    );
    const { health } = made.traffic;
    const beside = 18 * 64 * 1024;
    withinRoom(what, octets, health.octets, rooms.edgesRoom + rooms.countsRoom + beside);
    assert.ok(health.overflow > 0, `${what}: ${JSON.stringify(health)}`);
    made.traffic.stop();
  }
});

test('edges that streams describe: who describes most gives way, the others stay', () => {
  const gaveWay: number[] = [];
  const { octets, made } = octetsAlive(
    () => {
      gaveWay.length = 0;
      const described = new DescribedEdges(ROOM);
      const streams: StreamEdges[] = Array.from({ length: 50 }, (_, stream) =>
        described.open(() => gaveWay.push(stream)),
      );
      return { described, streams };
    },
    ({ streams }) => {
      for (const [stream, edges] of streams.slice(1).entries()) edges.set(0, received(largeEdge(-stream)));
      for (let stream = 0; stream < 4; stream += 1)
        for (let id = 0; id < LIMITS.edgeIds; id += 1)
          streams[stream]?.set(id, received(largeEdge(stream * 10_000 + id)));
      for (let id = 0; id < 400; id += 1) streams[4]?.set(id, received(largeEdge(50_000 + id)));
    },
  );
  withinRoom('described', octets, made.described.octets, ROOM);
  assert.deepEqual(gaveWay, [0, 1, 2, 3]);
  assert.ok(made.streams.slice(5).every((edges) => edges.size === 1));
  for (const edges of made.streams) edges.close();
  assert.equal(made.described.octets, 0);
});
