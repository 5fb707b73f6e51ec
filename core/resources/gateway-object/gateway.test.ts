/** What Gateway API calls invalid of Gateways, their routes and grants: refused, each with its place. */
import { testSpecs } from '../testing/cases.ts';
import { GATEWAY_CLASS } from '../gateway-class/index.ts';
import { GRPC_ROUTE } from '../grpc-route/index.ts';
import { REFERENCE_GRANT } from '../reference-grant/index.ts';
import { TLS_ROUTE } from '../tls-route/index.ts';
import { UDP_ROUTE } from '../udp-route/index.ts';
import { GATEWAY } from './index.ts';

const listeners = (...list: readonly string[]): string =>
  `gatewayClassName: weft\nlisteners:\n${list.map((text) => `- {${text}}`).join('\n')}`;
const HTTP = 'name: a, protocol: HTTP, port: 80';

testSpecs(GATEWAY, [
  { what: 'one listener', spec: listeners(HTTP), expected: [] },
  { what: 'no listeners', spec: 'gatewayClassName: weft\nlisteners: []', expected: ['too-few listeners'] },
  { what: 'no class', spec: `listeners: [{${HTTP}}]`, expected: ['missing-field gatewayClassName'] },
  {
    what: 'a name twice',
    spec: listeners(HTTP, 'name: a, protocol: HTTP, port: 81'),
    expected: ['duplicate-entry listeners[1].name'],
  },
  {
    what: 'port, protocol and host name twice',
    spec: listeners(HTTP, 'name: b, protocol: HTTP, port: 80'),
    expected: ['duplicate-entry listeners[1]'],
  },
  { what: 'another host name', spec: listeners(HTTP, 'name: b, protocol: HTTP, port: 80, hostname: b'), expected: [] },
  {
    what: 'one port over TCP and UDP',
    spec: listeners('name: a, protocol: TCP, port: 53', 'name: b, protocol: UDP, port: 53'),
    expected: [],
  },
  ...['TCP', 'UDP'].map((protocol) => ({
    what: `a host name with ${protocol}`,
    spec: listeners(`name: a, protocol: ${protocol}, port: 80, hostname: a`),
    expected: ['exclusive-fields listeners[0].hostname'],
  })),
  ...['HTTP', 'TCP', 'UDP'].map((protocol) => ({
    what: `TLS with ${protocol}`,
    spec: listeners(`name: a, protocol: ${protocol}, port: 80, tls: {certificateRefs: [{name: a}]}`),
    expected: ['exclusive-fields listeners[0].tls'],
  })),
  {
    what: 'HTTPS without TLS',
    spec: listeners('name: a, protocol: HTTPS, port: 443'),
    expected: ['missing-field listeners[0].tls'],
  },
  {
    what: 'HTTPS passed through',
    spec: listeners('name: a, protocol: HTTPS, port: 443, tls: {mode: Passthrough}'),
    expected: ['invalid-value listeners[0].tls.mode'],
  },
  {
    what: 'TLS that ends here without a certificate',
    spec: listeners('name: a, protocol: TLS, port: 443, tls: {mode: Terminate}'),
    expected: ['missing-field listeners[0].tls.certificateRefs'],
  },
  {
    what: 'TLS passed through',
    spec: listeners('name: a, protocol: TLS, port: 443, tls: {mode: Passthrough}'),
    expected: [],
  },
  {
    what: 'an IP address as host name',
    spec: listeners(`${HTTP}, hostname: 1.2.3.4`),
    expected: ['invalid-value listeners[0].hostname'],
  },
  {
    what: 'a selector that is not there',
    spec: listeners(`${HTTP}, allowedRoutes: {namespaces: {from: Selector}}`),
    expected: ['missing-field listeners[0].allowedRoutes.namespaces.selector'],
  },
  {
    what: 'a port beyond the last',
    spec: listeners('name: a, protocol: HTTP, port: 65536'),
    expected: ['out-of-range listeners[0].port'],
  },
  {
    what: 'an address twice',
    spec: `${listeners(HTTP)}\naddresses: [{value: 10.0.0.1}, {value: 10.0.0.1}]`,
    expected: ['duplicate-entry addresses[1].value'],
  },
  {
    what: 'ListenerSets of every namespace',
    spec: `${listeners(HTTP)}\nallowedListeners: {namespaces: {from: All}}`,
    expected: [],
  },
  {
    what: 'the older field for clients’ certificates',
    spec: listeners('name: a, protocol: HTTPS, port: 443, tls: {certificateRefs: [{name: a}], frontendValidation: {}}'),
    expected: ['unsupported-field listeners[0].tls.frontendValidation'],
  },
  {
    what: 'versions, suites and optional clients',
    spec: listeners(
      `name: a, protocol: HTTPS, port: 443, tls: {certificateRefs: [{name: a}], options: {weft.dev/minimum-protocol-version: "1.2", weft.dev/maximum-protocol-version: "1.2", weft.dev/cipher-suites: "ECDHE-ECDSA-AES128-GCM-SHA256, ECDHE-RSA-AES128-GCM-SHA256", weft.dev/client-certificates: Optional, other.example/x: z}}`,
    ),
    expected: [],
  },
  {
    what: 'options that are none',
    spec: listeners(
      `name: a, protocol: HTTPS, port: 443, tls: {certificateRefs: [{name: a}], options: {weft.dev/minimum-protocol-version: "1.1", weft.dev/cipher-suites: "AES128-SHA,ECDHE-RSA-AES128-GCM-SHA256", weft.dev/client-certificates: Maybe, weft.dev/x: z}}`,
    ),
    expected: [
      'invalid-value listeners[0].tls.options["weft.dev/cipher-suites"]',
      'invalid-value listeners[0].tls.options["weft.dev/client-certificates"]',
      'invalid-value listeners[0].tls.options["weft.dev/minimum-protocol-version"]',
      'unknown-field listeners[0].tls.options["weft.dev/x"]',
    ],
  },
  {
    what: 'options that leave no version, or have no effect',
    spec: listeners(
      `name: a, protocol: HTTPS, port: 443, tls: {certificateRefs: [{name: a}], options: {weft.dev/minimum-protocol-version: "1.3", weft.dev/maximum-protocol-version: "1.2"}}`,
    ),
    expected: ['out-of-range listeners[0].tls.options["weft.dev/maximum-protocol-version"]'],
  },
  {
    what: 'options of TLS that ends elsewhere',
    spec: listeners(
      `name: a, protocol: TLS, port: 443, tls: {mode: Passthrough, options: {weft.dev/minimum-protocol-version: "1.3"}}`,
    ),
    expected: ['exclusive-fields listeners[0].tls.options["weft.dev/minimum-protocol-version"]'],
  },
  {
    what: 'clients that are let in without proof',
    spec: `${listeners(HTTP)}\ntls: {frontend: {default: {validation: {mode: AllowInsecureFallback, caCertificateRefs: [{group: "", kind: ConfigMap, name: a}]}}}}`,
    expected: [],
  },
  {
    what: 'mutual TLS of the mesh, where it has no meaning',
    spec: 'gatewayClassName: weft\nlisteners:\n- {name: a, port: 1, protocol: HTTPS, tls: {options: {weft.dev/certificates: Mesh}}}\n- {name: b, port: 2, protocol: TLS, tls: {options: {weft.dev/certificates: Mesh}}}\n- {name: c, port: 3, protocol: HTTPS, tls: {certificateRefs: [{name: a}], options: {weft.dev/certificates: Mesh, weft.dev/client-certificates: Optional}}}\n- {name: d, port: 4, protocol: HTTPS, tls: {options: {weft.dev/certificates: Own}}}\n- {name: e, port: 5, protocol: HTTPS, hostname: a.example, tls: {options: {weft.dev/certificates: Mesh}}}',
    expected: [
      'exclusive-fields listeners[1].protocol',
      'exclusive-fields listeners[2].tls.certificateRefs',
      'exclusive-fields listeners[2].tls.options["weft.dev/client-certificates"]',
      'invalid-value listeners[3].tls.options["weft.dev/certificates"]',
      'exclusive-fields listeners[4].hostname',
    ],
  },
  {
    what: 'a mode that nobody knows',
    spec: `${listeners(HTTP)}\ntls: {frontend: {default: {validation: {mode: AllowAll, caCertificateRefs: [{group: "", kind: ConfigMap, name: a}]}}}}`,
    expected: ['invalid-value tls.frontend.default.validation.mode'],
  },
  {
    what: 'a port twice for clients’ certificates',
    spec: `${listeners(HTTP)}\ntls: {frontend: {default: {}, perPort: [{port: 1, tls: {}}, {port: 1, tls: {}}]}}`,
    expected: ['duplicate-entry tls.frontend.perPort[1].port'],
  },
]);

