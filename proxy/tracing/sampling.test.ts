/** Our engine's own sampler at work: rules, headers of several formats, spans that are kept for how they ended. */
import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import type { MeshSampler, Tracing } from '@weft/core/proxy-config';
import type { ServiceMessages, Span } from '@weft/core/services';
import { EchoServer } from '@weft/testkit/echo';
import { exchange } from '@weft/testkit/http-client';
import { until } from '@weft/testkit/wait';
import { chain, cluster, endpoint, endpointSet, listener, manager, routeTable } from '../testing/config.ts';
import { config, startEngine } from '../testing/engines.ts';

const TRACE = '0af7651916cd43dd8448eb211c80319c';
const SPAN = 'b7ad6b7169203331';
const NAME = 'outbound/shop/orders/80';

const tracing = (sampler: MeshSampler): Tracing => ({
  clientSampling: 100,
  randomSampling: 100,
  overallSampling: 100,
  maxPathTagLength: 256,
  customTags: [],
  spawnUpstreamSpan: false,
  noContextPropagation: false,
  operation: '%REQ(:PATH)%',
  upstreamOperation: '',
  provider: {
    kind: 'opentelemetry',
    exporter: {
      kind: 'http',
      service: { uri: 'http://collector/v1/traces', cluster: 'collector', timeout: 1000 },
      headers: [],
    },
    serviceName: 'me',
    detectors: [],
    sampler,
    maxCacheSize: 100,
  },
});

const pathOf = ({ attributes }: Span): unknown => new Map(attributes).get('url.path');

/** An engine whose spans are seen as they are encoded. */
async function traced(context: TestContext, sampler: Partial<MeshSampler>) {
  const app = new EchoServer('app');
  await app.start();
  context.after(() => app.stop());
  const spans: Span[] = [];
  const row = tracing({ kind: 'mesh', sampling: 0, rules: [], tail: undefined, headers: ['w3c'], ...sampler });
  const rows = config({
    listeners: [
      listener('in', [chain('http', {}, { terminal: manager({ kind: 'rds', name: 'r' }, { tracing: row }) })]),
    ],
    routes: [routeTable('r', NAME)],
    clusters: [cluster(NAME), cluster('collector')],
    endpoints: [endpointSet(NAME, [endpoint(app.port)]), endpointSet('collector', [endpoint(app.port)])],
  });
  const { port } = await startEngine(context, rows, {
    runtimeValues: new Map([['tracing.opentelemetry.min_flush_spans', 1]]),
    messages: () =>
      ({
        exportSpans(_resource, sent) {
          spans.push(...sent);
          return new Uint8Array(0);
        },
        rejectedSpans: () => 0,
      }) as Partial<ServiceMessages> as ServiceMessages,
  });
  return {
    spans,
    async ask(path: string, headers: Record<string, string> = {}): Promise<Record<string, string>> {
      const { body } = await exchange({ port: port('in') }, { path, headers });
      return (JSON.parse(body.toString()) as { headers: Record<string, string> }).headers;
    },
  };
}

test('rules: the first that is about a request counts, else the common share', async (context) => {
  const rule = { namespace: '', service: '', pathPrefix: '', header: undefined, sampling: 100 };
  const { spans, ask } = await traced(context, {
    rules: [
      { ...rule, pathPrefix: '/health', sampling: 0 },
      { ...rule, header: { name: 'x-debug', value: 'on' } },
      { ...rule, namespace: 'shop', service: 'orders', pathPrefix: '/pay' },
      { ...rule, namespace: 'other', service: 'orders' },
    ],
  });
  await ask('/health', { 'x-debug': 'on' });
  await ask('/none');
  await ask('/off', { 'x-debug': 'off' });
  await ask('/on', { 'x-debug': 'on' });
  await ask('/pay/1');
  await until(() => spans.length >= 2);
  assert.deepEqual(spans.map(pathOf), ['/on', '/pay/1']);
});

test('headers: W3C wins where several tell of a trace; all formats are written', async (context) => {
  const { spans, ask } = await traced(context, { headers: ['w3c', 'b3-single', 'jaeger', 'datadog'] });
  const sent = await ask('/both', {
    traceparent: `00-${TRACE}-${SPAN}-01`,
    b3: `${'1'.repeat(32)}-${'2'.repeat(16)}-0`,
    'uber-trace-id': `${'3'.repeat(32)}:${'4'.repeat(16)}:0:0`,
  });
  await until(() => spans.length === 1);
  const [span] = spans;
  assert.deepEqual([span?.traceId, span?.parentId], [TRACE, SPAN]);
  const id = span?.spanId ?? '';
  assert.deepEqual(
    ['traceparent', 'b3', 'uber-trace-id', 'x-datadog-parent-id'].map((name) => sent[name]),
    [`00-${TRACE}-${id}-01`, `${TRACE}-${id}-1-${SPAN}`, `${TRACE}:${id}:0:1`, BigInt(`0x${id}`).toString()],
  );
  const jaeger = await ask('/jaeger', { 'uber-trace-id': `a1:b2:0:1` });
  assert.match(jaeger['traceparent'] ?? '', /^00-0{30}a1-[0-9a-f]{16}-01$/);
});

test('kept for how they ended: failures and slow requests, marked as not sampled; others are not', async (context) => {
  const { spans, ask } = await traced(context, { tail: { errors: true, slowerThan: 80 } });
  await ask('/fine');
  const failed = await ask('/bad?status=500', { traceparent: `00-${TRACE}-${SPAN}-00` });
  await ask('/slow?delay=150');
  await until(() => spans.length >= 2);
  assert.deepEqual(
    spans.map((span) => [pathOf(span), span.unsampled, new Map(span.attributes).get('weft.kept')]),
    [
      ['/bad', true, 'error'],
      ['/slow', true, 'slow'],
    ],
  );
  assert.equal(spans[0]?.traceId, TRACE);
  assert.match(failed['traceparent'] ?? '', /-00$/);
});
