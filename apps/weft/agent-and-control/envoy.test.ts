import assert from 'node:assert/strict';
import path from 'node:path';
import { test } from 'node:test';
import tls from 'node:tls';
import { AgentFolder } from '@weft/agent/folder';
import { EnvoyProcess, findEnvoy } from '@weft/agent/envoy-process';
import { writeMessage } from '@weft/envoy/codec';
import { assembleDiscoveryResponse, CLUSTER_TYPE, LISTENER_TYPE, stateOfTheWorldPart } from '@weft/envoy/discovery';
import { pack } from '@weft/envoy/tables';
import { temporaryFolder } from '@weft/testkit/folder';
import { freePort } from '@weft/testkit/ports';
import { needs } from '@weft/testkit/tools';
import { until } from '@weft/testkit/wait';
import { Rig } from './rig.ts';
import { ordersAgent } from './workloads.ts';

const bootstrap = (node: string, agentSocket: string, adminSocket: string): string => `
node: { id: ${node}, cluster: orders }
admin: { address: { pipe: { path: ${adminSocket} } } }
dynamic_resources:
  ads_config:
    api_type: GRPC
    transport_api_version: V3
    grpc_services: [{ envoy_grpc: { cluster_name: agent } }]
  cds_config: { ads: {}, resource_api_version: V3 }
  lds_config: { ads: {}, resource_api_version: V3 }
static_resources:
  clusters:
    - name: agent
      connect_timeout: 1s
      typed_extension_protocol_options:
        envoy.extensions.upstreams.http.v3.HttpProtocolOptions:
          "@type": type.googleapis.com/envoy.extensions.upstreams.http.v3.HttpProtocolOptions
          explicit_http_config: { http2_protocol_options: {} }
      load_assignment:
        cluster_name: agent
        endpoints: [{ lb_endpoints: [{ endpoint: { address: { pipe: { path: ${agentSocket} } } } }] }]
`;

/** A TLS listener whose certificate and roots come by SDS over ADS. */
function listener(port: number): Uint8Array {
  const ads = { ads: {}, resource_api_version: 'V3' } as const;
  const tcpProxy = pack('envoy.extensions.filters.network.tcp_proxy.v3.TcpProxy', {
    stat_prefix: 'x',
    cluster: 'agent',
  });
  const context = pack('envoy.extensions.transport_sockets.tls.v3.DownstreamTlsContext', {
    require_client_certificate: true,
    common_tls_context: {
      tls_certificate_sds_secret_configs: [{ name: 'default', sds_config: ads }],
      validation_context_sds_secret_config: { name: 'trust/weft.local', sds_config: ads },
    },
  });
  return writeMessage('envoy.config.listener.v3.Listener', {
    name: 'inbound/8080',
    address: { socket_address: { address: '127.0.0.1', port_value: port } },
    filter_chains: [
      {
        filters: [{ name: 'envoy.filters.network.tcp_proxy', typed_config: tcpProxy }],
        transport_socket: { name: 'envoy.transport_sockets.tls', typed_config: context },
      },
    ],
  });
}

/** Serial number of the certificate that the port shows. */
function shown(port: number): Promise<string> {
  return new Promise((resolve, reject) => {
    const socket = tls.connect({ port, host: '127.0.0.1', rejectUnauthorized: false }, () => {
      resolve(socket.getPeerX509Certificate()?.serialNumber ?? '');
      socket.destroy();
    });
    socket.on('error', reject);
  });
}

test('real Envoy on the agent’s socket: ADS relayed, secrets by SDS, a rotation without a restart', {
  skip: needs('envoy'),
}, async (context) => {
  using folder = temporaryFolder();
  const rig = new Rig({ folder: folder.path, svidLife: 3000 });
  await rig.start();
  const accepted: string[] = [];
  const agent = ordersAgent(
    path.join(folder.path, 'a'),
    { kind: 'local', socket: rig.socket },
    { socket: true },
    { accepted: (node, typeUrl) => accepted.push(`${node} ${typeUrl}`) },
  );
  let envoy: EnvoyProcess | undefined = undefined;
  context.after(async () => {
    await envoy?.stop(2000);
    await agent.stop();
    await rig.stop();
  });
  await agent.start();
  const log: string[] = [];
  envoy = new EnvoyProcess({
    program: await findEnvoy(process.env),
    folder: new AgentFolder(path.join(folder.path, 'a')),
    bootstrap: bootstrap(agent.nodeId ?? '', agent.socketPath, path.join(folder.path, 'admin.sock')),
    onLog: (line) => log.push(line),
  });
  envoy.start();
  const port = await freePort();
  const ads = await until(() => rig.ads[0]);
  await until(() => ads.requests.some(({ typeUrl }) => typeUrl === CLUSTER_TYPE));
  ads.stream.write(assembleDiscoveryResponse({ typeUrl: CLUSTER_TYPE, versionInfo: 'c1', nonce: '1' }, []));
  await until(() => ads.requests.some(({ typeUrl }) => typeUrl === LISTENER_TYPE));
  const part = stateOfTheWorldPart(LISTENER_TYPE, listener(port));
  ads.stream.write(assembleDiscoveryResponse({ typeUrl: LISTENER_TYPE, versionInfo: 'l1', nonce: '2' }, [part]));
  await agent.ready;
  assert.ok(accepted.includes(`${agent.nodeId} ${LISTENER_TYPE}`), log.join('\n'));
  const first = await until(() => shown(port));
  await until(async () => (await shown(port)) !== first);
  assert.equal(
    ads.requests.some(({ error }) => error !== undefined),
    false,
  );
  const exit = await envoy.stop(5000);
  assert.deepEqual([exit.code, exit.signal], [0, undefined], exit.lastLog.join('\n'));
});

test('an Envoy that cannot start says why', { skip: needs('envoy') }, async () => {
  using folder = temporaryFolder();
  const envoy = new EnvoyProcess({
    program: await findEnvoy(process.env),
    folder: new AgentFolder(folder.path),
    bootstrap: 'static_resources: { clusterz: [] }',
    onLog: () => {},
  });
  envoy.start();
  const exit = await envoy.exit;
  assert.equal(exit.code, 1);
  assert.match(exit.lastLog.join('\n'), /clusterz/);
  await assert.rejects(findEnvoy({ PATH: folder.path, WEFT_ENVOY: '/no/envoy' }), /WEFT_ENVOY/);
});
