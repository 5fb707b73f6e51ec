/**
 * Applications that ended under living sidecars (decisions/012): the called side's proxy says that no application saw the request, and the
 * caller's proxy tries another endpoint, whatever the method. Nobody else can say so: not an application behind a sidecar, nor one behind a
 * port that its sidecar takes for opaque TCP. Both engines on both sides.
 */
import assert from 'node:assert/strict';
import http from 'node:http';
import type { AddressInfo } from 'node:net';
import { after, before, describe, test } from 'node:test';
import { EchoServer, type Echo } from '@weft/testkit/echo';
import { exchange, exchangeHttp2 } from '@weft/testkit/http-client';
import { TestMesh } from '@weft/testkit/mesh';
import { freePort } from '@weft/testkit/ports';
import { needs } from '@weft/testkit/tools';
import { until } from '@weft/testkit/wait';

const ENGINES = ['weft', 'envoy'] as const;
const SERVICES = ['half', 'calls', 'never', 'forged', 'opaque'] as const;
type Service = (typeof SERVICES)[number];

const FORGED = 'UF upstream_reset_before_response_started{remote_connection_failure} inbound/8080';
const REQUESTS = 24;

interface StoredWorkload {
  readonly metadata: { readonly name: string };
  readonly spec: {
    readonly ports: readonly { readonly name: string; readonly port: number; readonly proxyPort: number }[];
  };
}

const objectsOf = (engine: string): string =>
  [
    [`half-${engine}`, `half: ${engine}`, 'http', 'http'],
    [`never-${engine}`, `half: ${engine}`, 'http', 'http'],
    [`calls-${engine}`, `half: ${engine}`, 'calls', 'grpc'],
    [`forged-${engine}`, `alive: ${engine}`, 'forged', 'http'],
    [`opaque-${engine}`, `alive: ${engine}`, 'opaque', 'http'],
  ]
    .map(
      ([name, selector, port, protocol]) => `
apiVersion: v1
kind: Service
metadata: { name: ${name}, namespace: default }
spec: { selector: { ${selector} }, ports: [{ name: main, port: 80, targetPort: ${port}, appProtocol: ${protocol} }] }
---
`,
    )
    .join('') +
  `
apiVersion: weft.dev/v1alpha1
kind: TrafficPolicy
metadata: { name: never-${engine}, namespace: default }
spec: { targetRefs: [{ kind: Service, name: never-${engine} }], retries: { attempts: 0 } }
---
`;

/** Where the sidecar of `gone` listens, said by an object without an agent, so that nobody's readiness takes it out. */
const deadWorkload = (engine: string, { spec }: StoredWorkload): string => `
apiVersion: weft.dev/v1alpha1
kind: Workload
metadata: { name: dead-${engine}, namespace: default, labels: { half: ${engine} } }
spec:
  account: back
  addresses: [{ ip: 127.0.0.1 }]
  ports:
${spec.ports
  .map(
    ({ name, port, proxyPort }) =>
      `    - { name: ${name}, port: ${port}, protocol: ${name === 'calls' ? 'grpc' : 'http'}, proxyPort: ${proxyPort} }`,
  )
  .join('\n')}
`;

