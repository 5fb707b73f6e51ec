import assert from 'node:assert/strict';
import { test } from 'node:test';
import { SOURCE_LOG } from '@weft/core/agent-api';
import { openMetricsText } from '@weft/core/metrics';
import type { LogEntry, LogHttp } from '@weft/core/services';
import { NO_SELF } from '@weft/core/traffic';
import { serviceMessages } from '@weft/envoy/services';
import { FakeClock } from '@weft/testkit/clock';
import { EngineLog } from './engine-log.ts';

const TRACE = '0af7651916cd43dd8448eb211c80319c';
const SPAN = 'b7ad6b7169203331';

const HTTP: LogHttp = {
  protocol: 'HTTP/1.1',
  method: 'GET',
  scheme: 'http',
  authority: 'orders',
  path: '/',
  originalPath: '',
  userAgent: '',
  referer: '',
  forwardedFor: '',
  requestId: '',
  requestHeaders: [],
  status: 200,
  details: '',
  responseHeaders: [],
  responseTrailers: [],
};

const entry = (requestHeaders: LogHttp['requestHeaders']): LogEntry => ({
  early: undefined,
  client: undefined,
  directClient: undefined,
  local: undefined,
  serverName: '',
  tls: undefined,
  start: 1_700_000_000_000,
  duration: 7,
  lastRequestByte: 0,
  firstUpstreamSent: 0,
  firstUpstreamReceived: 0,
  lastUpstreamReceived: 0,
  upstreamRemote: { ip: '127.0.0.1', port: 80 },
  upstreamLocal: undefined,
  upstreamCluster: 'outbound/shop/orders/80',
  upstreamFailure: '',
  routeName: '',
  attempts: 1,
  terminationDetails: '',
  flags: [],
  metadata: new Map(),
  streamId: '',
  bytesReceived: 0,
  bytesSent: 0,
  http: { ...HTTP, requestHeaders },
});

/** Headers that the engine logged, and the trace that is an exemplar then; '': none. */
const CASES: readonly (readonly [headers: Readonly<Record<string, string>>, trace: string])[] = [
  [{}, ''],
  [{ traceparent: `00-${TRACE}-${SPAN}-01` }, TRACE],
  [{ traceparent: `00-${TRACE}-${SPAN}-03` }, TRACE],
  [{ traceparent: `00-${TRACE}-${SPAN}-00` }, ''],
  [{ traceparent: `00-${'0'.repeat(32)}-${SPAN}-01` }, ''],
  [{ traceparent: `00-${TRACE.toUpperCase()}-${SPAN}-01` }, ''],
  [{ traceparent: `00-${TRACE}-${SPAN}-01-more` }, ''],
  [{ traceparent: 'x"} 1' }, ''],
  [{ 'x-b3-traceid': TRACE, 'x-b3-sampled': '1' }, TRACE],
  [{ 'x-b3-traceid': SPAN, 'x-b3-sampled': '1' }, `0000000000000000${SPAN}`],
  [{ 'x-b3-traceid': TRACE, 'x-b3-sampled': '0' }, ''],
  [{ 'x-b3-traceid': 'x"} 1', 'x-b3-sampled': '1' }, ''],
  [{ traceparent: `00-${TRACE}-${SPAN}-00`, 'x-b3-traceid': TRACE, 'x-b3-sampled': '1' }, ''],
];

