import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { parseIp } from '../kernel/index.ts';
import {
  NO_TEXT,
  type HeaderMatcher,
  type Rbac,
  type RbacPermission,
  type RbacPrincipal,
  type Route,
  type RouteConfiguration,
  type RouteMatch,
  type StringMatcher,
} from '../proxy-config/index.ts';
import {
  canonicalHost,
  canonicalPath,
  chooseWeighted,
  CompiledRbac,
  linearRegex,
  queryParameter,
  redirectLocation,
  type RequestView,
  RouteTable,
  withoutPort,
} from './index.ts';

const NONE = { requestRemove: [], requestAdd: [], responseRemove: [], responseAdd: [] };
const fail = (message: string): never => assert.fail(message);

/** A request made of values; headers may repeat. */
function request(
  given: Partial<Omit<RequestView, 'header' | 'headerValue'>> & {
    headers?: readonly (readonly [string, string])[];
  } = {},
): RequestView {
  const { headers = [], ...facts } = given;
  const values = (name: string): string[] => headers.filter(([key]) => key === name).map(([, value]) => value);
  return {
    method: 'GET',
    host: 'a',
    path: '/',
    query: undefined,
    scheme: 'http',
    remoteIp: undefined,
    destinationIp: undefined,
    destinationPort: 80,
    directRemoteIp: undefined,
    sourceIp: undefined,
    serverName: '',
    peer: undefined,
    ...facts,
    header: (name) => (values(name).length === 0 ? undefined : values(name).join(',')),
    headerValue: (name, index) => values(name)[index],
  };
}

const direct = (name: string, match: Partial<RouteMatch>): Route => ({
  name,
  statPrefix: '',
  match: {
    path: { kind: 'prefix', value: '/', ignoreCase: false },
    headers: [],
    queryParameters: [],
    cookies: [],
    tls: undefined,
    dynamicMetadata: [],
    grpc: false,
    fraction: undefined,
    ...match,
  },
  action: { kind: 'direct-response', status: 200, body: NO_TEXT, bodyFormat: undefined },
  headers: NONE,
  filterOverrides: [],
  metadata: [],
  source: undefined,
});
function table(
  hosts: readonly { readonly domains: readonly string[]; readonly routes: readonly Route[] }[],
  more: Partial<RouteConfiguration> = {},
): RouteTable {
  return new RouteTable(
    {
      name: 't',
      virtualHosts: hosts.map(({ domains, routes }) => ({
        name: domains.join(),
        domains,
        routes,
        headers: NONE,
        retryPolicy: undefined,
        requireTls: 'none',
        includeRequestAttemptCount: false,
        includeAttemptCountInResponse: false,
        includeIsTimeoutRetry: false,
        virtualClusters: [],
        filterOverrides: [],
      })),
      headers: NONE,
      ignorePortInHostMatching: false,
      maxDirectResponseBodySizeBytes: 0,
      internalOnlyHeaders: [],
      ignorePathParameters: false,
      mostSpecificHeaderMutationsWins: false,
      filterOverrides: [],
      ...more,
    },
    fail,
  );
}
const matchedBy = (match: Partial<RouteMatch>, given: Parameters<typeof request>[0], roll = 0): boolean =>
  table([{ domains: ['*'], routes: [direct('x', match)] }]).match(request(given), roll) !== undefined;

test('virtual hosts: exact, then longest suffix, then longest prefix, then any; wildcards are never empty', () => {
  const domains = ['x.example.com', '*.example.com', '*.com', '*-eu.example.com', 'x.*', 'x.example.*', '*'];
  const routes = table(domains.map((domain) => ({ domains: [domain], routes: [direct(domain, {})] })));
  for (const [host, wanted] of [
    ['x.example.com', 'x.example.com'],
    ['y.example.com', '*.example.com'],
    ['a-eu.example.com', '*-eu.example.com'],
    ['-eu.example.com', '*.example.com'],
    ['example.com', '*.com'],
    ['.com', '*'],
    ['x.org', 'x.*'],
    ['x.example.org', 'x.example.*'],
    ['y', '*'],
    ['x.example.com:80', 'x.example.*'],
  ] as const) {
    assert.equal(routes.match(request({ host }), 0)?.route.name, wanted, host);
  }
  assert.equal(table([{ domains: ['a'], routes: [direct('x', {})] }]).match(request({ host: 'b' }), 0), undefined);
  const ignoring = table([{ domains: ['a'], routes: [direct('x', {})] }], { ignorePortInHostMatching: true });
  assert.ok(ignoring.match(request({ host: 'a:8080' }), 0));
  assert.equal(withoutPort('[::1]:80'), '[::1]');
  assert.equal(withoutPort('[::1]'), '[::1]');
});