testSpecs(GATEWAY_CLASS, [
  { what: 'a controller without domain', spec: 'controllerName: weft', expected: ['invalid-value controllerName'] },
  {
    what: 'a description that is too long',
    spec: `controllerName: a.b/c\ndescription: ${'x'.repeat(65)}`,
    expected: ['too-long description'],
  },
]);

const rule = (text: string): string => `rules: [{${text}}]`;

testSpecs(GRPC_ROUTE, [
  { what: 'no rules of its own', spec: 'hostnames: [a.example]', expected: [] },
  {
    what: 'a match of nothing',
    spec: rule('matches: [{method: {type: Exact}}]'),
    expected: ['missing-field rules[0].matches[0].method'],
  },
  {
    what: 'names that gRPC does not know',
    spec: rule('matches: [{method: {service: "a/b", method: "c.d"}}]'),
    expected: ['invalid-value rules[0].matches[0].method.service', 'invalid-value rules[0].matches[0].method.method'],
  },
  {
    what: 'a broken expression',
    spec: rule('matches: [{method: {type: RegularExpression, service: "("}}]'),
    expected: ['invalid-regex rules[0].matches[0].method.service'],
  },
  {
    what: 'metadata twice',
    spec: rule('matches: [{headers: [{name: a, value: b}, {name: a, value: c}]}]'),
    expected: ['duplicate-entry rules[0].matches[0].headers[1].name'],
  },
  {
    what: 'a filter of HTTPRoute alone',
    spec: rule('filters: [{type: URLRewrite, urlRewrite: {hostname: a}}]'),
    expected: ['invalid-value rules[0].filters[0].type'],
  },
]);

testSpecs(TLS_ROUTE, [
  { what: 'no server names', spec: rule('backendRefs: [{name: a, port: 1}]'), expected: ['missing-field hostnames'] },
  {
    what: 'two rules',
    spec: 'hostnames: [a]\nrules: [{backendRefs: [{name: a, port: 1}]}, {backendRefs: [{name: a, port: 1}]}]',
    expected: ['too-many rules'],
  },
]);

testSpecs(UDP_ROUTE, [{ what: 'no backends', spec: 'rules: [{}]', expected: ['missing-field rules[0].backendRefs'] }]);

testSpecs(REFERENCE_GRANT, [
  { what: 'nobody', spec: 'from: []\nto: [{group: "", kind: Service}]', expected: ['too-few from'] },
  { what: 'nothing', spec: 'from: [{group: a.b, kind: C, namespace: d}]\nto: []', expected: ['too-few to'] },
  {
    what: 'without namespace',
    spec: 'from: [{group: a.b, kind: C}]\nto: [{group: "", kind: Service}]',
    expected: ['missing-field from[0].namespace'],
  },
]);