test('an exemplar is the trace that the logged headers say is sampled, read strictly', () => {
  for (const [headers, trace] of CASES) {
    const log = new EngineLog({ clock: new FakeClock(), self: NO_SELF, endpoints: () => undefined });
    const node = { id: 'n', cluster: 'c', metadata: {}, locality: { region: '', zone: '', subZone: '' } };
    log.open()(
      serviceMessages.accessLogMessage(
        'http',
        [serviceMessages.accessLogEntry('http', entry(Object.entries(headers)))],
        {
          node,
          logName: SOURCE_LOG,
        },
      ),
    );
    assert.equal(log.unreadable, 0);
    const text = openMetricsText(log.table.families(1_700_000_001_000));
    assert.match(text, /^istio_requests_total\{.*\} 1$/m);
    const found = [...text.matchAll(/# \{trace_id="(.*)"\} (.*)$/gm)].map(([, id, rest]) => `${id} ${rest}`);
    assert.deepEqual(found, trace === '' ? [] : [`${trace} 7 1700000000.007`], JSON.stringify(headers));
  }
});

test('whatever strangers write, and however many paths of it, is one row that holds none of it', () => {
  const log = new EngineLog({ clock: new FakeClock(), self: NO_SELF, endpoints: () => undefined });
  const node = { id: 'n', cluster: 'c', metadata: {}, locality: { region: '', zone: '', subZone: '' } };
  const read = log.open();
  const evil = [
    '<script>alert(1)</script>',
    '\u001b[31m',
    '\r\nx: y',
    '\u202egnp',
    '"} 1\nforged{a="',
    'x'.repeat(2000),
  ];
  const paths = 5000;
  for (let first = 0; first < paths; first += 100) {
    const entries = Array.from({ length: 100 }, (_, index) => {
      const text = `evil${first + index}${evil[index % evil.length] ?? ''}`;
      const headers = [
        ['traceparent', text],
        ['content-type', text],
      ] as const;
      const http = {
        ...HTTP,
        method: text,
        authority: text,
        path: text,
        userAgent: text,
        requestId: text,
        details: text,
      };
      const one = {
        ...entry([]),
        http: { ...http, requestHeaders: headers },
        serverName: text,
        terminationDetails: text,
      };
      return serviceMessages.accessLogEntry('http', one);
    });
    read(serviceMessages.accessLogMessage('http', entries, first === 0 ? { node, logName: SOURCE_LOG } : undefined));
  }
  assert.deepEqual([log.unreadable, log.table.size], [0, 1]);
  const text = openMetricsText(log.table.families(1_700_000_001_000));
  assert.match(text, new RegExp(`^istio_requests_total\\{.*\\} ${paths}$`, 'm'));
  assert.doesNotMatch(text, /evil|script|forged|gnp|xxx/);
});

test('a connection is counted when it reached its endpoint, while it is open, and at its end: each octet once', () => {
  const clock = new FakeClock();
  const log = new EngineLog({ clock, self: NO_SELF, endpoints: () => undefined });
  const node = { id: 'n', cluster: 'c', metadata: {}, locality: { region: '', zone: '', subZone: '' } };
  const read = log.open();
  const client = { ip: '10.0.0.1', port: 4711 };
  const say = (early: LogEntry['early'], bytesReceived: number, bytesSent: number, over: Partial<LogEntry> = {}) => {
    const made = { ...entry([]), client, http: undefined, early, bytesReceived, bytesSent, ...over };
    read(
      serviceMessages.accessLogMessage('tcp', [serviceMessages.accessLogEntry('tcp', made)], {
        node,
        logName: SOURCE_LOG,
      }),
    );
    return log.take().flatMap(({ cells }) => cells);
  };
  const [opened, closed, received, sent, openTime] = [0, 1, 2, 3, 4];
  assert.deepEqual(say('connected', 0, 0), [
    [opened, 1],
    [openTime, 1],
  ]);
  clock.advance(15_000);
  assert.deepEqual(say('periodic', 0, 0), [[openTime, 15_000]]);
  clock.advance(15_000);
  assert.deepEqual(say('periodic', 10, 20), [
    [received, 10],
    [sent, 20],
    [openTime, 15_000],
  ]);
  clock.advance(1000);
  assert.deepEqual(say(undefined, 15, 20), [
    [closed, 1],
    [received, 5],
    [openTime, 1000],
  ]);
  // Behind TLS nobody knows yet who it is when Envoy reached the application.
  const unknown = { version: 'TLSv1.3', peerUriSans: [], peerSubject: '', localUriSan: '' };
  assert.deepEqual(say('connected', 0, 0, { tls: unknown }), []);
  clock.advance(15_000);
  assert.deepEqual(say('periodic', 0, 0, { tls: { ...unknown, peerUriSans: ['spiffe://m/ns/a/sa/b'] } }), [
    [opened, 1],
    [openTime, 15_000],
  ]);
  say(undefined, 0, 0);
  // Of one that never reached an endpoint there is its end alone.
  assert.deepEqual(say(undefined, 3, 0, { upstreamRemote: undefined, duration: 7 }), [
    [closed, 1],
    [received, 3],
    [openTime, 7],
  ]);
  assert.equal(log.unreadable, 0);
});