test('virtual hosts: the table agrees with the rule said plainly', () => {
  const name = fc.array(fc.constantFrom('a', 'b', '.'), { minLength: 1, maxLength: 4 }).map((list) => list.join(''));
  const domain = fc.oneof(
    name,
    name.map((text) => `*${text}`),
    name.map((text) => `${text}*`),
    fc.constant('*'),
  );
  fc.assert(
    fc.property(fc.uniqueArray(domain, { maxLength: 8 }), name, (domains, host) => {
      const rank = (text: string): number => {
        if (text === host) return 1000;
        if (text === '*') return 1;
        if (text.startsWith('*') && host.length >= text.length && host.endsWith(text.slice(1)))
          return 500 + text.length;
        if (text.endsWith('*') && host.length >= text.length && host.startsWith(text.slice(0, -1)))
          return 100 + text.length;
        return 0;
      };
      const best = domains.reduce((one, other) => (rank(other) > rank(one) ? other : one), '');
      const found = table(domains.map((text) => ({ domains: [text], routes: [direct(text, {})] }))).match(
        request({ host }),
        0,
      );
      assert.equal(found?.route.name, best === '' || rank(best) === 0 ? undefined : best);
    }),
    { numRuns: 200 },
  );
});

test('paths: exact, prefix, whole segments, regular expression, letter case, CONNECT', () => {
  for (const [path, given, wanted] of [
    [{ kind: 'exact', value: '/a', ignoreCase: false }, '/a', true],
    [{ kind: 'exact', value: '/a', ignoreCase: false }, '/a/', false],
    [{ kind: 'exact', value: '/A', ignoreCase: true }, '/a', true],
    [{ kind: 'prefix', value: '/a', ignoreCase: false }, '/ab', true],
    [{ kind: 'path-separated-prefix', value: '/a', ignoreCase: false }, '/ab', false],
    [{ kind: 'path-separated-prefix', value: '/a', ignoreCase: false }, '/a/b', true],
    [{ kind: 'path-separated-prefix', value: '/a', ignoreCase: false }, '/a', true],
    [{ kind: 'regex', regex: '/[0-9]+', ignoreCase: false }, '/12', true],
    [{ kind: 'regex', regex: '/[0-9]+', ignoreCase: false }, '/12x', false],
    [{ kind: 'connect' }, '', false],
  ] as const) {
    assert.equal(matchedBy({ path }, { path: given }), wanted, `${JSON.stringify(path)} ${given}`);
  }
  assert.equal(matchedBy({ path: { kind: 'connect' } }, { method: 'CONNECT', path: '' }), true);
  assert.equal(matchedBy({}, { method: 'CONNECT', path: '' }), false);
});

const text = (kind: 'exact' | 'prefix' | 'suffix' | 'contains', value: string): StringMatcher => ({
  kind,
  value,
  ignoreCase: false,
});
const header = (name: string, match: HeaderMatcher['match'], more: Partial<HeaderMatcher> = {}): HeaderMatcher => ({
  name,
  match,
  invert: false,
  treatMissingAsEmpty: false,
  ...more,
});

