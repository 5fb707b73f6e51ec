import assert from 'node:assert/strict';
import { test } from 'node:test';
import { CompiledRoute } from '@weft/core/decide';
import type { HttpConnectionManager, Rbac, RouteConfiguration } from '@weft/core/proxy-config';
import type { PeerIdentity } from '../ports.ts';
import { forwardTo, NO_MUTATIONS, prefix, routeConfiguration, routeOf, virtualHost } from './testing/configuration.ts';
import { Harness, TestCluster } from './testing/harness.ts';
import { converse, eventually, headBackend, type RawBackend } from './testing/wire.ts';

const OK = 'HTTP/1.1 200 OK\r\nContent-Length: 2\r\nServer: theirs\r\nX-Backend: 1\r\n\r\nok';
const get = (target: string, ...fields: readonly string[]): string =>
  `GET ${target} HTTP/1.1\r\n${['Host: a', 'Connection: close', ...fields].join('\r\n')}\r\n\r\n`;

interface Setup {
  readonly routes?: RouteConfiguration;
  readonly manager?: Partial<HttpConnectionManager>;
  readonly peer?: PeerIdentity;
}

/** One harness before one backend that remembers the heads it saw; everything ends with the callback. */
async function running(
  { routes = routeConfiguration([virtualHost([routeOf(prefix('/'), forwardTo('a'))])]), manager = {}, peer }: Setup,
  body: (
    send: (request: string) => Promise<string>,
    heads: string[],
    harness: Harness,
    backend: RawBackend,
  ) => Promise<void>,
): Promise<void> {
  const heads: string[] = [];
  const backend = await headBackend((_, head) => {
    heads.push(head);
    return OK;
  });
  const harness = new Harness({
    routes,
    clusters: [new TestCluster('a', [backend.port]), new TestCluster('b', [backend.port])],
    manager,
    ...(peer === undefined ? {} : { peer }),
  });
  await harness.start();
  try {
    await body((request) => converse(harness.port, request), heads, harness, backend);
  } finally {
    await harness.stop();
    await backend.stop();
  }
}
const field = (head: string | undefined, name: string): string | undefined =>
  new RegExp(`\\r\\n${name}: ([^\\r]*)`, 'i').exec(head ?? '')?.[1];

const peer: PeerIdentity = {
  presented: true,
  verified: true,
  uriSans: ['spiffe://m/ns/shop/sa/web'],
  dnsSans: ['web.shop'],
  subject: 'CN="web"',
  sha256: 'ab12',
  certificatePem: () => '-----BEGIN X-----\nA B\n',
  localUriSan: 'spiffe://m/ns/shop/sa/orders',
  tlsVersion: 'TLSv1.3',
  cipher: 'TLS_AES_128_GCM_SHA256',
};
const details = (kind: HttpConnectionManager['forwardClientCert']['details']): Partial<HttpConnectionManager> => ({
  forwardClientCert: { details: kind, subject: true, cert: true, chain: false, dns: true, uri: true },
});
const ELEMENT =
  'By=spiffe://m/ns/shop/sa/orders;Hash=ab12;Cert="-----BEGIN%20X-----%0AA%20B%0A";Subject="CN=\\"web\\"";URI=spiffe://m/ns/shop/sa/web;DNS=web.shop';

test('x-forwarded-client-cert: what each mode does with a verified peer and with a stranger', async () => {
  for (const [kind, known, stranger] of [
    ['sanitize', undefined, undefined],
    ['sanitize-set', ELEMENT, undefined],
    ['append-forward', `By=old,${ELEMENT}`, undefined],
    ['forward-only', 'By=old', undefined],
    ['always-forward-only', 'By=old', 'By=old'],
  ] as const) {
    for (const [who, wanted] of [
      [peer, known],
      [{ ...peer, verified: false, uriSans: [] }, stranger],
    ] as const) {
      await running({ manager: details(kind), peer: who }, async (send, heads) => {
        await send(get('/', 'X-Forwarded-Client-Cert: By=old'));
        assert.equal(field(heads[0], 'x-forwarded-client-cert'), wanted, `${kind} ${who.verified}`);
      });
    }
  }
});

