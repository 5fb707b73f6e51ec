// protobufjs, with the protobuf sources that grpc-js-xds carries, as a judge who shares no code and no tables with us.
import assert from 'node:assert/strict';
import { createRequire } from 'node:module';
import path from 'node:path';
import { test } from 'node:test';
import { messageType, type MessageName, type Messages } from '../tables/index.ts';
import { readText, toJson } from '../text/index.ts';
import { readMessage, writeMessage } from './index.ts';
import { textSource } from '../text/yaml/index.ts';

interface JudgedType {
  fromObject(object: object): object;
  encode(message: object): { finish(): Uint8Array };
  decode(bytes: Uint8Array): object;
  toObject(message: object, options: object): object;
}
interface Judge {
  resolvePath: (origin: string, target: string) => string;
  loadSync(file: string[], options: object): Judge;
  lookupType(name: string): JudgedType;
}

const require = createRequire(import.meta.url);
const xdsEntry = require.resolve('@grpc/grpc-js-xds');
const loaderEntry = createRequire(xdsEntry).resolve('@grpc/proto-loader');
require(loaderEntry);
const protobuf = createRequire(loaderEntry)('protobufjs') as { Root: new () => Judge };
const deps = path.join(xdsEntry.slice(0, xdsEntry.lastIndexOf('/build/')), 'deps');
const folders = ['envoy-api', 'googleapis', 'protoc-gen-validate', 'xds'].map((name) => path.join(deps, name));

function judge(files: string[]): Judge {
  const root = new protobuf.Root();
  const { existsSync } = require('node:fs') as { existsSync: (file: string) => boolean };
  root.resolvePath = (_, target) => folders.map((folder) => path.join(folder, target)).find(existsSync) ?? target;
  return root.loadSync(files, { keepCase: true });
}

const root = judge([
  'envoy/config/endpoint/v3/endpoint.proto',
  'envoy/config/route/v3/route.proto',
  'envoy/config/core/v3/base.proto',
  'envoy/config/core/v3/health_check.proto',
  'envoy/config/rbac/v3/rbac.proto',
  'envoy/service/discovery/v3/discovery.proto',
]);

const CASES: readonly (readonly [MessageName, string])[] = [
  [
    'envoy.config.endpoint.v3.ClusterLoadAssignment',
    `cluster_name: orders
endpoints:
- locality: {region: r, zone: "z\u00fc"}
  priority: 1
  load_balancing_weight: 7
  lb_endpoints:
  - endpoint: {address: {socket_address: {address: 10.1.2.3, port_value: 65535}}, hostname: a.example}
    health_status: DRAINING
    load_balancing_weight: 300
  - endpoint: {address: {pipe: {path: /run/x, mode: 384}}}
policy: {overprovisioning_factor: 0}`,
  ],
  [
    'envoy.config.route.v3.RouteConfiguration',
    `name: r
virtual_hosts:
- name: v
  domains: ["*", a.example]
  routes:
  - match: {prefix: "", case_sensitive: false, headers: [{name: x, range_match: {start: -5, end: "9007199254740993"}}]}
    route: {cluster: c, timeout: 0.000000001s, retry_policy: {retry_on: 5xx, num_retries: 0, retriable_status_codes: [500, 503]}}
    typed_per_filter_config: {}
  - match: {safe_regex: {regex: ".*"}}
    redirect: {path_redirect: /x, response_code: PERMANENT_REDIRECT}
validate_clusters: false`,
  ],
  [
    'envoy.config.core.v3.Node',
    'id: node\nclient_features: [a, b]\nuser_agent_build_version: {version: {major_number: 1, minor_number: 40}}',
  ],
  [
    'envoy.config.core.v3.HealthCheck',
    'timeout: 1s\ninterval: 2.5s\nhttp_health_check: {path: /, expected_statuses: [{start: 200, end: 300}]}',
  ],
  [
    'envoy.config.rbac.v3.RBAC',
    'action: DENY\npolicies: {p: {permissions: [{any: true}], principals: [{not_id: {any: true}}]}}',
  ],
  [
    'envoy.service.discovery.v3.DiscoveryRequest',
    'version_info: "1"\nresource_names: [a, ""]\nerror_detail: {code: -3, message: "\u{1f578}"}\nnode: {id: x}',
  ],
];

test('bytes equal what protobufjs writes, and each reads what the other wrote', () => {
  for (const [name, yaml] of CASES) {
    const read = readText(name, textSource(yaml, 'case.yaml'));
    assert.ok(read.ok, JSON.stringify(read.ok ? '' : read.error));
    const message: Messages[MessageName] = read.value.message;
    const ours = writeMessage(name, message);
    const type = root.lookupType(name);
    const theirs = type.encode(type.decode(ours)).finish();
    assert.deepEqual(Uint8Array.from(theirs), ours, name);
    const back = readMessage(name, theirs);
    assert.ok(back.ok);
    assert.deepEqual(back.value, message);
    assert.ok(messageType(name));
  }
});

test('protobufjs sees the values that were written', () => {
  const bytes = writeMessage('envoy.config.endpoint.v3.ClusterLoadAssignment', {
    cluster_name: 'c',
    endpoints: [
      { lb_endpoints: [{ endpoint: { address: { socket_address: { address: '1.2.3.4', port_value: 80 } } } }] },
    ],
    policy: { overprovisioning_factor: 140 },
  });
  const type = root.lookupType('envoy.config.endpoint.v3.ClusterLoadAssignment');
  assert.deepEqual(JSON.parse(JSON.stringify(type.toObject(type.decode(bytes), {}))), {
    cluster_name: 'c',
    endpoints: [
      { lb_endpoints: [{ endpoint: { address: { socket_address: { address: '1.2.3.4', port_value: 80 } } } }] },
    ],
    policy: { overprovisioning_factor: { value: 140 } },
  });
});

test('the JSON writer keeps what the text said', () => {
  const read = readText('envoy.config.core.v3.HealthCheck', textSource('timeout: 1s\ninterval: 2.5s', 'case.yaml'));
  assert.ok(read.ok);
  assert.deepEqual(toJson('envoy.config.core.v3.HealthCheck', read.value.message), {
    timeout: '1s',
    interval: '2.500s',
  });
});
