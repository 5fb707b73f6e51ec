import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { type TestContext, test } from 'node:test';
import { Client, credentials } from '@grpc/grpc-js';
import {
  CLUSTER_TYPE,
  decodeDiscoveryResponse,
  encodeDiscoveryRequest,
  ENDPOINT_TYPE,
  LISTENER_TYPE,
  NO_NODE,
  SDS_STREAM,
  SECRET_TYPE,
} from '@weft/envoy/discovery';
import { temporaryFolder } from '@weft/testkit/folder';
import { until } from '@weft/testkit/wait';
import { type AdsStream, Rig } from './rig.ts';
import { ordersAgent, response, TestEngine } from './workloads.ts';

async function setUp(context: TestContext) {
  const folder = temporaryFolder();
  const rig = new Rig({ folder: folder.path });
  await rig.start();
  const accepted: string[] = [];
  const rejected: string[] = [];
  const agent = () =>
    ordersAgent(
      path.join(folder.path, 'agent'),
      { kind: 'local', socket: rig.socket },
      { socket: true },
      {
        accepted: (_, typeUrl, version, cached) =>
          accepted.push(`${typeUrl.split('.').at(-1)} ${version}${cached ? ' cached' : ''}`),
        rejected: (_, _type, message) => rejected.push(message),
      },
    );
  const first = agent();
  context.after(async () => {
    await first.stop();
    await rig.stop();
    folder[Symbol.dispose]();
  });
  await first.start();
  const stream = (index: number): Promise<AdsStream> => until(() => rig.ads[index]);
  const request = (opened: AdsStream, index: number) => until(() => opened.requests[index]);
  return { folder: folder.path, rig, agent: first, newAgent: agent, accepted, rejected, stream, request };
}

test('requests, answers and ACKs pass; a lost control plane is resumed with versions, the engine’s stream stays', async (context) => {
  const t = await setUp(context);
  const engine = new TestEngine(t.agent, t.agent.nodeId ?? '');
  engine.subscribe(CLUSTER_TYPE);
  const opened = await t.stream(0);
  const first = await t.request(opened, 0);
  assert.equal(first.node?.id, t.agent.nodeId);
  assert.deepEqual([first.versionInfo, first.responseNonce], ['', '']);
  opened.stream.write(response(CLUSTER_TYPE, 'v1', '1', 'orders'));
  const ack = await t.request(opened, 1);
  assert.deepEqual([ack.versionInfo, ack.responseNonce, ack.error], ['v1', '1', undefined]);
  engine.subscribe(ENDPOINT_TYPE, ['orders']);
  opened.stream.write(response(ENDPOINT_TYPE, 'e1', '2', 'orders'));
  await t.request(opened, 3);

  await t.rig.close();
  await t.rig.open();
  const next = await t.stream(1);
  const resumed = [await t.request(next, 0), await t.request(next, 1)];
  assert.deepEqual(
    resumed.map(({ typeUrl, versionInfo, responseNonce, resourceNames }) => [
      typeUrl,
      versionInfo,
      responseNonce,
      resourceNames,
    ]),
    [
      [CLUSTER_TYPE, 'v1', '', []],
      [ENDPOINT_TYPE, 'e1', '', ['orders']],
    ],
  );
  assert.equal(resumed[0]?.node?.id, t.agent.nodeId);
  assert.equal(resumed[1]?.node, undefined);
  next.stream.write(response(CLUSTER_TYPE, 'v2', '1', 'orders', 'payments'));
  assert.deepEqual([(await t.request(next, 2)).versionInfo, engine.responses.length], ['v2', 3]);
  assert.deepEqual(t.accepted, ['Cluster v1', 'ClusterLoadAssignment e1', 'Cluster v2']);
  engine.close();
});

test('a NACK reaches the control plane and the agent’s log, and the version stays', async (context) => {
  const t = await setUp(context);
  const engine = new TestEngine(t.agent, t.agent.nodeId ?? '');
  engine.subscribe(LISTENER_TYPE);
  const opened = await t.stream(0);
  opened.stream.write(response(LISTENER_TYPE, 'v1', '1', 'a'));
  await t.request(opened, 1);
  await t.agent.ready;
  engine.refuse = 'listener a: bad port';
  opened.stream.write(response(LISTENER_TYPE, 'v2', '2', 'a'));
  const nack = await t.request(opened, 2);
  assert.deepEqual([nack.responseNonce, nack.versionInfo, nack.error?.message], ['2', 'v1', 'listener a: bad port']);
  assert.deepEqual(t.rejected, ['listener a: bad port']);
  engine.close();
});

