/** Names in TLS to endpoints: which SNI is sent, and which names of the certificate are accepted, on our engine and on real Envoy. */
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import https from 'node:https';
import type { AddressInfo } from 'node:net';
import path from 'node:path';
import { after, before, describe, test } from 'node:test';
import type { TLSSocket } from 'node:tls';
import { type Case, type EngineName, judge, type RunningCases, startCases } from '@weft/testkit/cases';
import { temporaryFolder } from '@weft/testkit/folder';
import { needs, toolPath } from '@weft/testkit/tools';

const HTTP = 'envoy.extensions.upstreams.http.v3.HttpProtocolOptions';
const NAMES = 'subjectAltName=DNS:one.example,DNS:*.wild.example';

/** The backend says which SNI came. */
const says = (host: string, sni: string): Case['requests'][number] => ({
  send: { headers: { host } },
  expect: { status: 200, headers: { 'x-sni': sni } },
});
const refused = (host: string): Case['requests'][number] => ({ send: { headers: { host } }, expect: { status: 503 } });

function cases(roots: string): Case[] {
  const one = (
    name: string,
    tls: object,
    options: object | undefined,
    requests: Case['requests'],
    hostname?: string,
  ): Case => ({
    name,
    clusters: {
      a: {
        endpoints: [{ backend: 'tls', ...(hostname === undefined ? {} : { hostname }) }],
        transport_socket: {
          name: 'envoy.transport_sockets.tls',
          typed_config: {
            '@type': 'type.googleapis.com/envoy.extensions.transport_sockets.tls.v3.UpstreamTlsContext',
            common_tls_context: { validation_context: { trusted_ca: { filename: roots } } },
            ...tls,
          },
        },
        ...(options === undefined
          ? {}
          : {
              typed_extension_protocol_options: {
                [HTTP]: {
                  '@type': `type.googleapis.com/${HTTP}`,
                  upstream_http_protocol_options: options,
                  explicit_http_config: { http_protocol_options: {} },
                },
              },
            }),
      },
    },
    routes: [{ match: { prefix: '/' }, route: { cluster: 'a' } }],
    requests,
  });
  return [
    one('the SNI that the cluster states, whatever the request is for', { sni: 'stated.example' }, undefined, [
      says('other.example', 'stated.example'),
    ]),
    one('the host of each request, each on connections of its own', { sni: 'stated.example' }, { auto_sni: true }, [
      says('one.example', 'one.example'),
      says('Two.example:8080', 'Two.example'),
      says('one.example', 'one.example'),
    ]),
    one(
      'a header in place of the host, where the request has it',
      {},
      { auto_sni: true, override_auto_sni_header: 'x-name' },
      [
        {
          send: { headers: { host: 'one.example', 'x-name': 'three.example' } },
          expect: { headers: { 'x-sni': 'three.example' } },
        },
        says('one.example', 'one.example'),
      ],
    ),
    one('the certificate must be for the host of the request', {}, { auto_sni: true, auto_san_validation: true }, [
      says('one.example', 'one.example'),
      says('a.wild.example', 'a.wild.example'),
      refused('two.example'),
      refused('a.b.wild.example'),
      refused('127.0.0.9'),
    ]),
    one(
      'the host name of the endpoint, which the certificate must carry',
      { auto_host_sni: true, auto_sni_san_validation: true },
      undefined,
      [says('other.example', 'one.example')],
      'one.example',
    ),
    one(
      'an endpoint whose certificate does not carry its host name',
      { auto_host_sni: true, auto_sni_san_validation: true },
      undefined,
      [refused('one.example')],
      'two.example',
    ),
    one(
      'curves, and a number of sessions to keep',
      {
        sni: 'one.example',
        max_session_keys: 0,
        common_tls_context: {
          tls_params: { ecdh_curves: ['P-256'] },
          validation_context: { trusted_ca: { filename: roots } },
        },
      },
      undefined,
      [says('other.example', 'one.example')],
    ),
  ];
}

for (const engine of ['weft', 'envoy'] as const satisfies readonly EngineName[]) {
  describe(`names in TLS to endpoints on ${engine}`, {
    skip: needs(...(engine === 'envoy' ? ['envoy', 'openssl'] : ['openssl'])),
  }, () => {
    const folder = temporaryFolder();
    const roots = path.join(folder.path, 'chain.pem');
    const all = cases(roots);
    let server: https.Server | undefined;
    let running: RunningCases | undefined;

    before(async () => {
      const key = path.join(folder.path, 'key.pem');
      const kind = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes', '-sha256', '-days', '1'];
      // No CA: our engine refuses leaves that are one.
      const leaf = ['-addext', NAMES, '-addext', 'basicConstraints=critical,CA:FALSE'];
      const files = ['-keyout', key, '-out', roots];
      execFileSync(toolPath('openssl'), ['req', '-x509', ...kind, '-subj', '/CN=one', ...leaf, ...files], {
        stdio: 'pipe',
      });
      const secrets = { cert: readFileSync(roots), key: readFileSync(key) };
      server = https.createServer({ ...secrets, ecdhCurve: 'P-256:P-384' }, (request, response) => {
        const socket = request.socket as TLSSocket & { servername?: string | false };
        response.writeHead(200, { 'x-sni': String(socket.servername ?? '') }).end();
      });
      server.listen(0, '127.0.0.1');
      await once(server, 'listening');
      const backends = { tls: (server.address() as AddressInfo).port };
      running = await startCases(engine, folder.path, { cases: all, backends });
    });
    after(async () => {
      await running?.process.stop();
      server?.closeAllConnections();
      server?.close();
      folder[Symbol.dispose]();
    });

    for (const [index, one] of all.entries())
      test(one.name, async () => {
        assert.deepEqual(await judge(one, running?.ports[index] ?? 0, index), []);
      });
  });
}
