import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  childEnvironment,
  readLabelFlags,
  readLocalityFlag,
  readPortFlags,
  readReadinessFlag,
  readUpstreamFlags,
} from './flags.ts';

test('ports: name, number and protocol, with defaults', () => {
  const findings: string[] = [];
  assert.deepEqual(readPortFlags(['8080', 'metrics:9090/tcp', '9000/grpc', '8081'], findings), [
    { name: 'http', port: 8080, protocol: 'http' },
    { name: 'metrics', port: 9090, protocol: 'tcp' },
    { name: 'grpc', port: 9000, protocol: 'grpc' },
    { name: 'http-2', port: 8081, protocol: 'http' },
  ]);
  assert.deepEqual(findings, []);
});

test('ports: every fault is said', () => {
  const findings: string[] = [];
  readPortFlags(['0', 'x', '80/sctp', 'Bad:81', '82', '82', 'a:1:2'], findings);
  assert.equal(findings.length, 6);
  assert.match(
    findings.join('\n'),
    /'0' is not a port.*'x' is not a port.*'sctp' is not a protocol.*'Bad' is not a port name.*82 is given twice.*expected \[NAME/s,
  );
});

test('upstreams: service of the own or another namespace, port, variable', () => {
  const findings: string[] = [];
  assert.deepEqual(readUpstreamFlags(['orders=7001', 'pay-ments.bank:81=7002'], 'shop', findings), [
    {
      flag: '--upstream orders=7001',
      service: 'shop/orders',
      port: undefined,
      localPort: 7001,
      variable: 'WEFT_UPSTREAM_ORDERS',
    },
    {
      flag: '--upstream pay-ments.bank:81=7002',
      service: 'bank/pay-ments',
      port: 81,
      localPort: 7002,
      variable: 'WEFT_UPSTREAM_PAY_MENTS',
    },
  ]);
  assert.deepEqual(findings, []);
  readUpstreamFlags(['orders', 'a.b.c=1', '=5', 'x=7', 'y=7', 'z:0=8'], 'shop', findings);
  assert.equal(findings.length, 5);
});

test('upstreams of one name keep variables of their own', () => {
  const upstreams = readUpstreamFlags(['a=1', 'a:80=2', 'a.bank=3', 'a=4'], 'shop', []);
  assert.deepEqual(
    upstreams.map(({ variable }) => variable),
    ['WEFT_UPSTREAM_A', 'WEFT_UPSTREAM_A_80', 'WEFT_UPSTREAM_A_BANK', 'WEFT_UPSTREAM_A_SHOP'],
  );
});

test('labels and environment', () => {
  const findings: string[] = [];
  assert.deepEqual(readLabelFlags(['team=a', 'weft.dev/x=', 'bad', 'team=b', 'k=-'], findings), {
    team: 'a',
    'weft.dev/x': '',
  });
  assert.equal(findings.length, 3);
  const env = childEnvironment(
    [{ flag: '', service: 's/orders', port: undefined, localPort: 7001, variable: 'WEFT_UPSTREAM_ORDERS' }],
    3128,
  );
  assert.equal(env.WEFT_UPSTREAM_ORDERS, '127.0.0.1:7001');
  assert.equal(env.http_proxy, 'http://127.0.0.1:3128');
  assert.equal(env.NODE_USE_ENV_PROXY, '1');
});

test('a locality is a region, with zone and part of it or without', () => {
  const findings: string[] = [];
  const read = (text?: string): string[] => Object.values(readLocalityFlag(text, findings));
  assert.deepEqual(
    [read(), read('eu'), read('eu/a'), read('eu/a/r1')],
    [
      ['', '', ''],
      ['eu', '', ''],
      ['eu', 'a', ''],
      ['eu', 'a', 'r1'],
    ],
  );
  assert.deepEqual(findings, []);
  for (const wrong of ['', '/a', 'eu/', 'a/b/c/d', 'e u']) read(wrong);
  assert.equal(findings.length, 5);
});

test('readiness: a path at each port of HTTP/1, or one port for all', () => {
  const findings: string[] = [];
  const ports = readPortFlags(['8080', 'grpc:9000/grpc', 'dns:53/udp'], findings);
  const read = (text: string): object => Object.fromEntries(readReadinessFlag(text, ports, findings));
  assert.deepEqual(read('/healthz?full'), { http: { port: 8080, path: '/healthz?full' } });
  const elsewhere = { port: 8081, path: '/ready' };
  assert.deepEqual(read('8081/ready'), { http: elsewhere, grpc: elsewhere });
  assert.deepEqual(findings, []);
  read('healthz');
  read('0/x');
  read('/a b');
  readReadinessFlag('/healthz', readPortFlags(['9000/grpc'], []), findings);
  assert.equal(findings.length, 4);
  assert.match(
    findings.join('\n'),
    /expected \[PORT\]\/PATH.*'0' is not a port.*\/a b: expected.*no --port speaks HTTP\/1: write PORT\/PATH/s,
  );
});