test('an engine starts from the last good configuration while the control plane is away', async (context) => {
  const t = await setUp(context);
  const node = t.agent.nodeId ?? '';
  const engine = new TestEngine(t.agent, node);
  engine.subscribe(CLUSTER_TYPE);
  engine.subscribe(ENDPOINT_TYPE, ['a', 'b']);
  const opened = await t.stream(0);
  opened.stream.write(response(CLUSTER_TYPE, 'v1', '1', 'a', 'b'));
  opened.stream.write(response(ENDPOINT_TYPE, 'e1', '2', 'a', 'b'));
  opened.stream.write(response(ENDPOINT_TYPE, 'e2', '3', 'b'));
  await until(() => t.accepted.length === 3);
  await t.agent.stop();
  assert.doesNotMatch(readFileSync(path.join(t.folder, 'agent', 'last-good.json'), 'utf8'), /PRIVATE|CERTIFICATE/);
  await t.rig.close();

  const second = t.newAgent();
  context.after(() => second.stop());
  const started = second.start();
  const again = new TestEngine(second, node);
  again.subscribe(CLUSTER_TYPE);
  again.subscribe(ENDPOINT_TYPE, ['a', 'b']);
  await until(() => again.responses.length === 2);
  assert.deepEqual(
    again.responses.map((each) => [each.versionInfo, each.resources.length]),
    [
      ['v1', 2],
      ['e2', 2],
    ],
  );
  assert.deepEqual(t.accepted.slice(3), ['Cluster v1 cached', 'ClusterLoadAssignment e2 cached']);
  const before = t.rig.ads.length;
  await t.rig.open();
  await started;
  const resumed = await t.stream(before).catch(() => undefined);
  // The restarted local agent has a new name, so the old node id is somebody else's now.
  assert.equal(resumed?.requests.length ?? 0, 0);
  await until(() => t.rig.refusals.some(({ reason }) => reason === 'node-foreign'));
});

test('a node id of somebody else is refused, with the reason in the log', async (context) => {
  const t = await setUp(context);
  const engine = new TestEngine(t.agent, 'shop/payments-aaaaa');
  engine.subscribe(CLUSTER_TYPE);
  const refusal = await until(() => t.rig.refusals.find(({ operation }) => operation === 'ads'));
  assert.deepEqual([refusal.reason, refusal.detail], ['node-foreign', 'shop/payments-aaaaa']);
  engine.close();
});

test('secrets are answered by the agent, over ADS and SDS on its socket, and never asked for upstream', async (context) => {
  const t = await setUp(context);
  const engine = new TestEngine(t.agent, t.agent.nodeId ?? '');
  engine.subscribe(CLUSTER_TYPE);
  engine.subscribe(SECRET_TYPE, ['default', 'trust/weft.local', 'unknown']);
  const [answer] = await until(() => (engine.responses.length === 1 ? engine.responses : undefined));
  assert.equal(answer?.resources.length, 2);
  const opened = await t.stream(0);
  assert.deepEqual(new Set(opened.requests.map(({ typeUrl }) => typeUrl)), new Set([CLUSTER_TYPE]));
  engine.close();

  const client = new Client(`unix:${t.agent.socketPath}`, credentials.createInsecure());
  context.after(() => client.close());
  const raw = (bytes: Buffer): Buffer => bytes;
  const stream = client.makeBidiStreamRequest(SDS_STREAM, raw, raw);
  stream.on('error', () => {});
  const received = new Promise<Buffer>((resolve) => stream.once('data', resolve));
  stream.write(
    Buffer.from(
      encodeDiscoveryRequest({
        typeUrl: SECRET_TYPE,
        versionInfo: '',
        responseNonce: '',
        resourceNames: ['default'],
        node: NO_NODE,
        error: undefined,
      }),
    ),
  );
  const decoded = decodeDiscoveryResponse(await received);
  assert.ok(decoded.ok && decoded.value.resources.length === 1);
  assert.match(Buffer.from(decoded.value.resources[0]?.value ?? []).toString(), /BEGIN PRIVATE KEY/);
  stream.cancel();
});
