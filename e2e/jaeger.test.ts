/** A real Jaeger 2 takes the spans of both engines by OTLP, over gRPC and HTTP, and shows one trace with its hops in order. */
import assert from 'node:assert/strict';
import path from 'node:path';
import { after, before, describe, test } from 'node:test';
import { exchange } from '@weft/testkit/http-client';
import { TestMesh } from '@weft/testkit/mesh';
import { freePorts } from '@weft/testkit/ports';
import { TestProcess } from '@weft/testkit/process';
import { needs, toolPath } from '@weft/testkit/tools';
import { until } from '@weft/testkit/wait';

const HELLO = path.join(import.meta.dirname, 'backends/hello.mjs');

interface JaegerSpan {
  readonly spanID: string;
  readonly operationName: string;
  readonly processID: string;
  readonly references: readonly { readonly refType: string; readonly spanID: string }[];
  readonly tags: readonly { readonly key: string; readonly value: unknown }[];
}
interface JaegerTrace {
  readonly spans: readonly JaegerSpan[];
  readonly processes: Readonly<Record<string, { readonly serviceName: string }>>;
}

const skip = needs('jaeger', 'envoy') === false ? false : 'needs jaeger and envoy: run `npm run tools -- --jaeger`';

describe('Jaeger', { skip, timeout: 240_000 }, () => {
  const mesh = new TestMesh();
  let jaeger: TestProcess;
  let [query = 0, rpc = 0, grpc = 0, http = 0, app = 0, entry = 0]: number[] = [];

  const asked = async <Data>(at: string): Promise<Data | undefined> => {
    const { status, body } = await exchange({ port: query }, { path: at });
    return status === 200 ? (JSON.parse(body.toString()) as { readonly data: Data }).data : undefined;
  };
  const tracing = (endpoint: string): Promise<unknown> =>
    mesh.apply(`
apiVersion: weft.dev/v1alpha1
kind: Mesh
metadata: { name: default }
spec: { trustDomain: weft.local, tracing: { sampling: "100", ${endpoint} } }
`);

  before(async () => {
    [query = 0, rpc = 0, grpc = 0, http = 0, app = 0, entry = 0] = await freePorts(6);
    await mesh.up();
    await tracing(`endpoint: "http://127.0.0.1:${grpc}"`);
    const at = (port: number): string => `{ endpoint: "127.0.0.1:${port}" }`;
    const config = mesh.file(`
service:
  extensions: [jaeger_storage, jaeger_query]
  pipelines: { traces: { receivers: [otlp], exporters: [jaeger_storage_exporter] } }
  telemetry: { metrics: { level: none } }
extensions:
  jaeger_storage: { backends: { here: { memory: { max_traces: 1000 } } } }
  jaeger_query: { storage: { traces: here }, http: ${at(query)}, grpc: ${at(rpc)} }
receivers: { otlp: { protocols: { grpc: ${at(grpc)}, http: ${at(http)} } } }
exporters: { jaeger_storage_exporter: { trace_storage: here } }
`);
    jaeger = new TestProcess(toolPath('jaeger'), ['--config', config]);
    const hello = ['/usr/bin/env', `PORT=${app}`, 'NAME=a', process.execPath, HELLO];
    mesh.run('--name', 'orders', '--port', `${app}/http`, '--engine', 'envoy', '--', ...hello);
    mesh.run('--name', 'web', '--upstream', `orders=${entry}`);
    await mesh.synced(2, 60_000);
    await mesh.answering(entry);
  });

  after(async () => {
    await jaeger.stop();
    await mesh[Symbol.asyncDispose]();
  });

  for (const [name, endpoint] of [
    ['gRPC', () => `endpoint: "http://127.0.0.1:${grpc}"`],
    ['HTTP', () => `endpoint: "http://127.0.0.1:${http}", protocol: Http`],
  ] as const)
    test(`spans by OTLP over ${name}: one trace, each hop the child of the one before it`, async () => {
      await tracing(endpoint());
      const found = await until(
        async () => {
          await exchange({ port: entry }, { path: `/by-${name}` });
          const traces = (await asked<readonly JaegerTrace[]>('/api/traces?service=web&limit=100')) ?? [];
          return traces.find(
            ({ spans }) =>
              spans.length === 2 && spans.every(({ tags }) => tags.some(({ value }) => value === `/by-${name}`)),
          );
        },
        { timeout: 60_000, what: 'a whole trace in Jaeger' },
      ).catch((error: unknown) => {
        throw new Error(`${String(error)}\n${jaeger.stdout}${jaeger.stderr}${mesh.output()}`, { cause: error });
      });
      const child = found.spans.find(({ references }) => references.length > 0);
      const root = found.spans.find(({ references }) => references.length === 0);
      assert.deepEqual(
        [root, child].map((span) => [found.processes[span?.processID ?? '']?.serviceName, span?.operationName]),
        [
          ['web', 'GET'],
          ['orders', 'GET'],
        ],
      );
      assert.equal(child?.references[0]?.spanID, root?.spanID);
    });

  test('services and operations are those of the mesh', async () => {
    assert.deepEqual([...((await asked<readonly string[]>('/api/services')) ?? [])].sort(), ['orders', 'web']);
    assert.deepEqual(await asked('/api/services/web/operations'), ['GET']);
  });
});
