// Callers by what the configuration pins, and by lists of revoked certificates: who is not on the one, or is on the other, gets no byte through.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { createHash, X509Certificate } from 'node:crypto';
import { readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { connect } from 'node:tls';
import { type TestContext, test } from 'node:test';
import type { FilterChain, PeerValidation } from '@weft/core/proxy-config';
import { temporaryFolder } from '@weft/testkit/folder';
import { needs } from '@weft/testkit/tools';
import { TestAuthority } from '../testing/certificates.ts';
import { chain, listener, manager } from '../testing/config.ts';
import { config, startEngine, type TestEngine } from '../testing/engines.ts';

const sds = (name: string) => ({ kind: 'sds', name, sdsCluster: undefined }) as const;
const authority = new TestAuthority();

/** A listener that answers 404 to whoever gets through. */
function server(context: TestContext, validation: PeerValidation): Promise<TestEngine> {
  const transport: FilterChain['transport'] = {
    kind: 'tls',
    certificates: [sds('OWN')],
    validation,
    requireClientCertificate: true,
    alpnProtocols: ['http/1.1'],
    parameters: { minimumVersion: 'auto', maximumVersion: 'auto', cipherSuites: [], ecdhCurves: [] },
  };
  const terminal = manager({
    kind: 'inline',
    configuration: {
      name: 'none',
      virtualHosts: [],
      headers: { requestRemove: [], requestAdd: [], responseRemove: [], responseAdd: [] },
      ignorePortInHostMatching: false,
      maxDirectResponseBodySizeBytes: 4096,
      internalOnlyHeaders: [],
      ignorePathParameters: false,
      mostSpecificHeaderMutationsWins: false,
      filterOverrides: [],
    },
  });
  const rows = config({
    listeners: [listener('in', [chain('mtls', {}, { transport, terminal })])],
    trustBundles: [{ name: 'ROOTS', roots: authority.pem }],
  });
  return startEngine(context, rows, {}, (secrets) => secrets.setCertificate('OWN', authority.leaf({ dns: ['x'] })));
}

async function answer(port: number, cert: string | Buffer, key: string | Buffer): Promise<string> {
  const socket = connect({ port, host: '127.0.0.1', rejectUnauthorized: false, cert, key });
  let text = '';
  socket.on('error', () => undefined).on('data', (chunk: Buffer) => void (text += chunk.toString('latin1')));
  socket.write('GET / HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n');
  await new Promise((resolve) => socket.once('close', resolve));
  return text.slice(0, 12);
}

const reasons = (engine: TestEngine): string[] =>
  engine.lines
    .map((line) => JSON.parse(line) as { message: string; reason: string })
    .filter(({ message }) => message === 'caller refused')
    .map(({ reason }) => reason);

test('a caller must be one of the pinned certificates, or have one of the pinned keys', async (context) => {
  const [one, two, three] = [authority.leaf({ dns: ['a'] }), authority.leaf({ dns: ['b'] }), authority.leaf({})];
  const certificate = new X509Certificate(one.certificateChain);
  const key = new X509Certificate(two.certificateChain).publicKey.export({ type: 'spki', format: 'der' });
  const pins = {
    certificates: [certificate.fingerprint256.replaceAll(':', '').toLowerCase()],
    publicKeys: [createHash('sha256').update(key).digest('base64')],
  };
  const engine = await server(context, { trust: sds('ROOTS'), subjectAltNames: [], pins, crl: undefined });
  for (const leaf of [one, two])
    assert.equal(await answer(engine.port('in'), leaf.certificateChain, leaf.privateKey), 'HTTP/1.1 404');
  assert.equal(await answer(engine.port('in'), three.certificateChain, three.privateKey), '');
  assert.deepEqual(reasons(engine), ['pin-mismatch']);
});

test('a revoked certificate is refused, another of the same authority is not', {
  skip: needs('openssl'),
}, async (context) => {
  using folder = temporaryFolder();
  const at = (name: string): string => path.join(folder.path, name);
  const openssl = (...args: readonly string[]): void =>
    void execFileSync('openssl', [...args], { stdio: 'ignore', cwd: folder.path });
  const made = ['req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes', '-days', '2'];
  openssl(...made, '-subj', '/CN=root', '-keyout', at('root.key'), '-out', at('root.pem'));
  for (const name of ['good', 'bad']) {
    const signed = ['-CA', at('root.pem'), '-CAkey', at('root.key'), '-addext', 'basicConstraints=critical,CA:FALSE'];
    openssl(...made, '-subj', `/CN=${name}`, '-keyout', at(`${name}.key`), '-out', at(`${name}.pem`), ...signed);
  }
  writeFileSync(at('index'), '');
  writeFileSync(at('ca.cnf'), '[ca]\ndefault_ca=own\n[own]\ndatabase=index\ndefault_md=sha256\ndefault_crl_days=2\n');
  const authorityOf = ['-config', 'ca.cnf', '-keyfile', 'root.key', '-cert', 'root.pem'];
  openssl('ca', ...authorityOf, '-revoke', 'bad.pem');
  openssl('ca', ...authorityOf, '-gencrl', '-out', 'crl.pem');
  const engine = await server(context, {
    trust: { kind: 'file', path: at('root.pem') },
    subjectAltNames: [],
    pins: undefined,
    crl: { kind: 'file', path: at('crl.pem') },
  });
  const ask = (name: string): Promise<string> =>
    answer(engine.port('in'), readFileSync(at(`${name}.pem`)), readFileSync(at(`${name}.key`)));
  assert.equal(await ask('good'), 'HTTP/1.1 404');
  assert.equal(await ask('bad'), '');
  assert.deepEqual(reasons(engine), ['revoked']);
});