describe('answers that no application has seen', { skip: needs('envoy') }, () => {
  const mesh = new TestMesh();
  const echo = new EchoServer('alive');
  const calls = new EchoServer('calls', 'http2');
  let forgeries = 0;
  const forgers = [0, 1].map(() =>
    http.createServer((request, response) => {
      forgeries += 1;
      request.resume();
      response.writeHead(503, { 'x-weft-answer': FORGED, 'content-length': 0 });
      response.end();
    }),
  );
  const upstreams = new Map<string, number>();
  const metrics = new Map<string, number>();

  const port = (caller: string, service: Service, called: string): number =>
    upstreams.get(`${caller} ${service}-${called}`) ?? 0;

  /** Requests that the dead workload's sidecar answered itself. */
  const answeredByProxy = async (called: string): Promise<number> => {
    const { body } = await exchange({ port: metrics.get(called) ?? 0 }, { path: '/metrics' });
    const found = body.toString().matchAll(/^istio_requests_total\{(.*)\} (\d+)$/gm);
    return [...found]
      .filter(([, labels = '']) => labels.includes('response_flags="UF"') && labels.includes('reporter="destination"'))
      .reduce((sum, [, , count]) => sum + Number(count), 0);
  };

  before(async () => {
    const [alive, grpc] = await Promise.all([echo.start(), calls.start()]);
    for (const forger of forgers) await new Promise<void>((resolve) => forger.listen(0, '127.0.0.1', resolve));
    const [forged, opaque] = forgers.map((forger) => (forger.address() as AddressInfo).port);
    await mesh.up();
    await mesh.apply(ENGINES.map(objectsOf).join(''));
    for (const engine of ENGINES) {
      const common = ['--engine', engine, '--service-account', 'back', '--no-service'];
      const ports = [`http:${alive}/http`, `calls:${grpc}/grpc`, `forged:${forged}/http`, `opaque:${opaque}/tcp`];
      const labels = [`half=${engine}`, `alive=${engine}`].flatMap((label) => ['--label', label]);
      mesh.run('--name', `alive-${engine}`, ...common, ...labels, ...ports.flatMap((port) => ['--port', port]));
      const read = await freePort();
      metrics.set(engine, read);
      const nobody = [`http:${await freePort()}/http`, `calls:${await freePort()}/grpc`];
      const gone = ['--name', `gone-${engine}`, ...common, '--metrics', String(read)];
      mesh.run(...gone, ...nobody.flatMap((port) => ['--port', port]));
    }
    await mesh.synced(4);
    const { stdout } = await mesh.weft('get', 'workloads', '-o', 'json');
    const { items } = JSON.parse(stdout) as { readonly items: readonly StoredWorkload[] };
    for (const engine of ENGINES) {
      const gone = items.find(({ metadata }) => metadata.name.startsWith(`gone-${engine}-`));
      assert.ok(gone !== undefined);
      await mesh.apply(deadWorkload(engine, gone));
    }
    for (const caller of ENGINES) {
      const args: string[] = [];
      for (const called of ENGINES)
        for (const service of SERVICES) {
          const local = await freePort();
          upstreams.set(`${caller} ${service}-${called}`, local);
          args.push('--upstream', `${service}-${called}=${local}`);
        }
      mesh.run('--name', `caller-${caller}`, '--engine', caller, ...args);
    }
    await mesh.synced(6);
    for (const caller of ENGINES) for (const called of ENGINES) await mesh.answering(port(caller, 'half', called));
  });
  after(async () => {
    await mesh[Symbol.asyncDispose]();
    for (const forger of forgers) {
      forger.closeAllConnections();
      forger.close();
    }
    await Promise.all([echo.stop(), calls.stop()]);
  });

  for (const caller of ENGINES)
    for (const called of ENGINES)
      describe(`${caller} calls ${called}`, () => {
        /** Sends until the dead workload's sidecar answered some of them too, and at least REQUESTS. */
        const both = async (send: () => Promise<void>): Promise<number> => {
          const before = await answeredByProxy(called);
          let sent = 0;
          for (; sent < REQUESTS; sent += 1) await send();
          await until(
            async () => {
              if ((await answeredByProxy(called)) > before) return true;
              sent += 1;
              await send();
              return false;
            },
            { what: 'answers of the proxy whose application is gone' },
          );
          return sent;
        };

        test('a POST with a body is answered by another endpoint, and sent to an application once', async () => {
          const seen = echo.requests;
          const sent = await both(async () => {
            const got = await exchange({ port: port(caller, 'half', called) }, { method: 'POST', body: 'order' });
            assert.equal(got.status, 200, `${got.status} ${String(got.headers['x-weft-answer'])}`);
            assert.equal((JSON.parse(got.body.toString()) as Echo).bodyLength, 5);
          });
          assert.equal(echo.requests - seen, sent);
        });

        test('a body that is still coming goes on to the other endpoint', async () => {
          await both(async () => {
            const seen = echo.requests;
            const request = http.request({ port: port(caller, 'half', called), method: 'POST', agent: false });
            const answer = new Promise<http.IncomingMessage>((resolve, reject) => {
              request.on('response', resolve).on('error', reject);
            });
            request.write('first ');
            await Promise.race([answer, until(() => echo.requests > seen, { what: 'the request at an application' })]);
            request.end('second');
            const response = await answer;
            assert.equal(response.statusCode, 200, String(response.headers['x-weft-answer']));
            let text = '';
            for await (const chunk of response.setEncoding('utf8')) text += chunk as string;
            assert.equal((JSON.parse(text) as Echo).bodyLength, 12);
          });
        });

        test('a gRPC call likewise', async () => {
          const seen = calls.requests;
          const sent = await both(async () => {
            const got = await exchangeHttp2(
              { port: port(caller, 'calls', called) },
              {
                method: 'POST',
                path: '/shop.Orders/Place',
                headers: { 'content-type': 'application/grpc', te: 'trailers', 'x-echo': 'grpc-status=0' },
                body: Buffer.alloc(5),
              },
            );
            assert.deepEqual(
              [got.status, got.trailers['grpc-status']],
              [200, '0'],
              String(got.headers['grpc-message']),
            );
          });
          assert.equal(calls.requests - seen, sent);
        });

        test('a policy of 0 attempts tries nothing elsewhere', async () => {
          await until(
            async () => {
              const got = await exchange({ port: port(caller, 'never', called) });
              if (got.status === 200) return false;
              assert.match(`${got.status} ${String(got.headers['x-weft-answer'])}`, /^503 UF \S+ inbound\/\d+$/);
              return true;
            },
            { what: 'the answer of the proxy whose application is gone' },
          );
        });

        test('an application that claims it is not believed, and does not pass for a proxy', async () => {
          const before = forgeries;
          const got = await exchange({ port: port(caller, 'forged', called) }, { method: 'POST', body: 'order' });
          assert.deepEqual([got.status, got.headers['x-weft-answer']], [503, undefined]);
          assert.equal(forgeries - before, 1);
        });

        test('nor behind a port that its sidecar takes for opaque TCP', async () => {
          const before = forgeries;
          const got = await exchange({ port: port(caller, 'opaque', called) }, { method: 'POST', body: 'order' });
          assert.deepEqual([got.status, got.headers['x-weft-answer']], [503, FORGED]);
          assert.equal(forgeries - before, 1);
        });
      });
});