test('headers: kinds, inversion, absence, repetition', () => {
  const exact = (value: string): HeaderMatcher['match'] => ({ kind: 'string', matcher: text('exact', value) });
  const given = {
    headers: [
      ['x', 'a'],
      ['x', 'b'],
      ['n', '-5'],
      ['e', ''],
    ] as const,
  };
  for (const [matcher, wanted] of [
    [header('x', exact('a,b')), true],
    [header('x', exact('a')), false],
    [header('x', exact('a'), { invert: true }), true],
    [header('absent', exact('a'), { invert: true }), false],
    [header('absent', exact('a'), { invert: true, treatMissingAsEmpty: true }), true],
    [header('absent', { kind: 'present', present: false }), true],
    [header('absent', { kind: 'present', present: true }, { invert: true }), true],
    [header('e', { kind: 'present', present: true }), true],
    [header('n', { kind: 'range', start: -10, end: 0 }), true],
    [header('n', { kind: 'range', start: -5, end: -5 }), false],
    [header('x', { kind: 'range', start: 0, end: 9 }), false],
    [header(':method', exact('GET')), true],
    [header(':path', exact('/?q')), true],
    [header(':authority', exact('a')), true],
  ] as const) {
    assert.equal(matchedBy({ headers: [matcher] }, { ...given, query: 'q' }), wanted, JSON.stringify(matcher));
  }
});

test('query parameters: the first one counts, names such as __proto__ are ordinary', () => {
  assert.equal(queryParameter('a=1&a=2&b&__proto__=x&=e', 'a'), '1');
  assert.equal(queryParameter('a=1&b', 'b'), '');
  assert.equal(queryParameter('a=1&__proto__=x', '__proto__'), 'x');
  assert.equal(queryParameter('aa=1', 'a'), undefined);
  assert.equal(queryParameter(undefined, 'a'), undefined);
  assert.equal(queryParameter('a=b=c', 'a'), 'b=c');
});

test('weights: every roll chooses, each its share; a fraction of requests does not follow the weights', () => {
  fc.assert(
    fc.property(fc.array(fc.nat(50), { minLength: 1, maxLength: 5 }), (weights) => {
      const clusters = weights.map((weight) => ({ weight }));
      const total = weights.reduce((sum, weight) => sum + weight, 0);
      const counts = weights.map(() => 0);
      for (let k = 0; k < total; k += 1)
        counts[chooseWeighted(clusters, (k + 0.5) / total)] =
          (counts[chooseWeighted(clusters, (k + 0.5) / total)] ?? 0) + 1;
      assert.deepEqual(counts, weights);
    }),
    { numRuns: 100 },
  );
  let halves = 0;
  for (let k = 0; k < 20_000; k += 1) {
    const roll = (k * 0.618_033_988_75) % 1;
    if (roll < 0.5 && matchedBy({ fraction: { numerator: 50, denominator: 100 } }, {}, roll)) halves += 1;
  }
  assert.ok(Math.abs(halves - 5000) < 300, `${halves}`);
});

const options = { normalizePath: true, mergeSlashes: true, pathWithEscapedSlashes: 'unescape-and-forward' } as const;

test('canonical paths: examples, refusals, and a fixed point', () => {
  for (const [path, wanted] of [
    ['/a/../b', '/b'],
    ['/a/..;x=1/b', '/b'],
    ['/a/%2e%2e;/b', '/b'],
    ['/a/.;/b', '/a/b'],
    ['/a;x/...;/b', '/a;x/...;/b'],
    ['/a/%2e%2E/b', '/b'],
    ['/../../x', '/x'],
    ['/a/.', '/a/'],
    ['/a/..', '/'],
    ['//a///b', '/a/b'],
    ['/a%2Fb', '/a/b'],
    ['/a%5c..%5Cb', '/b'],
    ['/a\\b', '/a/b'],
    ['/%7Eu/%41', '/~u/A'],
    ['/%252e%252e/', '/%252e%252e/'],
    ['/a;x=1/b', '/a;x=1/b'],
  ] as const) {
    assert.deepEqual(canonicalPath(path, options), { kind: 'path', path: wanted }, path);
  }
  const kind = (
    path: string,
    escaped: (typeof options)['pathWithEscapedSlashes'] | 'reject-request' | 'unescape-and-redirect' | 'keep-unchanged',
  ): string => canonicalPath(path, { ...options, pathWithEscapedSlashes: escaped }).kind;
  assert.equal(kind('/a%2fb', 'reject-request'), 'refused');
  assert.equal(kind('/a%5cb', 'reject-request'), 'refused');
  assert.equal(kind('/a%2fb', 'unescape-and-redirect'), 'redirect');
  assert.equal(kind('/a%00', 'keep-unchanged'), 'refused');
  assert.equal(kind('/a%zz', 'keep-unchanged'), 'refused');
  const path = fc
    .array(fc.constantFrom('/', '.', '..', '%2e', '%2F', '%41', 'a', '\\', '%25', '%5c', ';'), { maxLength: 12 })
    .map((parts) => `/${parts.join('')}`);
  fc.assert(
    fc.property(path, (given) => {
      const once = canonicalPath(given, options);
      if (once.kind !== 'path') return;
      assert.doesNotMatch(once.path, /\/\/|\/\.\.?(?:\/|$)|\\/);
      if (!once.path.includes('%')) assert.deepEqual(canonicalPath(once.path, options), once);
    }),
    { numRuns: 300 },
  );
});