test('at the edge nothing of a client is believed; inside, the chain of proxies is', async () => {
  const lies = [
    'X-Forwarded-For: 9.9.9.9',
    'X-Forwarded-Proto: https',
    'X-Request-Id: mine',
    'X-Envoy-Original-Path: /x',
    'X-Envoy-Internal: true',
    'X-Envoy-External-Address: 1.1.1.1',
  ];
  await running({ manager: { useRemoteAddress: true } }, async (send, heads) => {
    await send(get('/', ...lies));
    const [head] = heads;
    assert.equal(field(head, 'x-forwarded-for'), '9.9.9.9,127.0.0.1');
    assert.equal(field(head, 'x-forwarded-proto'), 'http');
    assert.notEqual(field(head, 'x-request-id'), 'mine');
    assert.equal(field(head, 'x-envoy-original-path'), undefined);
    assert.equal(field(head, 'x-envoy-internal'), undefined);
    assert.equal(field(head, 'x-envoy-external-address'), '127.0.0.1');
  });
  await running({}, async (send, heads) => {
    await send(get('/', ...lies));
    const [head] = heads;
    assert.equal(field(head, 'x-forwarded-for'), '9.9.9.9');
    assert.equal(field(head, 'x-forwarded-proto'), 'https');
    assert.equal(field(head, 'x-request-id'), 'mine');
    assert.equal(field(head, 'x-envoy-internal'), undefined);
  });
});

const denyAdmin: Rbac = {
  action: 'DENY',
  policies: [
    {
      name: 'no-admin',
      permissions: [{ kind: 'url-path', matcher: { kind: 'prefix', value: '/admin', ignoreCase: false } }],
      principals: [
        {
          kind: 'not',
          rule: {
            kind: 'authenticated',
            name: { kind: 'exact', value: 'spiffe://m/ns/shop/sa/root', ignoreCase: false },
          },
        },
      ],
      source: 'AccessPolicy/shop/p#spec.rules[0]',
    },
  ],
};

test('access rules see the canonical path: every way to write it is refused, and the reason stays in our records', async () => {
  const manager: Partial<HttpConnectionManager> = {
    httpFilters: [
      {
        kind: 'rbac',
        name: 'rbac',
        disabled: false,
        rules: denyAdmin,
        shadowRules: { action: 'ALLOW', policies: [] },
        statPrefix: '',
        shadowStatPrefix: '',
        perRuleStats: false,
      },
    ],
    normalizePath: true,
    mergeSlashes: true,
    pathWithEscapedSlashes: 'unescape-and-forward',
  };
  await running({ manager, peer }, async (send, heads, harness) => {
    for (const target of [
      '/admin',
      '/admin?x',
      '//admin',
      '/a/../admin',
      '/%61dmin',
      '/x/%2e%2e/admin',
      '/x%2f..%2fadmin',
      '\\admin'.replace('\\', '/\\'),
      'http://a/admin/x',
    ]) {
      assert.match(await send(get(target)), /^HTTP\/1\.1 403 Forbidden\r\n[^]*\r\n\r\nRBAC: access denied$/, target);
    }
    assert.equal(heads.length, 0);
    assert.match(await send(get('/public')), /^HTTP\/1\.1 200 /);
    const [record] = harness.records;
    assert.deepEqual(
      [record?.source, record?.details, record?.attempts],
      ['AccessPolicy/shop/p#spec.rules[0]', 'rbac_access_denied_matched_policy[no-admin]', 0],
    );
    assert.deepEqual(
      ['denied', 'allowed', 'shadow_denied', 'shadow_allowed'].map(
        (name) => harness.counters.get(`http.test.rbac.${name}`) ?? 0,
      ),
      [9, 1, 10, 0],
    );
  });
});

test('escaped slashes and malformed escapes: refused or redirected as configured', async () => {
  await running({ manager: { normalizePath: true, pathWithEscapedSlashes: 'reject-request' } }, async (send) => {
    assert.match(await send(get('/a%2fb')), /^HTTP\/1\.1 400 /);
    assert.match(await send(get('/a%zz')), /^HTTP\/1\.1 400 /);
    assert.match(await send(get('/%00')), /^HTTP\/1\.1 400 /);
  });
  await running({ manager: { pathWithEscapedSlashes: 'unescape-and-redirect' } }, async (send) => {
    assert.match(await send(get('/a%2Fb?q=%2F')), /^HTTP\/1\.1 307 [^]*location: \/a\/b\?q=%2F\r\n/);
  });
});

