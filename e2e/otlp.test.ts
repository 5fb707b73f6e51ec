/**
 * Traces, metrics and access logs of a mesh with both engines at a real OpenTelemetry Collector, over TLS: what arrives there is what happened. A
 * collector that goes away costs no request anything, and totals are whole when it is back.
 */
import assert from 'node:assert/strict';
import path from 'node:path';
import { after, before, describe, test } from 'node:test';
import { ServiceChain } from '@weft/testkit/chain';
import { exchange } from '@weft/testkit/http-client';
import { TestMesh } from '@weft/testkit/mesh';
import { OtelCollector, type ReceivedPoint } from '@weft/testkit/otel-collector';
import { needs } from '@weft/testkit/tools';
import { until } from '@weft/testkit/wait';

const ARRIVED = { timeout: 60_000 };
const NAMES = ['web', 'middle', 'back'];
const DURATIONS = 'istio_request_duration_milliseconds';

const indented = (pem: string, by: number): string => pem.trim().replaceAll('\n', `\n${' '.repeat(by)}`);

const meshWith = ({ grpcPort, httpPort, roots }: OtelCollector, protocol: 'Grpc' | 'Http', metrics: string): string => `
apiVersion: weft.dev/v1alpha1
kind: Mesh
metadata: { name: default }
spec:
  trustDomain: weft.local
  tracing:
    endpoint: https://localhost:${protocol === 'Grpc' ? grpcPort : httpPort}
    protocol: ${protocol}
    sampling: "100"
    caCertificates: |
      ${indented(roots, 6)}
  metrics:
    otlp:
      endpoint: https://127.0.0.1:${protocol === 'Grpc' ? grpcPort : httpPort}
      protocol: ${protocol}
      interval: 1s
      resourceAttributes: { deployment.environment.name: tests }
      ${metrics}
      caCertificates: |
        ${indented(roots, 8)}
  accessLogs:
    - to: Otlp
      endpoint: https://localhost:${protocol === 'Grpc' ? grpcPort : httpPort}
      protocol: ${protocol}
      resourceAttributes: { deployment.environment.name: tests }
      text: '%REQ(:METHOD)% %PATH(NQ)%'
      fields: { status: '%RESPONSE_CODE%', flags: '%RESPONSE_FLAGS%' }
      filter: { minStatus: 418 }
      caCertificates: |
        ${indented(roots, 8)}
`;

/** The newest point of each series. */
function latest(points: readonly ReceivedPoint[]): ReceivedPoint[] {
  const found = new Map<string, ReceivedPoint>();
  for (const point of points) found.set(JSON.stringify([point.metric, point.attributes]), point);
  return [...found.values()];
}