test('canonical hosts', () => {
  const none = { stripAnyHostPort: false, stripMatchingHostPort: false, stripTrailingHostDot: false };
  assert.equal(canonicalHost('A.Example:80', none, 80), 'a.example:80');
  assert.equal(canonicalHost('a:80', { ...none, stripAnyHostPort: true }, 1), 'a');
  assert.equal(canonicalHost('a:80', { ...none, stripMatchingHostPort: true }, 80), 'a');
  assert.equal(canonicalHost('a:81', { ...none, stripMatchingHostPort: true }, 80), 'a:81');
  assert.equal(canonicalHost('a.:81', { ...none, stripTrailingHostDot: true }, 80), 'a:81');
});

test('regular expressions: linear, whole text, groups in substitutions, faults reported', () => {
  assert.equal(linearRegex('(a+)+$')?.matches('a'.repeat(40) + 'b'), false);
  assert.equal(linearRegex('^/x/([^/]+)/(.*)$')?.replace('/x/a/b/c', '/\\2/\\1\\\\'), '/b/c/a\\');
  assert.equal(linearRegex('b')?.replace('abcb', 'X'), 'aXcX');
  assert.equal(linearRegex('('), undefined);
  assert.equal(linearRegex('a'.repeat(5000)), undefined);
  const faults: string[] = [];
  const broken = direct('r', { path: { kind: 'regex', regex: '(', ignoreCase: false } });
  const { configuration } = table([{ domains: ['*'], routes: [] }]);
  const [host] = configuration.virtualHosts;
  assert.ok(host);
  new RouteTable({ ...configuration, virtualHosts: [{ ...host, routes: [broken] }] }, (fault) => faults.push(fault));
  assert.equal(faults.length, 1);
});

const rbac = (
  action: Rbac['action'],
  permissions: readonly RbacPermission[],
  principals: readonly RbacPrincipal[],
): CompiledRbac =>
  new CompiledRbac({ action, policies: [{ name: 'p', permissions, principals, source: undefined }] }, fail);
const allows = (rules: CompiledRbac, given: Parameters<typeof request>[0] = {}): boolean => {
  const view = request(given);
  return rules.evaluate(view, view).allowed;
};
const ANY = { kind: 'any' } as const;
const peer = (...uriSans: string[]): RequestView['peer'] => ({ uriSans, dnsSans: ['d'], subject: 'CN=s' });

test('access: ALLOW and DENY with and without a match; no policy allows nothing; LOG never refuses', () => {
  assert.equal(allows(rbac('ALLOW', [ANY], [ANY])), true);
  assert.equal(allows(rbac('DENY', [ANY], [ANY])), false);
  assert.equal(allows(new CompiledRbac({ action: 'ALLOW', policies: [] }, fail)), false);
  assert.equal(allows(new CompiledRbac({ action: 'DENY', policies: [] }, fail)), true);
  assert.equal(allows(rbac('LOG', [ANY], [ANY])), true);
  assert.equal(allows(rbac('ALLOW', [], [ANY])), false);
});

test('access: identities are compared whole, in the order URI, DNS, subject', () => {
  const named = (value: string): CompiledRbac =>
    rbac('ALLOW', [ANY], [{ kind: 'authenticated', name: text('exact', value) }]);
  assert.equal(allows(named('spiffe://m/ns/a/sa/b'), { peer: peer('spiffe://m/ns/a/sa/b') }), true);
  assert.equal(allows(named('spiffe://m/ns/a/sa/b'), { peer: peer('spiffe://m/ns/a/sa/bb') }), false);
  assert.equal(allows(named('d'), { peer: peer('spiffe://m/x') }), false);
  assert.equal(allows(named('d'), { peer: peer() }), true);
  assert.equal(allows(named('d')), false);
  assert.equal(allows(rbac('ALLOW', [ANY], [{ kind: 'authenticated', name: undefined }])), false);
  assert.equal(allows(rbac('ALLOW', [ANY], [{ kind: 'not', rule: { kind: 'authenticated', name: undefined } }])), true);
});

