import assert from 'node:assert/strict';
import http from 'node:http';
import type { AddressInfo } from 'node:net';
import path from 'node:path';
import { test } from 'node:test';
import { CLUSTER_TYPE, ENDPOINT_TYPE, LISTENER_TYPE, ROUTE_TYPE } from '@weft/envoy/discovery';
import { temporaryFolder } from '@weft/testkit/folder';
import { until } from '@weft/testkit/wait';
import { ControlPlane } from '../control-plane/control-plane.ts';
import { ordersAgent, TestEngine } from './workloads.ts';

const QUIET = { info: () => {}, warn: () => {}, error: () => {} };

test('the whole control plane: a ready workload reaches a client of its service, a restart sends nothing again, a drain takes it out', async (context) => {
  using folder = temporaryFolder();
  const warnings: string[] = [];
  const log = {
    ...QUIET,
    warn: (message: string, fields?: object) => warnings.push(`${message} ${JSON.stringify(fields)}`),
  };
  const plane = (): ControlPlane =>
    new ControlPlane({ folder: folder.path, listen: { host: '127.0.0.1', port: 0 }, log });
  let running = plane();
  await running.start();
  const app = http.createServer((_, response) => response.end());
  await new Promise<void>((resolve) => app.listen(0, '127.0.0.1', resolve));
  const { port } = app.address() as AddressInfo;
  const membership = { kind: 'local', socket: path.join(folder.path, 'control.sock') } as const;
  const described = (name: string, ports: readonly number[]) => ({
    name,
    labels: new Map([['app', name]]),
    addresses: [{ ip: '127.0.0.1', network: '' }],
    ports: ports.map((number) => ({ name: 'http', port: number, protocol: 'http' as const, proxyPort: 40_001 })),
    locality: { region: '', zone: '', subZone: '' },
  });
  const orders = ordersAgent(path.join(folder.path, 'o'), membership, {
    namespace: 'default',
    workload: described('orders', [port]),
    probes: [{ name: 'http', port }],
  });
  const web = ordersAgent(path.join(folder.path, 'w'), membership, {
    namespace: 'default',
    account: 'web',
    workload: described('web', []),
    service: undefined,
  });
  context.after(async () => {
    await Promise.all([orders.stop(), web.stop()]);
    await running.stop();
    app.close();
  });
  await Promise.all([orders.start(), web.start()]);
  const engine = new TestEngine(web, web.nodeId ?? '', {
    'dev.weft': { upstreams: [{ service: 'default/orders', localPort: 7001 }] },
  });
  const cluster = `outbound/default/orders/${port}`;
  engine.subscribe(CLUSTER_TYPE);
  engine.subscribe(ENDPOINT_TYPE, [cluster]);
  engine.subscribe(LISTENER_TYPE);
  engine.subscribe(ROUTE_TYPE, [cluster]);
  const endpoints = (): string =>
    Buffer.from(
      engine.responses.findLast(({ typeUrl }) => typeUrl === ENDPOINT_TYPE)?.resources[0]?.value ?? [],
    ).toString('latin1');
  const bound = orders.nodeId ?? '';
  await until(() => endpoints().includes(bound), { what: `an endpoint ${bound}` });
  await web.ready;
  for (const type of [CLUSTER_TYPE, ENDPOINT_TYPE, LISTENER_TYPE, ROUTE_TYPE])
    await until(() => engine.responses.some(({ typeUrl }) => typeUrl === type), { what: type });
  const given = engine.responses.length;

  await running.stop();
  await until(() => !orders.connected && !web.connected);
  running = plane();
  await running.start();
  await until(() => orders.connected && web.connected);
  assert.equal(await orders.drain(), true, warnings.join('\n'));
  assert.equal(endpoints().includes(bound), false, 'everybody has let go when the drain resolves');
  assert.deepEqual(
    engine.responses.slice(given).map(({ typeUrl }) => typeUrl),
    [ENDPOINT_TYPE],
    'nothing but the drained endpoint was sent after the restart',
  );
  engine.close();
});