test('names with underscores: passed, dropped or refused', async () => {
  for (const [how, status, seen] of [
    ['allow', '200', '1'],
    ['drop-header', '200', undefined],
    ['reject-request', '400', undefined],
  ] as const) {
    await running({ manager: { headersWithUnderscores: how } }, async (send, heads) => {
      assert.equal((await send(get('/', 'X_Twin: 1'))).slice(9, 12), status);
      assert.equal(field(heads[0], 'x_twin'), seen);
    });
  }
});

test('header changes of all levels, with operators, cannot break a line or touch the framing', async () => {
  const option = (
    name: string,
    value: string,
    append:
      | 'append-if-exists-or-add'
      | 'overwrite-if-exists-or-add'
      | 'add-if-absent'
      | 'overwrite-if-exists' = 'append-if-exists-or-add',
  ) => ({ name, value, append, keepEmptyValue: false });
  const routes = routeConfiguration(
    [
      virtualHost(
        [
          routeOf(prefix('/'), forwardTo('a'), {
            headers: {
              requestRemove: ['x-old'],
              requestAdd: [
                option('x-from', '%REQ(x-sent)%/%PROTOCOL%/100%%'),
                option('x-set', 'new', 'overwrite-if-exists-or-add'),
                option('x-absent', 'no', 'overwrite-if-exists'),
                option('x-have', 'no', 'add-if-absent'),
                option('x-empty', '%REQ(nothing)%'),
              ],
              responseRemove: ['x-backend'],
              responseAdd: [option('x-cluster', '%UPSTREAM_CLUSTER%'), option('x-level', 'route')],
            },
          }),
        ],
        { headers: { ...NO_MUTATIONS, responseAdd: [option('x-level', 'host')] } },
      ),
    ],
    { headers: { ...NO_MUTATIONS, responseAdd: [option('x-level', 'table')] } },
  );
  await running({ routes }, async (send, heads) => {
    const answer = await send(get('/', 'X-Sent: v', 'X-Old: 1', 'X-Set: old', 'X-Have: yes'));
    const [head] = heads;
    assert.equal(field(head, 'x-from'), 'v/HTTP/1.1/100%');
    assert.equal(field(head, 'x-set'), 'new');
    assert.equal(field(head, 'x-have'), 'yes');
    for (const gone of ['x-old', 'x-absent', 'x-empty']) assert.equal(field(head, gone), undefined, gone);
    assert.equal(field(answer, 'x-backend'), undefined);
    assert.equal(field(answer, 'x-cluster'), 'a');
    assert.deepEqual(
      [...answer.matchAll(/x-level: (\w+)/g)].map((found) => found[1]),
      ['route', 'host', 'table'],
    );
    assert.equal(field(answer, 'server'), 'envoy');
  });
  for (const broken of [
    option('x', '%NOTHING%'),
    option('x', '%REQ('),
    option('content-length', '1'),
    option('host', 'x'),
  ]) {
    const faulty = routeConfiguration([virtualHost([], { headers: { ...NO_MUTATIONS, requestAdd: [broken] } })]);
    const withRoute = {
      ...faulty,
      virtualHosts: faulty.virtualHosts.map((host) => ({ ...host, routes: [routeOf(prefix('/'), forwardTo('a'))] })),
    };
    assert.throws(() => new Harness({ routes: withRoute, clusters: [] }), /header (x|content-length|host)/);
  }
});