test('access: ports, addresses, paths, server names', () => {
  const permit = (rule: RbacPermission): CompiledRbac => rbac('ALLOW', [rule], [ANY]);
  assert.equal(allows(permit({ kind: 'destination-port', port: 80 })), true);
  assert.equal(allows(permit({ kind: 'destination-port-range', start: 80, end: 80 })), false);
  assert.equal(
    allows(permit({ kind: 'destination-ip', cidr: '10.0.0.0/8' }), { destinationIp: parseIp('10.1.1.1') }),
    true,
  );
  assert.equal(allows(permit({ kind: 'destination-ip', cidr: '10.0.0.0/8' })), false);
  assert.equal(allows(permit({ kind: 'url-path', matcher: text('exact', '/a') }), { path: '/a', query: 'x' }), true);
  assert.equal(
    allows(permit({ kind: 'requested-server-name', matcher: text('suffix', '.b') }), { serverName: 'a.b' }),
    true,
  );
  assert.equal(allows(permit({ kind: 'and', rules: [ANY, { kind: 'not', rule: ANY }] })), false);
  assert.equal(allows(permit({ kind: 'or', rules: [{ kind: 'not', rule: ANY }, ANY] })), true);
});

test('access: an extra header value neither slips past a denial nor gains an allowance, also under not', () => {
  const is = (value: string): RbacPermission => ({
    kind: 'header',
    header: header('x', { kind: 'string', matcher: text('exact', value) }),
  });
  const both = {
    headers: [
      ['x', 'bad'],
      ['x', 'good'],
    ] as const,
  };
  assert.equal(allows(rbac('DENY', [is('bad')], [ANY]), both), false);
  assert.equal(allows(rbac('DENY', [is('good')], [ANY]), both), false);
  assert.equal(allows(rbac('ALLOW', [is('good')], [ANY]), both), false);
  assert.equal(allows(rbac('DENY', [{ kind: 'not', rule: is('good') }], [ANY]), both), false);
  assert.equal(allows(rbac('ALLOW', [{ kind: 'not', rule: is('bad') }], [ANY]), both), false);
  const inverted: RbacPermission = {
    kind: 'header',
    header: header('x', { kind: 'string', matcher: text('exact', 'good') }, { invert: true }),
  };
  assert.equal(allows(rbac('DENY', [inverted], [ANY]), both), false);
  assert.equal(
    allows(
      rbac(
        'ALLOW',
        [{ ...inverted, header: { ...inverted.header, match: { kind: 'string', matcher: text('exact', 'bad') } } }],
        [ANY],
      ),
      both,
    ),
    false,
  );
});

test('access: rules about requests on a connection without one fail closed', () => {
  const path: RbacPermission = { kind: 'url-path', matcher: text('prefix', '/') };
  assert.equal(rbac('ALLOW', [path], [ANY]).evaluate(request(), undefined).allowed, false);
  assert.equal(rbac('DENY', [path], [ANY]).evaluate(request(), undefined).allowed, false);
  assert.equal(rbac('ALLOW', [{ kind: 'not', rule: path }], [ANY]).evaluate(request(), undefined).allowed, false);
});

test('redirects keep what they do not change', () => {
  const action = {
    kind: 'redirect',
    scheme: undefined,
    host: undefined,
    port: undefined,
    path: { kind: 'keep' },
    status: 301,
    stripQuery: false,
  } as const;
  const view = request({ host: 'h:80', path: '/p', query: 'q' });
  assert.equal(redirectLocation(action, undefined, view), 'http://h:80/p?q');
  assert.equal(redirectLocation({ ...action, scheme: 'https' }, undefined, view), 'https://h/p?q');
  assert.equal(
    redirectLocation({ ...action, host: 'o', port: 8443, stripQuery: true }, () => '/n', view),
    'http://o:8443/n',
  );
});
