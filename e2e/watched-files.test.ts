/** Resources from watched files (path_config_source): listeners, clusters, routes, endpoints and a certificate. Both engines follow every change. */
import assert from 'node:assert/strict';
import { mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { after, before, describe, test } from 'node:test';
import tls from 'node:tls';
import { engineCommand, type EngineName } from '@weft/testkit/cases';
import { EchoServer } from '@weft/testkit/echo';
import { temporaryFolder } from '@weft/testkit/folder';
import { exchange } from '@weft/testkit/http-client';
import { pairingCertificates } from '@weft/testkit/pairing';
import { freePorts } from '@weft/testkit/ports';
import { TestProcess } from '@weft/testkit/process';
import { needs } from '@weft/testkit/tools';
import { until } from '@weft/testkit/wait';

const TYPE = 'type.googleapis.com/envoy';
const MANAGER = `${TYPE}.extensions.filters.network.http_connection_manager.v3.HttpConnectionManager`;

const RUNS: readonly (readonly [EngineName, number])[] = [
  ['weft', 1],
  ['weft', 2],
  ['envoy', 1],
];

for (const [engine, concurrency] of RUNS) {
  describe(`watched files on ${engine}, ${concurrency} thread(s)`, {
    skip: engine === 'envoy' ? needs('envoy') : needs('openssl'),
  }, () => {
    const folder = temporaryFolder();
    const at = (name: string): string => path.join(folder.path, name);
    const backends = [new EchoServer('a'), new EchoServer('b')];
    let ports: number[] = [];
    let running: TestProcess;

    /** As writers of such files must: whole, by rename. */
    const write = (name: string, resources: readonly object[]): void => writeText(name, JSON.stringify({ resources }));
    const writeText = (name: string, text: string): void => {
      writeFileSync(at(`${name}.new`), text);
      renameSync(at(`${name}.new`), at(name));
    };
    const source = (name: string): object => ({
      path_config_source: { path: at(name) },
      resource_api_version: 'V3',
    });
    const manager = (prefix: string): object => ({
      name: 'http',
      typed_config: {
        '@type': MANAGER,
        stat_prefix: prefix,
        rds: { route_config_name: 'web', config_source: source('rds.yaml') },
        http_filters: [
          { name: 'router', typed_config: { '@type': `${TYPE}.extensions.filters.http.router.v3.Router` } },
        ],
      },
    });
    const listener = (name: string, port: number, chain: object): object => ({
      '@type': `${TYPE}.config.listener.v3.Listener`,
      name,
      address: { socket_address: { address: '127.0.0.1', port_value: port } },
      filter_chains: [chain],
    });
    const plain = (port = 0): object => listener('plain', port, { filters: [manager('plain')] });
    const secure = (port = 0): object =>
      listener('secure', port, {
        filters: [manager('secure')],
        transport_socket: {
          name: 'tls',
          typed_config: {
            '@type': `${TYPE}.extensions.transport_sockets.tls.v3.DownstreamTlsContext`,
            common_tls_context: {
              tls_certificate_sds_secret_configs: [{ name: 'own', sds_config: source('sds.yaml') }],
            },
          },
        },
      });
    const cluster = (): object => ({
      '@type': `${TYPE}.config.cluster.v3.Cluster`,
      name: 'web',
      type: 'EDS',
      eds_cluster_config: { eds_config: source('eds.yaml') },
    });
    const endpoints = (port = 0): object => ({
      '@type': `${TYPE}.config.endpoint.v3.ClusterLoadAssignment`,
      cluster_name: 'web',
      endpoints: [
        {
          lb_endpoints: [{ endpoint: { address: { socket_address: { address: '127.0.0.1', port_value: port } } } }],
        },
      ],
    });
    const routes = (name: string): object => ({
      '@type': `${TYPE}.config.route.v3.RouteConfiguration`,
      name: 'web',
      virtual_hosts: [{ name: 'all', domains: ['*'], routes: [{ match: { prefix: '/' }, route: { cluster: 'web' } }] }],
      response_headers_to_add: [{ header: { key: 'x-route', value: name } }],
    });
    const certificate = (kind: string): void => {
      mkdirSync(at(kind), { recursive: true });
      const { chain, key } = pairingCertificates(at(kind));
      write('sds.yaml', [
        {
          '@type': `${TYPE}.extensions.transport_sockets.tls.v3.Secret`,
          name: 'own',
          tls_certificate: { certificate_chain: { filename: chain }, private_key: { filename: key } },
        },
      ]);
    };
    const answer = async (port = ports[0] ?? 0): Promise<string> => {
      const { headers, body } = await exchange({ port });
      return `${String(headers['x-route'])} ${(JSON.parse(body.toString()) as { readonly backend: string }).backend}`;
    };
    const answers = (wanted: string, port?: number): Promise<unknown> =>
      until(async () => (await answer(port)) === wanted, { what: `the answer ${wanted}: ${running.stderr}` });

    before(async () => {
      await Promise.all(backends.map((backend) => backend.start()));
      ports = await freePorts(3);
      certificate('first');
      write('rds.yaml', [routes('one')]);
      write('eds.yaml', [endpoints(backends[0]?.port)]);
      write('cds.yaml', [cluster()]);
      write('lds.yaml', [plain(ports[0]), secure(ports[1])]);
      const bootstrap = {
        node: { id: 'n', cluster: 'c' },
        dynamic_resources: { lds_config: source('lds.yaml'), cds_config: source('cds.yaml') },
      };
      writeFileSync(at('bootstrap.json'), JSON.stringify(bootstrap));
      const [command, ...args] = engineCommand(engine, at('bootstrap.json'), { concurrency });
      running = new TestProcess(command, args);
    });
    after(async () => {
      await running.stop();
      await Promise.all(backends.map((backend) => backend.stop()));
      folder[Symbol.dispose]();
    });

    test('the first files are at work; endpoints, routes and listeners change with theirs', async () => {
      await answers('one a');
      write('eds.yaml', [endpoints(backends[1]?.port)]);
      await answers('one b');
      write('rds.yaml', [routes('two')]);
      await answers('two b');
      write('lds.yaml', [
        plain(ports[0]),
        secure(ports[1]),
        listener('third', ports[2] ?? 0, { filters: [manager('third')] }),
      ]);
      await answers('two b', ports[2]);
    });

    test('a file with a fault changes nothing; the next good one does', async () => {
      writeText('rds.yaml', 'resources: [{');
      writeText('eds.yaml', '{"resources": [{"@type": "type.googleapis.com/nobody.Knows"}]}');
      await until(() => /eds\.yaml|nobody\.Knows/.test(running.stderr), { what: 'a word on the fault' });
      assert.equal(await answer(), 'two b');
      write('rds.yaml', [routes('three')]);
      await answers('three b');
      write('eds.yaml', [endpoints(backends[0]?.port)]);
      await answers('three a');
    });

    test('a new certificate is served to the next connection', async () => {
      const served = (): Promise<string> =>
        new Promise((resolve, reject) => {
          const socket = tls.connect({ host: '127.0.0.1', port: ports[1], rejectUnauthorized: false }, () => {
            resolve(socket.getPeerCertificate().fingerprint256);
            socket.destroy();
          });
          socket.on('error', reject);
        });
      const before = await until(served, { what: 'TLS' });
      certificate('second');
      await until(async () => (await served()) !== before, { what: 'the new certificate' });
      assert.ok(readFileSync(at('sds.yaml'), 'utf8').includes('second'));
    });
  });
}
