// The Workload API's octets, SVIDs of somebody else judged as go-spiffe's vectors say, and bundles in SPIFFE's form.
import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, test } from 'node:test';
import { needsData, toolData } from '@weft/testkit/tools';
import fc from 'fast-check';
import { svidFault } from './check-svid.ts';
import { decodeX509Response, encodeX509Response } from './messages.ts';
import { decodeFields, encodeFields } from './protobuf.ts';

test('fields survive a round trip, and any octets are answered', () => {
  const field = fc.tuple(fc.integer({ min: 1, max: 5000 }), fc.uint8Array({ maxLength: 300 }));
  fc.assert(
    fc.property(fc.array(field, { maxLength: 20 }), (fields) => {
      const read = decodeFields(encodeFields(fields));
      assert.deepEqual(
        read?.map(([number, value]) => [number, new Uint8Array(value)]),
        fields.map(([number, value]) => [number, new Uint8Array(value)]),
      );
    }),
  );
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 200 }), (octets) => {
      decodeFields(octets);
      decodeX509Response(octets);
    }),
  );
  for (const cut of ['0a', '0a05', '08', '00', '0a80808080808080', '0b'])
    assert.equal(decodeFields(Buffer.from(cut, 'hex')), undefined, cut);
});

describe('certificate vectors of go-spiffe', { skip: needsData('go-spiffe') }, () => {
  const folder = path.join(toolData('go-spiffe') ?? '', 'svid/x509svid/testdata');
  const read = (name: string): string => readFileSync(path.join(folder, name), 'utf8');
  /** The vectors have leaves of two keys, and leave the key out: it is looked at last. */
  const judged = (name: string): string | undefined => svidFault(read(name), read('key-pkcs8-ecdsa.pem'));

  test('what is no X509-SVID is refused for its own reason, and the good ones are taken', () => {
    const reasons: Readonly<Record<string, RegExp>> = {
      'corrupt-cert.pem': /is none/,
      'not-pem': /no certificate/,
      'wrong-leaf-ca-true.pem': /the leaf is an authority/,
      'wrong-leaf-cert-sign.pem': /may sign certificates/,
      'wrong-leaf-crl-sign.pem': /revoked/,
      'wrong-leaf-empty-id.pem': /not one SPIFFE ID/,
      'wrong-leaf-no-digital-signature.pem': /not for signatures/,
      'wrong-intermediate-no-ca.pem': /intermediate is no authority/,
      'wrong-intermediate-no-key-cert-sign.pem': /intermediate may not sign/,
    };
    const wrong = readdirSync(folder).filter((name) => /^(?:wrong|corrupt-cert|not)/.test(name));
    assert.deepEqual(wrong.sort(), Object.keys(reasons).sort(), 'every vector has its reason');
    for (const [name, reason] of Object.entries(reasons)) assert.match(String(judged(name)), reason, name);
    for (const name of ['good-cert-and-key.pem', 'good-key-and-cert.pem'])
      assert.equal(svidFault(read(name), read(name)), undefined, name);
    for (const name of ['good-leaf-only.pem', 'good-leaf-and-intermediate.pem']) {
      const faults = ['key-pkcs8-ecdsa.pem', 'key-pkcs8-rsa.pem'].map((key) => svidFault(read(name), read(key)));
      assert.ok(faults.includes(undefined), `${name}: ${faults.join(', ')}`);
      assert.match(String(svidFault(read(name), read('corrupt-key.pem'))), /the key is none/);
    }
  });

  test('an SVID survives the API’s octets', () => {
    const pem = read('good-cert-and-key.pem');
    const [certificate = ''] = /-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----/.exec(pem) ?? [];
    const [key = ''] = /-----BEGIN PRIVATE KEY-----[^-]+-----END PRIVATE KEY-----/.exec(pem) ?? [];
    const domain = { trustDomain: 'a.test', roots: certificate, jwks: '{"keys":[]}' };
    const other = { ...domain, trustDomain: 'b.test' };
    const svid = { spiffeId: 'spiffe://a.test/x', certificateChain: certificate, privateKey: key };
    const bundle = { ...domain, version: '1', controlPlane: certificate, federated: [other] };
    const back = decodeX509Response(encodeX509Response(svid, bundle));
    const plain = (text: string): string => text.replaceAll(/\s/g, '');
    assert.equal(back?.svids.length, 1);
    assert.equal(plain(back.svids[0]?.certificateChain ?? ''), plain(certificate));
    assert.equal(plain(back.svids[0]?.privateKey ?? ''), plain(key));
    assert.deepEqual([...back.federated.keys()], ['b.test']);
  });
});
