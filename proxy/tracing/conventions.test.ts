import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Exchange } from '../http/exchange.ts';
import { ResponseFlag } from '../response-flags.ts';
import { conventionName, conventionTags, hostAndPort, routeTemplate } from './conventions.ts';

const REMOTE = { ip: '10.0.0.9', port: 4711, address: undefined };

/** A finished exchange, as far as its span asks. */
const exchange = (changes: Readonly<Record<string, unknown>> = {}, headers: Record<string, string> = {}): Exchange =>
  ({
    head: { scheme: 'http' },
    method: 'GET',
    path: '/orders/17?token=secret',
    authority: 'orders.shop:8080',
    protocol: 'HTTP/1.1',
    status: 200,
    flags: 0,
    attempts: 1,
    grpc: changes['grpcClient'] ?? false,
    grpcClient: false,
    grpcStatus: -1,
    client: REMOTE,
    downstream: { remote: REMOTE },
    upstream: { alpn: 'h2' },
    cluster: { config: { protocol: { kind: 'http1' } } },
    endpoint: { address: '[2001:db8::7]:15001' },
    requestHeader: (name: string) => headers[name],
    ...changes,
  }) as unknown as Exchange;

const route = (path: object) => ({ plan: { compiled: { route: { match: { path } } } } });
const tags = (one: Exchange, client = false): Record<string, string> => Object.fromEntries(conventionTags(one, client));

test('names: the method and the template of the route; never what a caller chose', () => {
  const template = { kind: 'template', template: '/orders/{id}' };
  const rows: readonly (readonly [Record<string, unknown>, string])[] = [
    [{}, 'GET'],
    [route(template), 'GET /orders/{id}'],
    [route({ kind: 'path-separated-prefix', value: '/orders', ignoreCase: false }), 'GET /orders/*'],
    [route({ kind: 'prefix', value: '/', ignoreCase: false }), 'GET'],
    [route({ kind: 'regex', regex: '/o.*', ignoreCase: false }), 'GET'],
    [{ ...route(template), method: 'x<script>' }, 'HTTP /orders/{id}'],
    [{ grpcClient: true, method: 'POST', path: '/shop.Orders/Get', grpcStatus: 0 }, 'shop.Orders/Get'],
    [{ grpcClient: true, method: 'POST', path: '/shop.Orders/Made-up', grpcStatus: 0 }, 'grpc'],
    [{ grpcClient: true, method: 'POST', path: '/shop.Orders/Any17', grpcStatus: 12 }, 'grpc'],
    [{ grpcClient: true, method: 'POST', path: `/shop.Orders/${'a'.repeat(300)}`, grpcStatus: 0 }, 'grpc'],
  ];
  for (const [changes, name] of rows) assert.equal(conventionName(exchange(changes)), name);
  assert.equal(routeTemplate(undefined), '');
});

test('of what comes in: no query, the address and port asked for, both ends, the version', () => {
  assert.deepEqual(tags(exchange({ protocol: 'HTTP/2' }, { 'user-agent': 'curl/8' })), {
    'http.request.method': 'GET',
    'url.scheme': 'http',
    'url.path': '/orders/17',
    'server.address': 'orders.shop',
    'server.port': '8080',
    'http.response.status_code': '200',
    'network.protocol.version': '2',
    'network.peer.address': '10.0.0.9',
    'network.peer.port': '4711',
    'client.address': '10.0.0.9',
    'user_agent.original': 'curl/8',
  });
});

test('of what goes out: the whole URL without its query, whom it went to, how often it was tried again', () => {
  const found = tags(
    exchange({ attempts: 3, ...route({ kind: 'exact', value: '/orders/17', ignoreCase: false }) }),
    true,
  );
  assert.equal(found['url.full'], 'http://orders.shop:8080/orders/17');
  assert.equal(found['url.template'], '/orders/17');
  assert.equal(found['http.route'], undefined);
  assert.equal(found['network.peer.address'], '2001:db8::7');
  assert.equal(found['network.peer.port'], '15001');
  assert.equal(found['http.request.resend_count'], '2');
  assert.equal(found['network.protocol.version'], '2');
  assert.equal(tags(exchange({ upstream: { alpn: '' } }), true)['network.protocol.version'], '1.1');
});

test('errors are of few words; a method that is none is beside the name', () => {
  assert.equal(tags(exchange({ status: 404 }))['error.type'], undefined);
  assert.equal(tags(exchange({ status: 503 }))['error.type'], '503');
  const gone = tags(
    exchange({ status: 0, flags: ResponseFlag.downstreamConnectionTermination, upstream: undefined }),
    true,
  );
  assert.equal(gone['error.type'], 'DC');
  assert.equal(gone['http.response.status_code'], undefined);
  assert.equal(gone['network.protocol.version'], undefined);
  const odd = tags(exchange({ method: 'BREW' }));
  assert.equal(odd['http.request.method'], '_OTHER');
  assert.equal(odd['http.request.method_original'], 'BREW');
  const rpc = tags(exchange({ grpcClient: true, path: '/shop.Orders/Get', grpcStatus: 14 }));
  assert.equal(rpc['rpc.system.name'], 'grpc');
  assert.equal(rpc['rpc.method'], 'shop.Orders/Get');
  assert.equal(rpc['rpc.response.status_code'], 'UNAVAILABLE');
  assert.equal(rpc['error.type'], 'UNAVAILABLE');
  const unknown = tags(exchange({ grpcClient: true, path: '/a.B/C', grpcStatus: 12 }));
  assert.equal(unknown['rpc.method'], '_OTHER');
  assert.equal(unknown['rpc.method_original'], 'a.B/C');
});

test('what a caller sends is cut', () => {
  const long = tags(
    exchange(
      { path: `/${'p'.repeat(10_000)}`, authority: 'h'.repeat(10_000), method: 'M'.repeat(5000) },
      { 'user-agent': 'u'.repeat(10_000) },
    ),
    true,
  );
  for (const [name, value] of Object.entries(long)) assert.ok(value.length <= 600, `${name}: ${value.length}`);
});

test('authorities', () => {
  assert.deepEqual(hostAndPort('a.b:80'), ['a.b', '80']);
  assert.deepEqual(hostAndPort('a.b'), ['a.b', '']);
  assert.deepEqual(hostAndPort('[::1]:80'), ['::1', '80']);
  assert.deepEqual(hostAndPort('::1'), ['::1', '']);
});
