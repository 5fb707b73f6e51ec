import { testSpecs } from '../testing/cases.ts';
import { AUTHENTICATION } from './index.ts';

const of = (keys: string, more = ''): string =>
  `targetRefs: [{name: a}]\nissuers: [{issuer: "https://i.example", audiences: [a], keys: ${keys}${more}}]`;
const JWKS = `'{"keys":[{"kty":"EC","crv":"P-256","x":"a","y":"b"}]}'`;

testSpecs(AUTHENTICATION, [
  { what: 'keys written', spec: of(`{jwks: ${JWKS}}`), expected: [] },
  { what: 'keys served', spec: of('{url: "https://i.example:8443/keys?x=1"}'), expected: [] },
  { what: 'no keys', spec: of('{}'), expected: ['missing-field issuers[0].keys'] },
  {
    what: 'both',
    spec: of(`{jwks: ${JWKS}, url: "https://i.example/"}`),
    expected: ['exclusive-fields issuers[0].keys'],
  },
  ...['http://i.example/', 'https://u:p@i.example/', 'https://127.0.0.1/', 'https://[::1]/', 'https://localhost/'].map(
    (url) => ({ what: url, spec: of(`{url: "${url}"}`), expected: ['invalid-value issuers[0].keys.url'] }),
  ),
  {
    what: 'fetched too often',
    spec: of('{url: "https://i.example/", refresh: 1s}'),
    expected: ['out-of-range issuers[0].keys.refresh'],
  },
  {
    what: 'a private key',
    spec: of(`{jwks: '{"keys":[{"kty":"EC","d":"x"}]}'}`),
    expected: ['invalid-jwks issuers[0].keys.jwks'],
  },
  { what: 'no set', spec: of(`{jwks: '{"keys":[]}'}`), expected: ['invalid-jwks issuers[0].keys.jwks'] },
  {
    what: 'any audience is said',
    spec: `targetRefs: [{name: a}]\nissuers: [{issuer: i, keys: {jwks: ${JWKS}}}]`,
    expected: ['warning any-audience issuers[0].audiences'],
  },
  {
    what: 'one header for two things',
    spec: of(`{jwks: ${JWKS}}`, ', payloadHeader: X-A, claimHeaders: [{claim: sub, header: x-a}]'),
    expected: ['duplicate-entry issuers[0].payloadHeader'],
  },
  {
    what: 'mutual TLS alone',
    spec: 'targetRefs: [{name: a, sectionName: http}]\nmtls: {mode: Permissive}',
    expected: [],
  },
  { what: 'nothing', spec: 'targetRefs: [{name: a}]', expected: ['missing-field '] },
  {
    what: 'a mode in lower case',
    spec: 'targetRefs: [{name: a}]\nmtls: {mode: strict}',
    expected: ['invalid-value mtls.mode'],
  },
  { what: 'no mode', spec: 'targetRefs: [{name: a}]\nmtls: {}', expected: ['missing-field mtls.mode'] },
  {
    what: 'words about tokens without any issuer',
    spec: 'targetRefs: [{name: a}]\nmtls: {mode: Strict}\nmode: Optional\nexempt: [{paths: [/a]}]',
    expected: ['missing-field mode', 'missing-field exempt'],
  },
  {
    what: 'mutual TLS of a mesh, and of a Gateway',
    spec: 'targetRefs: [{kind: Mesh, name: default}, {kind: Gateway, name: edge}, {kind: Namespace, name: shop}]\nmtls: {mode: Disabled}',
    expected: ['exclusive-fields targetRefs[0].kind', 'exclusive-fields targetRefs[1].kind'],
  },
  {
    what: 'what is exposed, of one port of a Service each, by whole paths as they are compared',
    spec: 'targetRefs: [{name: web, sectionName: http}]\nexposed: {listenerPort: 15020, paths: [/, /healthz, /a.b/c-d_e~, /x/]}',
    expected: [],
  },
  {
    what: 'exposing more than a port',
    spec: 'targetRefs: [{kind: Namespace, name: shop}, {name: web}]\nexposed: {listenerPort: 15020, paths: [/a]}',
    expected: ['exclusive-fields targetRefs[0].kind', 'missing-field targetRefs[1].sectionName'],
  },
  {
    what: 'exposed paths that are not what is compared',
    spec: 'targetRefs: [{name: web, sectionName: http}]\nexposed: {listenerPort: 15020, paths: [a, /a/../b, //a, /a//b, "/a*", "/a%2fb", "/a?b", "/a;b", "/a b", /., /b, /b]}',
    expected: [
      ...[0, 1, 2, 3, 4, 5, 6, 7, 8, 9].map((index) => `invalid-value exposed.paths[${index}]`),
      'duplicate-entry exposed.paths[11]',
    ],
  },
  {
    what: 'exempt paths',
    spec: `${of(`{jwks: ${JWKS}}`)}\nexempt: [{}, {paths: [a, "/a*b"]}]`,
    expected: ['missing-field exempt[0]', 'invalid-value exempt[1].paths[0]', 'invalid-value exempt[1].paths[1]'],
  },
]);
