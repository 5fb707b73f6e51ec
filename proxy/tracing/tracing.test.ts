/** What tracing costs a request while its collector is dead or silent: nothing but counted spans. */
import assert from 'node:assert/strict';
import { createServer } from 'node:net';
import { test } from 'node:test';
import type { Tracing } from '@weft/core/proxy-config';
import { EchoServer } from '@weft/testkit/echo';
import { exchange } from '@weft/testkit/http-client';
import { freePort } from '@weft/testkit/ports';
import { until } from '@weft/testkit/wait';
import { chain, cluster, endpoint, endpointSet, listener, manager, routeTable } from '../testing/config.ts';
import { config, startEngine } from '../testing/engines.ts';

const tracing: Tracing = {
  clientSampling: 100,
  randomSampling: 100,
  overallSampling: 100,
  maxPathTagLength: 256,
  customTags: [],
  spawnUpstreamSpan: true,
  noContextPropagation: false,
  operation: '',
  upstreamOperation: '',
  provider: {
    kind: 'zipkin',
    cluster: 'collector',
    endpoint: '/api/v2/spans',
    hostname: '',
    traceId128bit: true,
    sharedSpanContext: true,
    w3c: false,
  },
};

for (const [what, silent] of [
  ['dead', false],
  ['silent', true],
] as const) {
  test(`a ${what} collector: requests go on, and spans beyond the bound are counted`, async (context) => {
    const app = new EchoServer('app');
    await app.start();
    context.after(() => app.stop());
    const at = await freePort();
    if (silent) {
      const collector = createServer((socket) => void socket.on('error', () => undefined).resume());
      await new Promise<void>((resolve) => collector.listen(at, '127.0.0.1', resolve));
      context.after(() => void collector.close());
    }
    const rows = config({
      listeners: [listener('in', [chain('http', {}, { terminal: manager({ kind: 'rds', name: 'r' }, { tracing }) })])],
      routes: [routeTable('r', 'app')],
      clusters: [cluster('app'), cluster('collector')],
      endpoints: [endpointSet('app', [endpoint(app.port)]), endpointSet('collector', [endpoint(at)])],
    });
    const { engine, port } = await startEngine(context, rows);
    const count = (stat: string): number => engine.telemetry.counter(`tracing.zipkin.${stat}`).value;
    const requests = silent ? 2200 : 20;
    for (let i = 0; i < requests; i += 10) {
      const answers = await Promise.all(Array.from({ length: 10 }, () => exchange({ port: port('in') })));
      assert.ok(answers.every(({ status }) => status === 200));
    }
    if (silent) await until(() => count('spans_dropped') > 0);
    else await until(() => count('reports_failed') > 0 && count('spans_dropped') > 0);
    assert.equal(count('spans_sent'), 0);
  });
}
