/** Bundles over the wire: from go-spiffe's federation handler by both profiles, and from endpoints that are not as they should be. */
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import https from 'node:https';
import type { AddressInfo } from 'node:net';
import path from 'node:path';
import { after, before, describe, test } from 'node:test';
import { temporaryFolder } from '@weft/testkit/folder';
import { TestProcess } from '@weft/testkit/process';
import { needs, toolPath } from '@weft/testkit/tools';
import { Authorities } from '../authority/authorities.ts';
import { formatSpiffeBundle, parseSpiffeBundle } from '../authority/spiffe-bundle.ts';
import { fetchBundle } from './fetch.ts';

const DOMAIN = 'partner.test';
const ID = `spiffe://${DOMAIN}/spire/server`;
const folder = temporaryFolder();
const authorities = new Authorities({
  folder: path.join(folder.path, 'authority'),
  clock: { now: () => Date.now() },
  primary: () => DOMAIN,
});
authorities.start();
const { roots } = authorities.domain(DOMAIN);
const stranger = new Authorities({
  folder: path.join(folder.path, 'stranger'),
  clock: { now: () => Date.now() },
  primary: () => DOMAIN,
});
stranger.start();

const file = (name: string, text: string): string => {
  const at = path.join(folder.path, name);
  writeFileSync(at, text, { mode: 0o600 });
  return at;
};
const bundle = file('bundle.json', formatSpiffeBundle(authorities.domain(DOMAIN), { sequence: 3, refreshHint: 60 }));

/** A certificate of the web for 127.0.0.1. */
const web = (() => {
  const [key, certificate] = [path.join(folder.path, 'web.key'), path.join(folder.path, 'web.pem')];
  const subject = ['-subj', '/CN=web', '-addext', 'subjectAltName=IP:127.0.0.1', '-days', '2', '-nodes'];
  const made = ['req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', ...subject];
  execFileSync('openssl', [...made, '-keyout', key, '-out', certificate], { stdio: 'pipe' });
  return { key, certificate, roots: readFileSync(certificate, 'utf8') };
})();
const svid = authorities.primary.issueEndpointIdentity(ID);

after(() => folder[Symbol.dispose]());

describe('from go-spiffe’s bundle endpoint', { skip: needs('spiffe-client') }, () => {
  const servers: TestProcess[] = [];
  const urls = { web: '', spiffe: '' };
  before(async () => {
    const key = file('svid.key', svid.privateKey);
    const certificate = file('svid.pem', svid.certificateChain);
    for (const [profile, ...pair] of [
      ['web', web.certificate, web.key],
      ['spiffe', certificate, key],
    ] as const) {
      const server = new TestProcess(toolPath('spiffe-client'), ['serve-bundle', DOMAIN, bundle, ...pair]);
      servers.push(server);
      const [address = ''] = await server.matching(/\S+:\d+/);
      urls[profile] = `https://${address}/`;
    }
  });
  after(async () => {
    for (const server of servers) await server.stop();
  });

  const number = async (server: Parameters<typeof fetchBundle>[0]): Promise<number | string | undefined> => {
    const got = await fetchBundle(server);
    if (!got.ok) return got.error;
    const read = parseSpiffeBundle(DOMAIN, got.value);
    return read.ok ? read.value.sequence : read.error;
  };

  test('https_web: under the authorities that are named; without them the certificate is refused', async () => {
    assert.equal(await number({ url: urls.web, spiffeId: undefined, roots: web.roots }), 3);
    assert.match(String(await number({ url: urls.web, spiffeId: undefined, roots: '' })), /self-signed/);
    assert.match(String(await number({ url: urls.spiffe, spiffeId: undefined, roots })), /altnames|IP/);
  });

  test('https_spiffe: by its SPIFFE ID under that trust domain’s roots alone', async () => {
    assert.equal(await number({ url: urls.spiffe, spiffeId: ID, roots }), 3);
    const other = `spiffe://${DOMAIN}/spire/other`;
    assert.match(String(await number({ url: urls.spiffe, spiffeId: other, roots })), /is not that of/);
    const wrong = stranger.domain(DOMAIN).roots;
    assert.match(String(await number({ url: urls.spiffe, spiffeId: ID, roots: wrong })), /certificate|signature/);
    assert.match(String(await number({ url: urls.web, spiffeId: ID, roots: web.roots })), /authority|not that of/);
  });
});

test('redirects, long answers, other statuses and silence: an error each, within the time', async () => {
  const server = https.createServer(
    { key: readFileSync(web.key), cert: readFileSync(web.certificate) },
    (request, response) => {
      if (request.url === '/redirect') response.writeHead(302, { location: '/' }).end();
      else if (request.url === '/long') response.end(Buffer.alloc((1 << 20) + 1, ' '));
      else if (request.url === '/cut') {
        response.writeHead(200, { 'content-length': '100' });
        response.write('{', () => response.destroy());
      } else if (request.url !== '/silent') response.writeHead(404).end();
    },
  );
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  const { port } = server.address() as AddressInfo;
  try {
    for (const [at, fault, timeout] of [
      ['/redirect', /answered 302/, 30_000],
      ['/long', /longer than/, 30_000],
      ['/cut', /aborted|on the way/, 30_000],
      ['/', /answered 404/, 30_000],
      ['/silent', /no answer within 200 ms/, 200],
    ] as const) {
      const got = await fetchBundle(
        { url: `https://127.0.0.1:${port}${at}`, spiffeId: undefined, roots: web.roots },
        timeout,
      );
      assert.match(got.ok ? 'taken' : got.error, fault, at);
    }
  } finally {
    server.closeAllConnections();
    server.close();
  }
});

test('addresses of the link and of many are not connected to', async () => {
  for (const host of ['169.254.169.254', '0.0.0.0', '224.0.0.1', '[fe80::1]', '[::]', '[::ffff:169.254.169.254]']) {
    const got = await fetchBundle({ url: `https://${host}/`, spiffeId: undefined, roots: '' });
    assert.match(got.ok ? 'taken' : got.error, /no address of a host elsewhere/, host);
  }
});
