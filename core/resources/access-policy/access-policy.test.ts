import assert from 'node:assert/strict';
import { test } from 'node:test';
import { testSpecs } from '../testing/cases.ts';
import { ACCESS_POLICY, excludedBy, patternsOf } from './index.ts';

const target = 'targetRefs: [{name: a}]\n';

testSpecs(ACCESS_POLICY, [
  { what: 'allow nobody', spec: target, expected: [] },
  { what: 'deny nobody', spec: `${target}action: DENY`, expected: ['warning no-effect rules'] },
  {
    what: 'an Extension is asked',
    spec: `${target}action: EXTERNAL\nextension: opa\nrules: [{}]`,
    expected: [],
  },
  { what: 'nobody is asked', spec: `${target}action: EXTERNAL\nrules: [{}]`, expected: ['missing-field extension'] },
  { what: 'an Extension for nothing', spec: `${target}extension: opa`, expected: ['exclusive-fields extension'] },
  {
    what: 'an audit in shadow',
    spec: `${target}action: AUDIT\nenforcement: Shadow\nrules: [{}]`,
    expected: ['exclusive-fields enforcement'],
  },
  {
    what: 'an entry that says nothing',
    spec: `${target}rules: [{from: [{}]}]`,
    expected: ['missing-field rules[0].from[0]'],
  },
  {
    what: 'identities stand alone',
    spec: `${target}rules: [{from: [{identities: ["*"], accounts: [a]}]}]`,
    expected: ['exclusive-fields rules[0].from[0].identities'],
  },
  {
    what: 'a wildcard within',
    spec: `${target}rules: [{from: [{identities: ["sh*p/a", "spiffe://a/*/b", "shop/a*"]}]}]`,
    expected: [
      'invalid-identity rules[0].from[0].identities[0]',
      'invalid-identity rules[0].from[0].identities[1]',
      'invalid-identity rules[0].from[0].identities[2]',
    ],
  },
  { what: 'ports by number and name', spec: `${target}rules: [{to: [{ports: [80, http]}]}]`, expected: [] },
  {
    what: 'requests, addresses, exceptions',
    spec: `${target}rules: [{from: [{ipBlocks: [10.0.0.0/8], notIdentities: [shop/a]}], to: [{hosts: ["*.a.example"], methods: [GET], paths: [/a, "/b/*", "*/c", "*"], notPaths: ["/b/x"], headers: [{name: X, value: a}, {name: W, type: Absent}]}]}]`,
    expected: [],
  },
  {
    what: 'addresses that proxies tell, about a Gateway',
    spec: 'targetRefs: [{kind: Gateway, name: a}]\nrules: [{from: [{remoteIpBlocks: [192.0.2.0/24]}, {notRemoteIpBlocks: [192.0.2.7]}]}]',
    expected: [],
  },
  {
    what: 'addresses that callers tell a workload',
    spec: 'targetRefs: [{kind: Gateway, name: a}, {name: a}]\nrules: [{from: [{remoteIpBlocks: [192.0.2.0/24], notRemoteIpBlocks: [192.0.2.7]}]}]',
    expected: [
      'exclusive-fields rules[0].from[0].remoteIpBlocks',
      'exclusive-fields rules[0].from[0].notRemoteIpBlocks',
    ],
  },
  {
    what: 'addresses of proxies that are none',
    spec: 'targetRefs: [{kind: Gateway, name: a}]\nrules: [{from: [{remoteIpBlocks: [], notRemoteIpBlocks: [x]}]}]',
    expected: ['invalid-value rules[0].from[0].notRemoteIpBlocks[0]', 'too-few rules[0].from[0].remoteIpBlocks'],
  },
  {
    what: 'wrong paths, addresses, headers, and an entry that says nothing',
    spec: `${target}rules: [{from: [{notIpBlocks: [x], notIdentities: [nonsense]}], to: [{}, {paths: [a, "/a/*/b", "/a?b"], headers: [{name: X}, {name: W, type: Present, value: a}, {name: Z, type: RegularExpression, value: "("}]}]}]`,
    expected: [
      'invalid-value rules[0].from[0].notIpBlocks[0]',
      'missing-field rules[0].to[0]',
      'missing-field rules[0].to[1].headers[0].value',
      'exclusive-fields rules[0].to[1].headers[1].value',
      'invalid-regex rules[0].to[1].headers[2].value',
    ],
  },
  {
    what: 'wildcards of paths',
    spec: `${target}rules: [{to: [{paths: [a, "/a/*/b", "/a?b"]}]}]`,
    expected: [
      'invalid-value rules[0].to[0].paths[0]',
      'invalid-value rules[0].to[0].paths[1]',
      'invalid-value rules[0].to[0].paths[2]',
    ],
  },
  {
    what: 'expressions of paths',
    spec: `${target}rules: [{to: [{pathRegexes: ["/a/[0-9]+"]}, {notPathRegexes: ["("]}]}]`,
    expected: ['invalid-regex rules[0].to[1].notPathRegexes[0]'],
  },
  {
    what: 'an empty list is not everything',
    spec: `${target}rules: [{from: []}]`,
    expected: ['too-few rules[0].from'],
  },
]);

test('exceptions become patterns, and an entry without identities is about anybody', () => {
  const context = { trustDomain: 'own', namespace: 'shop' };
  assert.equal(patternsOf({ ipBlocks: ['10.0.0.0/8'] }, context), undefined);
  assert.deepEqual(excludedBy({ notIdentities: ['b/a'], notNamespaces: ['c'] }, context), [
    { kind: 'exact', value: 'spiffe://own/ns/b/sa/a' },
    { kind: 'prefix', value: 'spiffe://own/ns/c/sa/' },
  ]);
});

test('callers become patterns', () => {
  const context = { trustDomain: 'own', namespace: 'shop' };
  assert.deepEqual(patternsOf({ accounts: ['a'] }, context), [{ kind: 'exact', value: 'spiffe://own/ns/shop/sa/a' }]);
  assert.deepEqual(patternsOf({ accounts: ['a'], namespaces: ['b', 'c'] }, context), [
    { kind: 'exact', value: 'spiffe://own/ns/b/sa/a' },
    { kind: 'exact', value: 'spiffe://own/ns/c/sa/a' },
  ]);
  assert.deepEqual(patternsOf({ namespaces: ['b'] }, context), [{ kind: 'prefix', value: 'spiffe://own/ns/b/sa/' }]);
  assert.deepEqual(patternsOf({ trustDomains: ['x'] }, context), [{ kind: 'prefix', value: 'spiffe://x/' }]);
  assert.deepEqual(patternsOf({ trustDomains: ['x'], namespaces: ['b'] }, context), [
    { kind: 'prefix', value: 'spiffe://x/ns/b/sa/' },
  ]);
  assert.deepEqual(patternsOf({ identities: ['*', 'b/*', 'spiffe://y/z'] }, context), [
    { kind: 'any' },
    { kind: 'prefix', value: 'spiffe://own/ns/b/sa/' },
    { kind: 'exact', value: 'spiffe://y/z' },
  ]);
});
