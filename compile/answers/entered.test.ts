// What a Gateway told of who entered: asked again, it is that one, not anybody outside.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { objectsFrom } from '@weft/core/mesh-view/testing';
import type { Entered } from '@weft/core/tap';
import { edge } from '../testing/edge.ts';
import { explain, type Happened, isAnswer, populate, questionOf, World } from './index.ts';

const PARTNER = 'spiffe://partner.example/ns/pay/sa/desk';

const LISTENERS = `
    - { name: http, protocol: HTTP, port: 8080 }
    - { name: wide, protocol: HTTPS, port: 8443, hostname: "*.example", tls: &tls { certificateRefs: [{ name: c }], options: { weft.dev/client-certificates: Optional } } }
    - { name: narrow, protocol: HTTPS, port: 8443, hostname: a.example, tls: *tls }`;
const objects = (arrivals: string, rule: string): string => `${edge(LISTENERS)}---
apiVersion: weft.dev/v1alpha1
kind: TrafficPolicy
metadata: { name: edge }
spec: { targetRefs: [{ kind: Gateway, name: edge }], arrivals: { ${arrivals} } }
---
apiVersion: weft.dev/v1alpha1
kind: AccessPolicy
metadata: { name: edge }
spec: { targetRefs: [{ kind: Gateway, name: edge }], action: ALLOW, rules: [{ from: [{ ${rule} }] }] }
`;
const BELIEVED = 'xForwardedFor: { from: [10.0.0.0/8] }';
const BALANCED = 'proxyProtocol: { from: [10.9.0.0/16] }';

const entered = (changes: Partial<Entered>): Entered => ({
  address: '192.0.2.7',
  client: '192.0.2.7',
  certificate: false,
  identity: '',
  serverName: 'a.example',
  ...changes,
});

function verdict(yaml: string, told: Entered | undefined, changes: Partial<Happened> = {}): string {
  const { objects: all } = populate(objectsFrom(yaml), {
    service: undefined,
    caller: undefined,
    gateway: '*',
    running: false,
  });
  const asked = questionOf(all, {
    workload: 'default/edge-1',
    identity: '',
    direction: 'outbound',
    peer: 'default/a-1',
    peerIdentity: 'spiffe://weft.local/ns/default/sa/a',
    kind: 'http',
    addressed: { service: 'default/edge', port: 8443, gateway: true },
    method: 'GET',
    path: '/',
    authority: 'a.example',
    headers: [],
    entered: told,
    ...changes,
  });
  assert.ok('question' in asked, JSON.stringify(asked));
  const answer = explain(new World(all), asked.question);
  assert.ok(isAnswer(answer), JSON.stringify(answer));
  return `${answer.verdict.kind} ${answer.verdict.status} ${answer.entry?.listener}`;
}

test('by the address that it came from, where nobody else is told', () => {
  const yaml = objects(BELIEVED, 'ipBlocks: [192.0.2.0/24]');
  assert.equal(verdict(yaml, entered({})), 'allowed 0 narrow');
  assert.equal(verdict(yaml, entered({ address: '198.51.100.7', client: '198.51.100.7' })), 'denied 403 narrow');
  // Nobody told: anybody outside.
  assert.equal(verdict(yaml, undefined), 'denied 403 narrow');
});

test('by whom it was from, as the Gateway took it, and the connection by its own end', () => {
  const through = entered({ address: '10.0.0.9', client: '198.51.100.7' });
  assert.equal(verdict(objects(BELIEVED, 'remoteIpBlocks: [198.51.100.0/24]'), through), 'allowed 0 narrow');
  assert.equal(verdict(objects(BELIEVED, 'remoteIpBlocks: [10.0.0.0/8]'), through), 'denied 403 narrow');
  assert.equal(verdict(objects(BELIEVED, 'ipBlocks: [10.0.0.0/8]'), through), 'allowed 0 narrow');
});

test('behind a load balancer by the address that it told, also where an engine names the load balancer', () => {
  const yaml = objects(BALANCED, 'ipBlocks: [192.0.2.0/24]');
  assert.equal(verdict(yaml, entered({})), 'allowed 0 narrow');
  assert.equal(verdict(yaml, entered({ address: '10.9.0.1' })), 'allowed 0 narrow');
  assert.equal(verdict(yaml, entered({ address: '10.9.0.1', client: '203.0.113.7' })), 'denied 403 narrow');
});

test('by its certificate, one without a SPIFFE ID, and none', () => {
  const yaml = objects(BELIEVED, `identities: ["${PARTNER}"]`);
  assert.equal(verdict(yaml, entered({ certificate: true, identity: PARTNER })), 'allowed 0 narrow');
  assert.match(verdict(yaml, entered({ certificate: true })), /^denied/);
  assert.match(verdict(yaml, entered({})), /^denied/);
  const must = yaml
    .replaceAll('Optional', 'Required')
    .replaceAll(', options: { weft.dev/client-certificates: Required }', '');
  assert.match(verdict(must, entered({})), /^denied 0/);
  const any = must.replace(`identities: ["${PARTNER}"]`, 'ipBlocks: [192.0.2.0/24]');
  assert.equal(verdict(any, entered({ certificate: true })), 'allowed 0 narrow');
});

test('by the server name, which the host of a request need not be; of plain HTTP there is none', () => {
  const yaml = objects(BELIEVED, 'ipBlocks: [192.0.2.0/24]');
  assert.equal(verdict(yaml, entered({ serverName: 'b.example' }), { authority: 'b.example' }), 'allowed 0 wide');
  assert.equal(verdict(yaml, entered({ serverName: 'b.example' })), 'answered 421 wide');
  assert.equal(verdict(yaml, entered({ serverName: '' })), 'no-route 0 undefined');
  const plain = { addressed: { service: 'default/edge', port: 8080, gateway: true }, authority: 'any.test' };
  assert.equal(verdict(yaml, entered({ serverName: '' }), plain), 'allowed 0 http');
});
