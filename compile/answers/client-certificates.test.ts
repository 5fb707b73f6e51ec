// Listeners that ask clients for certificates, which some must show and some may: who enters, and as whom rules see them.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parseIp } from '@weft/core/kernel';
import { objectsFrom } from '@weft/core/mesh-view/testing';
import { edge } from '../testing/edge.ts';
import { type Caller, type Explanation, explain, GET_ROOT, isAnswer, populate, World } from './index.ts';

const PARTNER = 'spiffe://partner.example/ns/pay/sa/desk';

const objects = (options: string, policy: string): string =>
  `${edge(`[{ name: https, protocol: HTTPS, port: 8443, tls: { certificateRefs: [{ name: c }]${options} } }]`)}${policy}`;
const OPTIONAL = ', options: { weft.dev/client-certificates: Optional }';
const policy = (action: string, from: string): string => `---
apiVersion: weft.dev/v1alpha1
kind: AccessPolicy
metadata: { name: edge }
spec: { targetRefs: [{ kind: Gateway, name: edge }], action: ${action}, rules: [{ from: [${from}] }] }
`;

const address = parseIp('203.0.113.1') ?? assert.fail();
const NOBODY: Caller = { kind: 'outside', address };
const SHOWS: Caller = { kind: 'outside', address, identity: PARTNER };

function ask(options: string, rules: string, from: Caller): Explanation {
  const { objects: all } = populate(objectsFrom(objects(options, rules)), {
    service: undefined,
    caller: undefined,
    gateway: '*',
    running: false,
  });
  const answer = explain(new World(all), { from, to: 'default/edge', gateway: true, port: 8443, request: GET_ROOT });
  assert.ok(isAnswer(answer), JSON.stringify(answer));
  return answer;
}

test('where clients must show one, who shows none is refused before it asks for anything', () => {
  const { verdict, caller } = ask('', '', NOBODY);
  assert.deepEqual([verdict.kind, verdict.status], ['denied', 0]);
  assert.match(verdict.reason, /asks clients for a certificate/);
  assert.equal(caller.identity, undefined);
  const shows = ask('', '', SHOWS);
  assert.deepEqual([shows.verdict.kind, shows.caller.identity], ['allowed', PARTNER]);
});

test('where they may, who shows none is let in, without an identity', () => {
  for (const from of [NOBODY, SHOWS]) assert.equal(ask(OPTIONAL, '', from).verdict.kind, 'allowed');
  assert.equal(ask(OPTIONAL, '', NOBODY).caller.identity, undefined);
});

test('rules about identities tell those who showed one from those who did not', () => {
  const named = policy('ALLOW', `{ identities: ["${PARTNER}"] }`);
  assert.equal(ask(OPTIONAL, named, SHOWS).verdict.kind, 'allowed');
  const { verdict } = ask(OPTIONAL, named, NOBODY);
  assert.equal(verdict.kind, 'denied');
  assert.match(verdict.reason, /no ALLOW rule matches/);
  // Of any SPIFFE ID, and of none: a DENY of all others is met by who shows nothing.
  assert.equal(ask(OPTIONAL, policy('ALLOW', '{ identities: ["*"] }'), NOBODY).verdict.kind, 'denied');
  const others = policy('DENY', `{ notIdentities: ["${PARTNER}"] }`);
  assert.equal(ask(OPTIONAL, others, NOBODY).verdict.kind, 'denied');
  assert.equal(ask(OPTIONAL, others, SHOWS).verdict.kind, 'allowed');
});
