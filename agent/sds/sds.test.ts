import assert from 'node:assert/strict';
import { test } from 'node:test';
import { readMessage } from '@weft/envoy/codec';
import { decodeDiscoveryResponse, type DiscoveryRequest, SECRET_TYPE } from '@weft/envoy/discovery';
import { Secrets } from '../secrets/index.ts';
import { SdsSession } from './index.ts';

const SECRET = 'envoy.extensions.transport_sockets.tls.v3.Secret';
const request = (names: readonly string[], more: Partial<DiscoveryRequest> = {}): DiscoveryRequest => ({
  typeUrl: SECRET_TYPE,
  versionInfo: '',
  responseNonce: '',
  resourceNames: names,
  node: undefined,
  error: undefined,
  ...more,
});

function setUp() {
  const secrets = new Secrets();
  const sent: { readonly version: string; readonly nonce: string; readonly names: string[] }[] = [];
  const rejected: string[] = [];
  const session = new SdsSession(
    secrets,
    (bytes) => {
      const response = decodeDiscoveryResponse(bytes);
      assert.ok(response.ok);
      const names = response.value.resources.map(({ value }) => {
        const read = readMessage(SECRET, value);
        return read.ok ? (read.value.name ?? '') : 'unreadable';
      });
      sent.push({ version: response.value.versionInfo, nonce: response.value.nonce, names });
    },
    (message) => rejected.push(message),
  );
  const certificate = (text: string) =>
    secrets.set('default', { kind: 'certificate', certificateChain: text, privateKey: 'k' });
  return { secrets, sent, rejected, session, certificate };
}

test('only what was asked for, when it is there, again when it changes', () => {
  const t = setUp();
  t.secrets.set('trust/a', { kind: 'roots', roots: 'R' });
  t.session.receive(request(['default']));
  assert.equal(t.sent.length, 0);
  t.certificate('one');
  assert.deepEqual(t.sent.at(-1)?.names, ['default']);
  t.session.receive(request(['default'], { responseNonce: '1', versionInfo: t.sent[0]?.version ?? '' }));
  t.certificate('one');
  t.secrets.set('trust/a', { kind: 'roots', roots: 'R2' });
  assert.equal(t.sent.length, 1, 'neither an ACK nor a change of others is answered');
  t.session.receive(request(['default', 'trust/a'], { responseNonce: '1' }));
  assert.deepEqual(t.sent.at(-1)?.names, ['default', 'trust/a']);
  t.certificate('two');
  assert.equal(t.sent.length, 3);
  assert.equal(new Set(t.sent.map(({ version }) => version)).size, 3);
  t.session.close();
  t.certificate('three');
  assert.equal(t.sent.length, 3);
});

test('a NACK is told and not answered; a stale nonce changes nothing', () => {
  const t = setUp();
  t.certificate('one');
  t.session.receive(request(['default']));
  t.session.receive(request(['default'], { responseNonce: '1', error: { code: 3, message: 'bad key' } }));
  assert.deepEqual([t.rejected, t.sent.length], [['bad key'], 1]);
  t.session.receive(request([], { responseNonce: '0' }));
  t.certificate('two');
  assert.equal(t.sent.length, 2);
});

test('who asks for nothing any more and then again is answered again', () => {
  const t = setUp();
  t.certificate('one');
  t.session.receive(request(['default']));
  t.session.receive(request([], { responseNonce: '1' }));
  assert.equal(t.sent.length, 1);
  t.session.receive(request(['default'], { responseNonce: '1' }));
  assert.deepEqual(t.sent.at(-1)?.names, ['default']);
  assert.equal(t.sent.length, 2);
});

test('roots are in use when every client has said so; a refusal says nothing of the kind', () => {
  const t = setUp();
  const used: string[] = [];
  const domain = { trustDomain: 'a', jwks: '{"keys":[]}' };
  const bundle = (roots: string): void => {
    t.secrets.setBundle({ ...domain, roots, version: roots, controlPlane: roots, federated: [] });
    t.secrets.whenInUse(() => used.push(roots));
  };
  bundle('1');
  assert.deepEqual(used, ['1'], 'nobody asked for them');
  t.session.receive(request(['trust/a']));
  bundle('2');
  const nonce = (): string => t.sent.at(-1)?.nonce ?? '';
  t.session.receive(request(['trust/a'], { responseNonce: '1' }));
  assert.deepEqual(used, ['1'], 'the answer to an older response');
  t.session.receive(request(['trust/a'], { responseNonce: nonce(), error: { code: 3, message: 'no' } }));
  assert.deepEqual(used, ['1']);
  t.session.receive(request(['trust/a'], { responseNonce: nonce() }));
  assert.deepEqual(used, ['1', '2']);
  bundle('3');
  t.session.close();
  assert.deepEqual(used, ['1', '2', '3'], 'who is gone holds nothing up');
});
