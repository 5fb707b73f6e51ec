/**
 * A load balancer of layer 4 before sidecars of a strict mesh: it tells the caller's address by a PROXY header and passes on what comes behind,
 * mutual TLS between the caller's proxy and the sidecar. Both are asked for: who the certificate says, and what address was told.
 */
import assert from 'node:assert/strict';
import net, { type AddressInfo } from 'node:net';
import { after, before, describe, test } from 'node:test';
import { EchoServer } from '@weft/testkit/echo';
import { exchange } from '@weft/testkit/http-client';
import { TestMesh } from '@weft/testkit/mesh';
import { freePort } from '@weft/testkit/ports';
import { tool } from '@weft/testkit/tools';
import { until } from '@weft/testkit/wait';

const ENGINES = tool('envoy') === undefined ? ['weft'] : ['weft', 'envoy'];
const INSIDE = '192.0.2.7';

/** `through-ENGINE` is what callers know: the load balancer, as it were the sidecar's port. `front-ENGINE` is who stands behind it. */
const objects = (engine: string, balancer: number): string => `
apiVersion: v1
kind: Service
metadata: { name: front-${engine} }
spec: { selector: { app: front-${engine} }, ports: [{ name: http, port: 80, appProtocol: http }] }
---
apiVersion: v1
kind: Service
metadata: { name: through-${engine} }
spec: { selector: { through: ${engine} }, ports: [{ name: http, port: 80, appProtocol: http }] }
---
apiVersion: weft.dev/v1alpha1
kind: Workload
metadata: { name: through-${engine}, labels: { through: ${engine} } }
spec:
  account: front-${engine}
  addresses: [{ ip: 127.0.0.1 }]
  ports: [{ name: http, port: 80, protocol: http, proxyPort: ${balancer} }]
---
apiVersion: weft.dev/v1alpha1
kind: TrafficPolicy
metadata: { name: front-${engine} }
spec: { targetRefs: [{ name: front-${engine} }], arrivals: { proxyProtocol: { from: [127.0.0.1] } } }
---
apiVersion: weft.dev/v1alpha1
kind: AccessPolicy
metadata: { name: front-${engine} }
spec:
  targetRefs: [{ name: front-${engine} }]
  action: ALLOW
  rules: [{ from: [{ accounts: [caller], ipBlocks: [${INSIDE}] }] }]
`;

/** Tells `address`, and passes on. */
class Balancer {
  address = INSIDE;
  behind = 0;
  readonly #open = new Set<net.Socket>();
  readonly #server = net.createServer((socket) => {
    const further = net.connect(this.behind, '127.0.0.1');
    further.write(`PROXY TCP4 ${this.address} 198.51.100.2 4711 443\r\n`);
    socket.pipe(further).pipe(socket);
    for (const one of [socket, further]) {
      this.#open.add(one);
      one.on('error', () => undefined).on('close', () => this.cut());
    }
  });

  start(): Promise<number> {
    return new Promise((resolve) =>
      this.#server.listen(0, '127.0.0.1', () => resolve((this.#server.address() as AddressInfo).port)),
    );
  }

  /** What is open ends: the next call connects anew. */
  cut(): void {
    for (const one of this.#open) one.destroy();
    this.#open.clear();
  }

  stop(): void {
    this.#server.close();
    this.cut();
  }
}

describe('a load balancer before sidecars of a strict mesh', () => {
  const mesh = new TestMesh();
  const echo = new EchoServer('front');
  const balancers = new Map(ENGINES.map((engine) => [engine, new Balancer()]));
  const local = new Map<string, number>();

  before(async () => {
    const port = await echo.start();
    await mesh.up();
    for (const [engine, balancer] of balancers) {
      await mesh.apply(objects(engine, await balancer.start()));
      mesh.run('--name', `front-${engine}`, '--engine', engine, '--no-service', '--port', `http:${port}/http`);
    }
    const upstreams: string[] = [];
    for (const engine of ENGINES)
      for (const service of ['through', 'front']) {
        const own = await freePort();
        local.set(`${service} ${engine}`, own);
        upstreams.push('--upstream', `${service}-${engine}=${own}`);
      }
    mesh.run('--name', 'caller', ...upstreams);
    await mesh.synced(1 + ENGINES.length);
    const { items } = JSON.parse((await mesh.weft('get', 'workloads', '-o', 'json')).stdout) as {
      readonly items: readonly {
        readonly metadata: { readonly name: string };
        readonly spec: { readonly ports: readonly { readonly proxyPort?: number }[] };
      }[];
    };
    for (const [engine, balancer] of balancers)
      balancer.behind =
        items.find(({ metadata }) => metadata.name.startsWith(`front-${engine}-`))?.spec.ports[0]?.proxyPort ?? 0;
  });
  after(async () => {
    await mesh[Symbol.asyncDispose]();
    await echo.stop();
    for (const balancer of balancers.values()) balancer.stop();
  });

  for (const [engine, balancer] of balancers)
    test(`sidecar on ${engine}`, async () => {
      const through = { port: local.get(`through ${engine}`) ?? 0 };
      await until(async () => (await exchange(through)).status === 200, { what: 'an answer through the balancer' });
      const { body } = await exchange(through);
      const { headers } = JSON.parse(body.toString()) as { readonly headers: Readonly<Record<string, string>> };
      assert.equal(headers['x-forwarded-for'], INSIDE);
      assert.match(headers['x-forwarded-client-cert'] ?? '', /\/sa\/caller/);
      const seen = echo.requests;
      balancer.address = '203.0.113.7';
      balancer.cut();
      assert.equal((await exchange(through)).status, 503);
      assert.equal((await exchange({ port: local.get(`front ${engine}`) ?? 0 })).status, 503);
      assert.equal(echo.requests, seen);
    });
});
