/**
 * What Gateway API itself counts as invalid (its hack/invalid-examples and the rules of its CEL tests, v1.6), each in words of our own: every
 * one is refused, at its place, and as little as differs from it is taken.
 */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { readObjects } from '../text/read.ts';

interface Row {
  readonly what: string;
  readonly kind: string;
  /** `spec` in YAML. */
  readonly spec: string;
  /** Fields, below spec, that are found fault with; empty: it is valid. */
  readonly at: readonly string[];
}

const row = (kind: string, what: string, spec: string, ...at: readonly string[]): Row => ({ what, kind, spec, at });

const listener = (text: string): string => `{gatewayClassName: a, listeners: [{name: l, ${text}}]}`;
const gateway = (text: string): string =>
  `{gatewayClassName: a, listeners: [{name: l, protocol: HTTP, port: 80}], ${text}}`;
const rule = (text: string): string => `{rules: [{${text}}]}`;
const filter = (text: string): string => rule(`filters: [{${text}}]`);
const match = (text: string): string => rule(`matches: [{${text}}]`);
const BACKEND = 'backendRefs: [{name: b, port: 80}]';
const FROM = '{group: gateway.networking.k8s.io, kind: HTTPRoute, namespace: a}';

const ROWS: readonly Row[] = [
  row('Gateway', 'a listener', listener('protocol: HTTP, port: 80')),
  row(
    'Gateway',
    'two listeners of one name',
    '{gatewayClassName: a, listeners: [{name: l, protocol: HTTP, port: 80}, {name: l, protocol: HTTP, port: 81}]}',
    'listeners[1].name',
  ),
  row(
    'Gateway',
    'port, protocol and host name twice',
    '{gatewayClassName: a, listeners: [{name: l, protocol: HTTP, port: 80, hostname: a.b}, {name: m, protocol: HTTP, port: 80, hostname: a.b}]}',
    'listeners[1]',
  ),
  row('Gateway', 'no listener', '{gatewayClassName: a, listeners: []}', 'listeners'),
  row('Gateway', 'a host name over TCP', listener('protocol: TCP, port: 80, hostname: a.b'), 'listeners[0].hostname'),
  row('Gateway', 'a host name over UDP', listener('protocol: UDP, port: 80, hostname: a.b'), 'listeners[0].hostname'),
  row(
    'Gateway',
    'a listener’s name',
    '{gatewayClassName: a, listeners: [{name: "b>", protocol: HTTP, port: 80}]}',
    'listeners[0].name',
  ),
  row('Gateway', 'a port too large', listener('protocol: HTTP, port: 65536'), 'listeners[0].port'),
  row('Gateway', 'the port 0', listener('protocol: HTTP, port: 0'), 'listeners[0].port'),
  row(
    'Gateway',
    'HTTPS that passes through',
    listener('protocol: HTTPS, port: 443, tls: {mode: Passthrough}'),
    'listeners[0].tls.mode',
  ),
  row(
    'Gateway',
    'TLS over TCP',
    listener('protocol: TCP, port: 80, tls: {certificateRefs: [{name: c}]}'),
    'listeners[0].tls',
  ),
  row(
    'Gateway',
    'TLS over HTTP',
    listener('protocol: HTTP, port: 80, tls: {certificateRefs: [{name: c}]}'),
    'listeners[0].tls',
  ),
  row(
    'Gateway',
    'TLS without a certificate',
    listener('protocol: HTTPS, port: 443, tls: {}'),
    'listeners[0].tls.certificateRefs',
  ),
  row('Gateway', 'TLS by an option', listener('protocol: HTTPS, port: 443, tls: {options: {a.b/c: d}}')),
  row(
    'Gateway',
    'a selector that is missing',
    listener('protocol: HTTP, port: 80, allowedRoutes: {namespaces: {from: Selector}}'),
    'listeners[0].allowedRoutes.namespaces.selector',
  ),
  row(
    'Gateway',
    'an address of a kind of its own',
    gateway('addresses: [{type: a.b/c, value: d}]'),
    'addresses[0].type',
  ),
  row(
    'Gateway',
    'an address twice',
    gateway('addresses: [{value: 10.0.0.1}, {value: 10.0.0.1}]'),
    'addresses[1].value',
  ),
  row(
    'Gateway',
    'a port with two rules about clients',
    gateway('tls: {frontend: {default: {}, perPort: [{port: 1, tls: {}}, {port: 1, tls: {}}]}}'),
    'tls.frontend.perPort[1].port',
  ),
  row('GatewayClass', 'a controller', '{controllerName: a.b/c}'),
  row('GatewayClass', 'a controller without a path', '{controllerName: a}', 'controllerName'),
  row(
    'HTTPRoute',
    'a header twice',
    match('headers: [{name: a, value: b}, {name: a, value: c}]'),
    'rules[0].matches[0].headers[1].name',
  ),
  row('HTTPRoute', 'a header’s name', match('headers: [{name: a/, value: b}]'), 'rules[0].matches[0].headers[0].name'),
  row(
    'HTTPRoute',
    'a parameter twice',
    match('queryParams: [{name: a, value: b}, {name: a, value: b}]'),
    'rules[0].matches[0].queryParams[1].name',
  ),
  row('HTTPRoute', 'a method', match('method: REAL'), 'rules[0].matches[0].method'),
  row('HTTPRoute', 'a method in small letters', match('method: get'), 'rules[0].matches[0].method'),
  ...['/a[b]/c', '/[]', 'a', '/a//b', '/a/./b', '/a/../b', '/a%2fb', '/a%2Fb', '/a#b', '/a/..', '/a/.'].map((path) =>
    row(
      'HTTPRoute',
      `the path ${path}`,
      match(`path: {type: PathPrefix, value: "${path}"}`),
      'rules[0].matches[0].path.value',
    ),
  ),
  row('HTTPRoute', 'a path', match('path: {type: PathPrefix, value: "/a.b_c~d/%20!$&\'()*+,;=:@"}')),
  row('HTTPRoute', 'a backend', rule(BACKEND)),
  row('HTTPRoute', 'a backend without a port', rule('backendRefs: [{name: b}]'), 'rules[0].backendRefs[0].port'),
  row(
    'HTTPRoute',
    'the same, named in full',
    rule('backendRefs: [{name: b, kind: Service, group: ""}]'),
    'rules[0].backendRefs[0].port',
  ),
  row(
    'HTTPRoute',
    'a backend’s group',
    rule('backendRefs: [{name: b, group: "*", port: 80}]'),
    'rules[0].backendRefs[0].group',
  ),
  row(
    'HTTPRoute',
    'a backend’s kind',
    rule('backendRefs: [{name: b, kind: "*", port: 80}]'),
    'rules[0].backendRefs[0].kind',
  ),
  row('HTTPRoute', 'a backend’s port', rule('backendRefs: [{name: b, port: 80080}]'), 'rules[0].backendRefs[0].port'),
  row(
    'HTTPRoute',
    'a backend’s weight',
    rule('backendRefs: [{name: b, port: 80, weight: 1000001}]'),
    'rules[0].backendRefs[0].weight',
  ),
  row(
    'HTTPRoute',
    'a header removed twice',
    filter('type: RequestHeaderModifier, requestHeaderModifier: {remove: [a, a]}'),
    'rules[0].filters[0].requestHeaderModifier.remove[1]',
  ),
  row(
    'HTTPRoute',
    'a header set twice',
    filter('type: RequestHeaderModifier, requestHeaderModifier: {set: [{name: a, value: b}, {name: a, value: b}]}'),
    'rules[0].filters[0].requestHeaderModifier.set[1].name',
  ),
  row(
    'HTTPRoute',
    'a header of several lines',
    filter('type: ResponseHeaderModifier, responseHeaderModifier: {add: [{name: a, value: "b\\nc"}]}'),
    'rules[0].filters[0].responseHeaderModifier.add[0].value',
  ),
  row(
    'HTTPRoute',
    'a filter twice',
    rule(
      'filters: [{type: RequestHeaderModifier, requestHeaderModifier: {remove: [a]}}, {type: RequestHeaderModifier, requestHeaderModifier: {remove: [b]}}]',
    ),
    'rules[0].filters[1].type',
  ),
  row(
    'HTTPRoute',
    'two mirrors',
    rule(
      'filters: [{type: RequestMirror, requestMirror: {backendRef: {name: a, port: 80}}}, {type: RequestMirror, requestMirror: {backendRef: {name: b, port: 80}}}]',
    ),
  ),
  row(
    'HTTPRoute',
    'a filter without its field',
    filter('type: RequestHeaderModifier'),
    'rules[0].filters[0].requestHeaderModifier',
  ),
  row(
    'HTTPRoute',
    'a filter with the field of another',
    filter('type: RequestHeaderModifier, requestRedirect: {port: 443}'),
    'rules[0].filters[0].requestHeaderModifier',
    'rules[0].filters[0].requestRedirect',
  ),
  row(
    'HTTPRoute',
    'a redirect beside a rewrite',
    rule(
      'filters: [{type: RequestRedirect, requestRedirect: {port: 443}}, {type: URLRewrite, urlRewrite: {hostname: a.b}}]',
    ),
    'rules[0].filters[1].type',
  ),
  row(
    'HTTPRoute',
    'a redirect beside a backend',
    rule(`filters: [{type: RequestRedirect, requestRedirect: {scheme: https}}], ${BACKEND}`),
    'rules[0].backendRefs',
  ),
  row(
    'HTTPRoute',
    'a redirect to a wildcard',
    filter('type: RequestRedirect, requestRedirect: {hostname: "*.a.b"}'),
    'rules[0].filters[0].requestRedirect.hostname',
  ),
  row(
    'HTTPRoute',
    'a rewrite to a wildcard',
    filter('type: URLRewrite, urlRewrite: {hostname: "*.a.b"}'),
    'rules[0].filters[0].urlRewrite.hostname',
  ),
  row(
    'HTTPRoute',
    'a prefix replaced where there are two',
    rule(
      'matches: [{path: {value: /a}}, {path: {value: /b}}], filters: [{type: URLRewrite, urlRewrite: {path: {type: ReplacePrefixMatch, replacePrefixMatch: /c}}}]',
    ),
    'rules[0].filters[0].urlRewrite.path.replacePrefixMatch',
  ),
  row('HTTPRoute', 'a host name', '{hostnames: [a.b]}'),
  row('HTTPRoute', 'a host name with a scheme', '{hostnames: ["http://a<"]}', 'hostnames[0]'),
  row('HTTPRoute', 'a host name that is an address', '{hostnames: [10.0.0.1]}', 'hostnames[0]'),
  row('HTTPRoute', 'a wildcard within a name', '{hostnames: ["a.*.b"]}', 'hostnames[0]'),
  row(
    'HTTPRoute',
    'a try that takes longer than all',
    rule(`${BACKEND}, timeouts: {request: 1s, backendRequest: 2s}`),
    'rules[0].timeouts.backendRequest',
  ),
  row('HTTPRoute', 'a duration', rule(`${BACKEND}, timeouts: {request: 1.5s}`), 'rules[0].timeouts.request'),
  row('HTTPRoute', 'names of rules twice', `{rules: [{name: a, ${BACKEND}}, {name: a, ${BACKEND}}]}`, 'rules[1].name'),
  row(
    'HTTPRoute',
    'a share in two forms',
    filter(
      'type: RequestMirror, requestMirror: {backendRef: {name: b, port: 80}, percent: 1, fraction: {numerator: 1}}',
    ),
    'rules[0].filters[0].requestMirror.fraction',
  ),
  row(
    'HTTPRoute',
    'more than the whole',
    filter('type: RequestMirror, requestMirror: {backendRef: {name: b, port: 80}, fraction: {numerator: 101}}'),
    'rules[0].filters[0].requestMirror.fraction.numerator',
  ),
  row('HTTPRoute', 'a parent twice', '{parentRefs: [{name: a}, {name: a}]}', 'parentRefs[1]'),
  row(
    'HTTPRoute',
    'a parent by section and as a whole',
    '{parentRefs: [{name: a, sectionName: b}, {name: a}]}',
    'parentRefs[1]',
  ),
  row('HTTPRoute', 'a parent by two sections', '{parentRefs: [{name: a, sectionName: b}, {name: a, sectionName: c}]}'),
  row(
    'HTTPRoute',
    'external authorization without its field',
    filter('type: ExternalAuth'),
    'rules[0].filters[0].externalAuth',
  ),
  row(
    'HTTPRoute',
    'external authorization without a protocol',
    filter('type: ExternalAuth, externalAuth: {}'),
    'rules[0].filters[0].externalAuth.protocol',
    'rules[0].filters[0].externalAuth.backendRef',
  ),
  row(
    'HTTPRoute',
    'external authorization at a path',
    filter('type: ExternalAuth, externalAuth: {protocol: HTTP, backendRef: {name: a, port: 80}, http: {path: "/[]"}}'),
    'rules[0].filters[0].externalAuth.http.path',
  ),
  row('GRPCRoute', 'a match of nothing', match('method: {}'), 'rules[0].matches[0].method'),
  row(
    'GRPCRoute',
    'a header twice',
    match('headers: [{name: a, value: b}, {name: a, value: b}]'),
    'rules[0].matches[0].headers[1].name',
  ),
  row('TLSRoute', 'a host name with a scheme', `{hostnames: ["http://a<"], rules: [{${BACKEND}}]}`, 'hostnames[0]'),
  row('TLSRoute', 'no host name', `{rules: [{${BACKEND}}]}`, 'hostnames'),
  row('TCPRoute', 'two rules', `{rules: [{${BACKEND}}, {${BACKEND}}]}`, 'rules'),
  row('UDPRoute', 'no backend', '{rules: [{backendRefs: []}]}', 'rules[0].backendRefs'),
  row('ReferenceGrant', 'from and to', `{from: [${FROM}], to: [{group: "", kind: Service}]}`),
  row('ReferenceGrant', 'no from', '{to: [{group: "", kind: Service}]}', 'from'),
  row('ReferenceGrant', 'no to', `{from: [${FROM}]}`, 'to'),
  row(
    'ReferenceGrant',
    'no namespace',
    '{from: [{group: "", kind: Service}], to: [{group: "", kind: Service}]}',
    'from[0].namespace',
  ),
];

for (const { what, kind, spec, at } of ROWS)
  test(`${kind}: ${what}`, () => {
    const version =
      kind === 'TCPRoute' || kind === 'UDPRoute' ? 'v1alpha2' : kind === 'ReferenceGrant' ? 'v1beta1' : 'v1';
    const namespace = kind === 'GatewayClass' ? '' : ', namespace: shop';
    const text = `apiVersion: gateway.networking.k8s.io/${version}\nkind: ${kind}\nmetadata: {name: a${namespace}}\nspec: ${spec}\n`;
    const { diagnostics } = readObjects(text, 'row');
    const errors = diagnostics.filter(({ severity }) => severity === 'error');
    assert.deepEqual(
      [...new Set(errors.map(({ place }) => (place.path ?? '').replace(/^spec\.?/, '')))].sort(),
      [...at].sort(),
    );
  });
