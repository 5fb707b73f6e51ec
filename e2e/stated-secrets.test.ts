/** Certificates and roots that stand in the bootstrap itself: inline, and as static secrets. Both engines serve by them, neither shows the key. */
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { describe, test } from 'node:test';
import tls from 'node:tls';
import { engineCommand, type EngineName } from '@weft/testkit/cases';
import { temporaryFolder } from '@weft/testkit/folder';
import { exchange } from '@weft/testkit/http-client';
import { TestProcess } from '@weft/testkit/process';
import { needs } from '@weft/testkit/tools';
import { START, until } from '@weft/testkit/wait';

const TLS = 'type.googleapis.com/envoy.extensions.transport_sockets.tls.v3.DownstreamTlsContext';
const HCM = 'type.googleapis.com/envoy.extensions.filters.network.http_connection_manager.v3.HttpConnectionManager';
const ROUTER = 'type.googleapis.com/envoy.extensions.filters.http.router.v3.Router';

function listener(name: string, common: unknown): unknown {
  return {
    name,
    address: { socket_address: { address: '127.0.0.1', port_value: 0 } },
    filter_chains: [
      {
        transport_socket: { name: 'tls', typed_config: { '@type': TLS, common_tls_context: common } },
        filters: [
          {
            name: 'http',
            typed_config: {
              '@type': HCM,
              stat_prefix: name,
              route_config: {
                virtual_hosts: [
                  {
                    name: 'all',
                    domains: ['*'],
                    routes: [
                      { match: { prefix: '/' }, direct_response: { status: 200, body: { inline_string: name } } },
                    ],
                  },
                ],
              },
              http_filters: [{ name: 'router', typed_config: { '@type': ROUTER } }],
            },
          },
        ],
      },
    ],
  };
}

/** What the listener answers to a client that trusts `ca`. */
const ask = (port: number, ca: string): Promise<string> =>
  new Promise((resolve, reject) => {
    const socket = tls.connect({ host: '127.0.0.1', port, ca, servername: 'weft.test' }, () =>
      socket.write('GET / HTTP/1.1\r\nhost: weft.test\r\nconnection: close\r\n\r\n'),
    );
    let text = '';
    socket.on('data', (chunk: Buffer) => (text += chunk.toString('latin1')));
    socket.on('error', reject).on('close', () => resolve(text));
  });

for (const engine of ['weft', 'envoy'] as const satisfies readonly EngineName[]) {
  describe(`secrets in the bootstrap on ${engine}`, {
    skip: needs('openssl') || (engine === 'envoy' && needs('envoy')),
  }, () => {
    test('inline and static secrets serve, and no page shows the key', async () => {
      using folder = temporaryFolder();
      const [key, chain] = [path.join(folder.path, 'key.pem'), path.join(folder.path, 'chain.pem')];
      const options = ['req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes'];
      const subject = ['-subj', '/CN=weft.test', '-addext', 'subjectAltName=DNS:weft.test', '-days', '2'];
      execFileSync('openssl', [...options, ...subject, '-keyout', key, '-out', chain], { stdio: 'ignore' });
      const certificate = readFileSync(chain, 'utf8');
      const pair = {
        certificate_chain: { inline_string: certificate },
        private_key: { inline_string: readFileSync(key, 'utf8') },
      };
      const adminPath = path.join(folder.path, 'admin.sock');
      const file = path.join(folder.path, 'bootstrap.json');
      const bootstrap = {
        admin: { address: { pipe: { path: adminPath } } },
        static_resources: {
          listeners: [
            listener('inline', { tls_certificates: [pair] }),
            listener('static', { tls_certificate_sds_secret_configs: [{ name: 'own' }] }),
          ],
          secrets: [
            {
              name: 'own',
              tls_certificate: { certificate_chain: { filename: chain }, private_key: { filename: key } },
            },
          ],
        },
      };
      writeFileSync(file, JSON.stringify(bootstrap));
      const [command, ...args] = engineCommand(engine, file);
      const running = new TestProcess(command, args);
      try {
        const ports = await until(
          async () => {
            const page = await exchange({ socketPath: adminPath }, { path: '/listeners?format=json' });
            const { listener_statuses: statuses } = JSON.parse(page.body.toString()) as {
              listener_statuses: { name: string; local_address: { socket_address: { port_value: number } } }[];
            };
            const port = (name: string): number =>
              statuses.find((status) => status.name === name)?.local_address.socket_address.port_value ?? 0;
            const found = { inline: port('inline'), static: port('static') };
            return found.inline > 0 && found.static > 0 ? found : undefined;
          },
          { timeout: START, what: `${engine} listening` },
        );
        assert.match(await ask(ports.inline, certificate), /^HTTP\/1.1 200 OK.*inline$/s);
        assert.match(await ask(ports.static, certificate), /^HTTP\/1.1 200 OK.*static$/s);
        const dump = (await exchange({ socketPath: adminPath }, { path: '/config_dump' })).body.toString();
        assert.doesNotMatch(dump, /PRIVATE KEY/);
        assert.doesNotMatch(running.stdout + running.stderr, /PRIVATE KEY/);
      } finally {
        await running.stop();
      }
    });
  });
}