test('clusters by weight and header, hosts by literal and header, paths by prefix', async () => {
  const routes = routeConfiguration([
    virtualHost([
      routeOf(prefix('/by-header'), forwardTo('', { target: { kind: 'cluster-header', header: 'x-cluster' } })),
      routeOf(
        prefix('/weighted'),
        forwardTo('', {
          target: {
            kind: 'weighted',
            choice: { kind: 'random' },
            clusters: [
              {
                cluster: 'a',
                clusterHeader: '',
                hostRewrite: '',
                weight: 1,
                metadataMatch: [],
                headers: NO_MUTATIONS,
                filterOverrides: [],
              },
              {
                cluster: 'gone',
                clusterHeader: '',
                hostRewrite: '',
                weight: 1,
                metadataMatch: [],
                headers: NO_MUTATIONS,
                filterOverrides: [],
              },
            ],
          },
          clusterNotFoundStatus: 500,
        }),
      ),
      routeOf(
        prefix('/old/'),
        forwardTo('a', {
          rewrite: {
            path: { kind: 'prefix', value: '/new/' },
            host: { kind: 'literal', value: 'inner.example' },
            appendXForwardedHost: true,
          },
        }),
      ),
      routeOf(
        prefix('/host'),
        forwardTo('a', {
          rewrite: { path: { kind: 'none' }, host: { kind: 'header', header: 'x-host' }, appendXForwardedHost: false },
        }),
      ),
    ]),
  ]);
  await running({ routes }, async (send, heads, harness) => {
    assert.match(await send(get('/by-header', 'X-Cluster: b')), /^HTTP\/1\.1 200 /);
    assert.match(await send(get('/by-header')), /^HTTP\/1\.1 503 /);
    assert.match(await send(get('/by-header', 'X-Cluster: __proto__')), /^HTTP\/1\.1 503 /);
    assert.equal(harness.records[0]?.cluster, 'b');
    heads.length = 0;
    await send(get('/old/x?y=1'));
    await send(get('/host', 'X-Host: by.header'));
    assert.match(heads[0] ?? '', /^GET \/new\/x\?y=1 HTTP\/1\.1\r\n/);
    assert.deepEqual(
      ['host', 'x-forwarded-host', 'x-envoy-original-path'].map((name) => field(heads[0], name)),
      ['inner.example', 'a', '/old/x?y=1'],
    );
    assert.equal(field(heads[1], 'host'), 'by.header');
    const statuses = new Set<string>();
    for (let k = 0; k < 40; k += 1) statuses.add((await send(get('/weighted'))).slice(9, 12));
    assert.deepEqual([...statuses].sort(), ['200', '500']);
  });
});

test('a mirrored request goes out once more, whole, and its answer is nobody’s', async () => {
  const routes = routeConfiguration([
    virtualHost([
      routeOf(
        prefix('/'),
        forwardTo('a', {
          mirrors: [
            { cluster: 'b', clusterHeader: '', marksHost: true, fraction: undefined, hostRewrite: '', request: [] },
            { cluster: 'gone', clusterHeader: '', marksHost: true, fraction: undefined, hostRewrite: '', request: [] },
          ],
        }),
      ),
    ]),
  ]);
  await running({ routes }, async (send, heads, harness) => {
    const answer = await send(
      'POST /m HTTP/1.1\r\nHost: a\r\nConnection: close\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nhi\r\n0\r\n\r\n',
    );
    assert.match(answer, /^HTTP\/1\.1 200 [^]*ok$/);
    const seen = (): string[] => heads.flatMap((head) => field(head, 'host') ?? []);
    await eventually(() => seen().length === 2, 'the copy arrives');
    assert.deepEqual(new Set(seen()), new Set(['a', 'a-shadow']));
    const copy = heads.find((head) => field(head, 'host') === 'a-shadow');
    assert.equal(field(copy, 'content-length'), '2');
    assert.equal(harness.records.length, 1);
  });
});

test('a defect of ours costs one exchange: it is cut, the process and the other connections go on', async () => {
  await running({}, async (send, heads, harness) => {
    const broken: CompiledRoute['matches'] = () => {
      throw new Error('defect');
    };
    const matches = CompiledRoute.prototype.matches;
    CompiledRoute.prototype.matches = broken;
    try {
      assert.equal(await send(get('/')), '');
    } finally {
      CompiledRoute.prototype.matches = matches;
    }
    assert.equal(harness.records[0]?.flags, 'LR');
    assert.match(await send(get('/')), /^HTTP\/1\.1 200 /);
    assert.equal(heads.length, 1);
  });
});

test('a virtual host that wants TLS redirects', async () => {
  const routes = routeConfiguration([virtualHost([routeOf(prefix('/'), forwardTo('a'))], { requireTls: 'all' })]);
  await running({ routes }, async (send) => {
    assert.match(await send(get('/x?y')), /^HTTP\/1\.1 301 [^]*location: https:\/\/a\/x\?y\r\n/);
  });
  await running({ routes, peer }, async (send) => {
    assert.match(await send(get('/x?y')), /^HTTP\/1\.1 200 /);
  });
});