describe('OpenTelemetry Collector', { skip: needs('otel-collector', 'openssl') }, () => {
  const mesh = new TestMesh();
  const collector = new OtelCollector();
  const services = new ServiceChain();
  let entry = 0;

  const send = async (count: number, to: string, status: number): Promise<void> => {
    for (let index = 0; index < count; index += 1)
      assert.equal((await exchange({ port: entry }, { path: `${to}?status=${status}` })).status, status);
  };
  /** Counts of istio_requests_total with that status, by who counted and whom they called. */
  const counted = (points: readonly ReceivedPoint[], status: number): Record<string, number> =>
    Object.fromEntries(
      points
        .filter(
          ({ metric, attributes }) =>
            metric === 'istio_requests_total' && attributes['response_code'] === String(status),
        )
        .map(({ attributes, value }) => [`${attributes['reporter']} ${attributes['destination_app']}`, value]),
    );
  const everywhere = (count: number): Record<string, number> => ({
    'source middle': count,
    'destination middle': count,
    'source back': count,
    'destination back': count,
  });
  const untilCounted = async (status: number, count: number, read: () => readonly ReceivedPoint[]): Promise<void> => {
    const wanted = everywhere(count);
    await until(() => {
      const found = counted(read(), status);
      return Object.entries(wanted).every(([key, value]) => found[key] === value);
    }, ARRIVED).catch(() => undefined);
    assert.deepEqual(
      counted(read(), status),
      Object.fromEntries(Object.entries(counted(read(), status)).map(([key]) => [key, wanted[key]])),
      `${mesh.output()}\n${collector.output}`,
    );
    assert.equal(Object.keys(counted(read(), status)).length, 4, `${mesh.output()}\n${collector.output}`);
  };
  const totals = (): ReceivedPoint[] => latest(collector.read().points.filter(({ temporality }) => temporality !== 1));

  before(async () => {
    await collector.start();
    await mesh.up();
    await mesh.apply(meshWith(collector, 'Grpc', 'histograms: Explicit'));
    entry = await services.start(mesh);
  });

  after(async () => {
    await mesh[Symbol.asyncDispose]();
    services[Symbol.dispose]();
    await collector[Symbol.asyncDispose]();
  });

  test('over gRPC and TLS: metrics count what was sent, from a start that stays, with Istio’s names for both engines', async () => {
    await send(12, '/teapot', 418);
    await send(5, '/down', 503);
    await untilCounted(418, 12, totals);
    await untilCounted(503, 5, totals);
    const points = totals();
    const durations = points.filter(({ metric }) => metric === 'istio_request_duration_milliseconds');
    for (const { kind, temporality, value, bucketCounts, resource, start, time, sum } of durations) {
      assert.deepEqual([kind, temporality], ['histogram', 2]);
      assert.equal(
        bucketCounts.reduce((total, held) => total + held, 0),
        value,
      );
      assert.ok(sum > 0 && start > 0 && start < time);
      assert.deepEqual(
        [resource['service.name'], resource['weft.mesh'], resource['deployment.environment.name']],
        ['weft', 'default', 'tests'],
      );
    }
    assert.ok(durations.length >= 4);
    const one = collector
      .read()
      .points.filter(
        ({ metric, attributes }) => metric === 'istio_requests_total' && attributes['response_code'] === '418',
      );
    const starts = new Map(one.map(({ attributes, start }) => [JSON.stringify(attributes), start]));
    assert.ok(one.every(({ attributes, start }) => starts.get(JSON.stringify(attributes)) === start));
    const own = points.filter(({ metric }) => metric === 'pilot_proxy_convergence_time');
    assert.ok((own[0]?.value ?? 0) > 0 && own[0]?.kind === 'histogram');
    assert.equal(
      points.find(({ metric, attributes }) => metric === 'weft_proxies' && attributes['state'] === 'synced')?.value,
      3,
    );
  });

  test('over gRPC and TLS: one trace a request over both engines, and each access log’s record carries its ids', async () => {
    const whole = () => {
      const { spans, logs } = collector.read();
      const traces = Map.groupBy(
        spans.filter(({ attributes }) => attributes['url.path'] === '/teapot'),
        ({ traceId }) => traceId,
      );
      return { traces, logs: logs.filter(({ body }) => body === 'GET /teapot') };
    };
    await until(() => {
      const { traces, logs } = whole();
      return traces.size === 12 && [...traces.values()].every((spans) => spans.length === 4) && logs.length === 48;
    }, ARRIVED).catch(() => undefined);
    const { traces, logs } = whole();
    assert.deepEqual([traces.size, logs.length], [12, 48], `${mesh.output()}\n${collector.output}`);
    for (const [id, spans] of traces) {
      assert.deepEqual(new Set(spans.map(({ resource }) => resource['service.name'])), new Set(NAMES));
      const own = logs.filter(({ traceId }) => traceId === id);
      assert.deepEqual(new Set(own.map(({ spanId }) => spanId)), new Set(spans.map(({ spanId }) => spanId)));
    }
    for (const { attributes, resource } of logs) {
      assert.deepEqual(attributes, { status: '418', flags: '-' });
      assert.equal(resource['deployment.environment.name'], 'tests');
      assert.ok(NAMES.includes(resource['service.name'] ?? ''));
    }
    assert.equal(collector.read().logs.filter(({ attributes }) => attributes['status'] === '200').length, 0);
  });

  test('over gRPC and TLS: durations of both engines and both sides have exemplars, whose traces have arrived', async () => {
    const missing = (): string[] => {
      const { spans, points } = collector.read();
      const traces = new Set(spans.map(({ traceId }) => traceId));
      const found = points
        .filter(({ metric, exemplars }) => metric === DURATIONS && exemplars.some((id) => traces.has(id)))
        .map(({ attributes }) => `${attributes['reporter']} ${attributes['destination_app']}`);
      return Object.keys(everywhere(0)).filter((edge) => !found.includes(edge));
    };
    await until(() => missing().length === 0, ARRIVED).catch(() => undefined);
    assert.deepEqual(missing(), [], `${mesh.output()}\n${collector.output}`);
  });

  test('a collector that is away: requests are answered as ever, what was not taken is counted, and totals are whole when it is back', async () => {
    await collector.stop();
    const failures = async (): Promise<number> => {
      const { body } = await exchange({ socketPath: path.join(mesh.data, 'control.sock') }, { path: '/metrics' });
      return Number(/^weft_otlp_failures_total (\d+)/m.exec(body.toString())?.[1] ?? 0);
    };
    await send(8, '/away', 418);
    await until(async () => (await failures()) > 0, ARRIVED);
    await collector.start();
    await untilCounted(418, 20, totals);
  });

  test('over HTTP and TLS: amounts, durations as exponential histograms, and the same traces and logs', async () => {
    const before = collector.read().points.length;
    await mesh.apply(meshWith(collector, 'Http', 'temporality: Delta\n      histograms: Exponential'));
    await until(async () => {
      await exchange({ port: entry }, { path: '/http?status=420' });
      const { spans, logs } = collector.read();
      const seen = (list: readonly { readonly resource: Readonly<Record<string, string>> }[]): number =>
        new Set(list.map(({ resource }) => resource['service.name'])).size;
      return (
        seen(spans.filter(({ attributes }) => attributes['url.path'] === '/http')) === 3 &&
        seen(logs.filter(({ body }) => body === 'GET /http')) === 3
      );
    }, ARRIVED).catch((error: unknown) => assert.fail(`${String(error)}\n${mesh.output()}\n${collector.output}`));
    await send(7, '/delta', 421);
    const deltas = () =>
      collector
        .read()
        .points.slice(before)
        .filter(({ temporality }) => temporality === 1);
    const summed = () =>
      [...Map.groupBy(deltas(), ({ metric, attributes }) => JSON.stringify([metric, attributes])).values()].map(
        (points) => ({ ...(points[0] as ReceivedPoint), value: points.reduce((sum, { value }) => sum + value, 0) }),
      );
    await untilCounted(421, 7, summed);
    const durations = deltas().filter(({ metric }) => metric === 'istio_request_duration_milliseconds');
    assert.ok(durations.length > 0 && durations.every(({ kind }) => kind === 'exponentialHistogram'));
  });
});
