import assert from 'node:assert/strict';
import { generateKeyPairSync } from 'node:crypto';
import path from 'node:path';
import { type TestContext, test } from 'node:test';
import { Client, credentials, type ServiceError, status } from '@grpc/grpc-js';
import { AGENT_METHODS, CONTROL_PLANE_NAME } from '@weft/core/agent-api';
import { ADS_STREAM, CLUSTER_TYPE, encodeDiscoveryRequest, NO_NODE } from '@weft/envoy/discovery';
import { temporaryFolder } from '@weft/testkit/folder';
import { Rig } from './rig.ts';
import { ordersAgent } from './workloads.ts';

const raw = (bytes: Buffer): Buffer => bytes;

async function setUp(context: TestContext) {
  const folder = temporaryFolder();
  const rig = new Rig({ folder: folder.path });
  await rig.start();
  const victim = ordersAgent(path.join(folder.path, 'v'), { kind: 'token', token: await rig.token() });
  await victim.start();
  const clients: Client[] = [];
  context.after(async () => {
    for (const client of clients) client.close();
    await victim.stop();
    await rig.stop();
    folder[Symbol.dispose]();
  });
  const client = (key?: string, chain?: string): Client => {
    const channel = credentials.createSsl(
      Buffer.from(rig.authority.roots()),
      key === undefined ? null : Buffer.from(key),
      chain === undefined ? null : Buffer.from(chain),
    );
    const made = new Client(`127.0.0.1:${rig.port}`, channel, { 'grpc.ssl_target_name_override': CONTROL_PLANE_NAME });
    clients.push(made);
    return made;
  };
  /** Status and text that a stream ends with. */
  const ended = (by: Client, method: string, message: string | Uint8Array): Promise<string> =>
    new Promise((resolve) => {
      const stream = by.makeBidiStreamRequest(method, raw, raw);
      stream.on('error', (error: ServiceError) => resolve(`${status[error.code]} ${error.details}`));
      stream.on('data', () => resolve('answered'));
      stream.write(Buffer.from(message));
    });
  const reasons = (): string[] => rig.refusals.map(({ operation, reason }) => `${operation} ${reason}`);
  return { rig, victim, client, ended, reasons };
}

const adsRequest = (node: string): Uint8Array =>
  encodeDiscoveryRequest({
    typeUrl: CLUSTER_TYPE,
    versionInfo: '',
    responseNonce: '',
    resourceNames: [],
    node: { ...NO_NODE, id: node },
    error: undefined,
  });

test('without a certificate: neither lease nor configuration, and no reason on the wire', async (context) => {
  const t = await setUp(context);
  const stranger = t.client();
  assert.equal(await t.ended(stranger, AGENT_METHODS.attach, '{}'), 'PERMISSION_DENIED refused');
  assert.equal(await t.ended(stranger, ADS_STREAM, adsRequest(t.victim.nodeId ?? '')), 'PERMISSION_DENIED refused');
  assert.deepEqual(t.reasons(), ['attach identity-missing', 'ads identity-missing']);
});

test('with a certificate of the same account but another registration: not the node, not the lease of the first', async (context) => {
  const t = await setUp(context);
  const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const spki = publicKey.export({ format: 'der', type: 'spki' });
  const svid = t.rig.authority.issueSvid(spki, 'spiffe://weft.local/ns/shop/sa/orders', 'e'.repeat(32));
  const twin = t.client(privateKey.export({ format: 'pem', type: 'pkcs8' }).toString(), svid.certificateChain);
  assert.equal(await t.ended(twin, ADS_STREAM, adsRequest(t.victim.nodeId ?? '')), 'PERMISSION_DENIED refused');
  const listed = await t.rig.store.list({ kind: 'Registration' });
  assert.ok(listed.ok);
  const hello = {
    type: 'hello',
    registration: listed.value.items[0]?.metadata.name,
    namespace: 'shop',
    workload: {
      name: 'orders',
      labels: {},
      addresses: [{ ip: '10.0.0.1', network: '' }],
      ports: [],
      locality: { region: '', zone: '', subZone: '' },
    },
    instance: t.victim.name,
    bundle: '',
    readiness: {},
  };
  assert.equal(await t.ended(twin, AGENT_METHODS.attach, JSON.stringify(hello)), 'PERMISSION_DENIED refused');
  assert.deepEqual(t.reasons(), ['ads node-foreign', 'attach registration-foreign']);
  assert.equal(t.victim.connected, true);
});

test('malformed, oversized and deep messages are refused, and the process lives', async (context) => {
  const t = await setUp(context);
  const stranger = t.client();
  const unary = (message: Uint8Array): Promise<string> =>
    new Promise((resolve) => {
      stranger.makeUnaryRequest(AGENT_METHODS.join, raw, raw, Buffer.from(message), (error) =>
        resolve(error === null ? 'OK' : `${status[error.code]} ${error.details}`),
      );
    });
  for (const message of [
    Buffer.alloc(0),
    Buffer.from('null'),
    Buffer.from('{"namespace":"shop"}'),
    Buffer.from([0xff, 0xfe]),
    Buffer.from('['.repeat(100_000)),
    Buffer.alloc(250_000, 0x20),
  ])
    assert.equal(await unary(message), 'INVALID_ARGUMENT malformed');
  for (const size of [300_000, 5_000_000]) assert.match(await unary(Buffer.alloc(size)), /^RESOURCE_EXHAUSTED/);
  assert.equal(t.victim.connected, true);
});
