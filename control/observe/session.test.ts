import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { ObserveDown, ObserveUp } from '@weft/core/agent-api';
import { ok } from '@weft/core/kernel';
import type { TraceSpan } from '@weft/core/traces';
import { type Edge, NO_COUNTS, NOBODY } from '@weft/core/traffic';
import { FakeClock } from '@weft/testkit/clock';
import { Refusals } from '../authority/index.ts';
import { DescribedEdges } from './described-edges.ts';
import { LiveTraffic } from './live-traffic.ts';
import { ObserveSession, type SessionParts } from './session.ts';
import { ObserveService } from './service.ts';
import { TraceStore } from './trace-store.ts';

const edge = (name: string): Edge => ({
  reporter: 'source',
  protocol: 'http',
  source: NOBODY,
  destination: { ...NOBODY, namespace: 'shop', workload: name },
  service: { namespace: 'shop', name },
  route: '',
  security: 'mutual_tls',
});

function world(room: number) {
  const clock = new FakeClock();
  const parts: SessionParts = {
    traffic: new LiveTraffic({ clock, wall: clock.wall }),
    traces: new TraceStore({ clock }),
    described: new DescribedEdges(room),
    sequences: new Map(),
    // All that one account holds: its certificate says so, whatever its workloads are called.
    holder: (workload) => ok({ identity: `spiffe://mesh/ns/shop/sa/${/bad/.test(workload) ? 'bad' : 'web'}` }),
    interval: () => 1000,
    opened: () => undefined,
    closed: () => undefined,
  };
  const open = (name: string) => {
    const sent: ObserveDown[] = [];
    const refused: string[] = [];
    const session = new ObserveSession(parts, {
      send: (message) => sent.push(message),
      refuse: (reason, detail) => refused.push(`${reason}: ${detail}`),
    });
    session.receive({ type: 'hello', namespace: 'shop', name, app: '', version: '', epoch: 'a' });
    return { session, sent, refused };
  };
  return { parts, open };
}

const counts = (sequence: number, names: readonly string[], from = 0): ObserveUp => ({
  type: 'counts',
  sequence,
  edges: names.map((name, index) => ({ id: from + index, edge: edge(name) })),
  rows: names.map((_, index) => ({ id: from + index, counts: { ...NO_COUNTS, requests: 1 } })),
});

const many = (count: number, prefix: string): string[] =>
  Array.from({ length: count }, (_, index) => `${prefix}${index}`);

test('who describes most gives way when there are too many descriptions, and counts again on its next stream, once', () => {
  const { parts, open } = world(256 * 1024);
  const small = open('small');
  small.session.receive(counts(1, ['orders']));
  const large = open('large');
  for (let message = 1; large.refused.length === 0; message += 1)
    large.session.receive(counts(message, many(20, `m${message}-`), 20 * message));
  assert.deepEqual(large.refused, ['rate-limited: shop/large describes the most of too many edges']);
  assert.equal(parts.described.gaveWay, 1);
  const taken = large.sent.filter(({ type }) => type === 'taken').length;
  const again = open('large');
  again.session.receive(counts(taken + 1, many(20, 'again-')));
  again.session.receive(counts(taken + 1, many(20, 'again-')));
  small.session.receive({
    type: 'counts',
    sequence: 2,
    edges: [],
    rows: [{ id: 0, counts: { ...NO_COUNTS, requests: 1 } }],
  });
  assert.deepEqual([small.refused, again.refused], [[], []]);
  const requests = parts.traffic.edges().reduce((sum, row) => sum + row.counts.requests, 0);
  assert.equal(requests, 2 + 20 * (taken + 1));
  for (const { session } of [small, again]) session.lost();
  assert.equal(parts.described.octets, 0);
});

test('who makes up edges, names of its own and traces, on as many streams as it likes, takes nothing of the others', () => {
  const { parts, open } = world(64 * 1024 * 1024);
  const span = (trace: number): TraceSpan => ({
    trace: trace.toString(16).padStart(32, '0'),
    id: '1'.padStart(16, '0'),
    parent: '',
    name: 'GET',
    kind: 'client',
    start: trace,
    duration: 1,
    error: false,
    attributes: [],
  });
  const web = open('web');
  for (let name = 0; name < 50; name += 1) {
    web.session.receive(counts(name + 1, many(10, `true-${name}-`), name * 10));
    web.session.receive({ type: 'spans', spans: many(10, '').map((_, at) => span(name * 10 + at)), missed: 0 });
    const bad = open(`bad-${name}`);
    for (let message = 1; message <= 20; message += 1) {
      bad.session.receive(counts(message, many(100, `made-up-${name}-${message}-`)));
      const spans = many(100, '').map((_, at) => span(1e9 + name * 2000 + message * 100 + at));
      bad.session.receive({ type: 'spans', spans, missed: 0 });
    }
    assert.deepEqual(bad.refused, []);
  }
  const rows = parts.traffic.edges();
  const of = (workload: RegExp): typeof rows => rows.filter(({ edge: { source } }) => workload.test(source.workload));
  assert.deepEqual([of(/^web$/).length, of(/^web$/).every((row) => row.counts.requests === 1)], [500, true]);
  assert.ok(of(/^bad/).length <= 10_000 && of(/^bad/).length > 9000, `${of(/^bad/).length}`);
  assert.equal(of(/^bad/).length + (of(/^other$/)[0]?.counts.requests ?? 0), 100_000);
  for (let trace = 0; trace < 500; trace += 1)
    assert.equal(parts.traces.trace(span(trace).trace).length, 1, `${trace}`);
  assert.ok(parts.traces.health.forgotten > 80_000);
  assert.deepEqual(web.refused, []);
});

test('an edge that was never described is refused', () => {
  const { parts, open } = world(1e6);
  const { session, refused } = open('web');
  session.receive({ type: 'counts', sequence: 1, edges: [], rows: [{ id: 7, counts: NO_COUNTS }] });
  assert.match(refused[0] ?? '', /^message-malformed: shop\/web counts an edge/);
  assert.equal(parts.traffic.health.refused, 1);
});

test('a workload has four streams at most: the oldest gives way, the newest is never refused', () => {
  const clock = new FakeClock();
  const binding = { mesh: 'default', trustDomain: 'mesh', namespace: 'shop', account: 'web' };
  const refusals = new Refusals();
  const service = new ObserveService({
    clock,
    traffic: new LiveTraffic({ clock, wall: clock.wall }),
    registry: { holderOf: () => ({ id: 'r', binding, publicKey: '', revokedAt: 0 }) },
    refusals,
  });
  const { method } = service;
  assert.ok(method.kind === 'stream');
  const ended: number[] = [];
  const streams = Array.from({ length: 10 }, (_, stream) => {
    let tell: (message: Uint8Array) => void = () => undefined;
    method.handle({
      peer: { kind: 'local' },
      write: () => true,
      end: () => ended.push(stream),
      onMessage: (listener) => (tell = listener),
      onDrain: () => undefined,
      onEnd: () => undefined,
    });
    return (message: object) => tell(Buffer.from(JSON.stringify(message)));
  });
  for (const stream of streams)
    stream({ type: 'hello', namespace: 'shop', name: 'web', app: '', version: '', epoch: 'a' });
  assert.deepEqual(ended, [0, 1, 2, 3, 4, 5]);
  assert.equal(refusals.count('rate-limited'), 6);
  assert.deepEqual(service.workloads, ['shop/web']);
});
