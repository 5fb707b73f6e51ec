import assert from 'node:assert/strict';
import { test } from 'node:test';
import { formatDiagnostic } from '@weft/core/kernel';
import { envoyRefuses, findEnvoy } from '../testing/real-envoy.ts';
import { readBootstrap, validateBootstrap } from './index.ts';
import { writeEnvoyBootstrap, writeGrpcBootstrap } from './write/index.ts';
import { textSource } from '../text/yaml/index.ts';

const envoy = findEnvoy();
const noEnvoy = envoy === undefined ? 'no envoy binary' : false;

/** A static proxy: one listener, one route, one cluster, with `{...}` replaced. */
const text = (changes: Readonly<Record<string, string>> = {}): string => {
  let made = `
node: {id: proxy-1, cluster: web}
admin: {address: {socket_address: {address: 127.0.0.1, port_value: 0}}}
static_resources:
  listeners:
  - name: web
    address: {socket_address: {address: 127.0.0.1, port_value: 10000}}
    filter_chains:
    - filters:
      - name: hcm
        typed_config:
          "@type": type.googleapis.com/envoy.extensions.filters.network.http_connection_manager.v3.HttpConnectionManager
          stat_prefix: web
          route_config:
            virtual_hosts:
            - name: all
              domains: ["*"]
              routes:
              - match: {prefix: /}
                route: {cluster: app, timeout: 2.5s}
          http_filters:
          - name: router
            typed_config: {"@type": type.googleapis.com/envoy.extensions.filters.http.router.v3.Router}
  clusters:
  - name: app
    connect_timeout: 0.25s
    load_assignment:
      cluster_name: app
      endpoints:
      - lb_endpoints:
        - endpoint: {address: {socket_address: {address: 127.0.0.1, port_value: 8080}}}
`;
  for (const [from, to] of Object.entries(changes)) {
    assert.ok(made.includes(from), from);
    made = made.replace(from, to);
  }
  return made;
};

const findings = (yaml: string): string[] => validateBootstrap(textSource(yaml, 'b.yaml')).map(formatDiagnostic);

test('a static bootstrap is read, with the standards of Envoy for what it leaves out', () => {
  const read = readBootstrap(textSource(text(), 'b.yaml'));
  assert.ok(read.ok, findings(text()).join('\n'));
  const { node, admin, dynamic, static: rows } = read.value;
  assert.equal(node.id, 'proxy-1');
  assert.deepEqual(admin?.address, { kind: 'ip', ip: '127.0.0.1', port: 0 });
  assert.deepEqual(dynamic, { ads: undefined, listeners: false, clusters: false, files: {} });
  assert.equal(rows.clusters.get('app')?.connectTimeout, 250);
  assert.equal(rows.clusters.get('app')?.panicThreshold, 50);
  const terminal = rows.listeners.get('web')?.filterChains[0]?.terminal;
  assert.ok(terminal?.kind === 'http-connection-manager' && terminal.manager.routes.kind === 'inline');
  const [route] = terminal.manager.routes.configuration.virtualHosts[0]?.routes ?? [];
  assert.ok(route?.action.kind === 'forward');
  assert.equal(route.action.timeout, 2500);
  assert.equal(terminal.manager.timeouts.streamIdle, 300_000);
});

test('JSON is read as well', () => {
  assert.ok(readBootstrap(textSource('{"node": {"id": "x"}, "staticResources": {"clusters": []}}', 'b.json')).ok);
});

/** What both refuse: [change, what we say]. */
const BAD: readonly (readonly [Readonly<Record<string, string>>, RegExp])[] = [
  [
    { 'connect_timeout: 0.25s': 'conect_timeout: 0.25s' },
    /b\.yaml:26:5: .*conect_timeout: unknown field .*did you mean connect_timeout/,
  ],
  [{ 'connect_timeout: 0.25s': 'connect_timeout: 5' }, /b\.yaml:26:22: .*expected a duration/],
  [{ 'connect_timeout: 0.25s': 'connect_timeout: 0s' }, /b\.yaml:26:5: .*must be more than 0s/],
  [{ 'port_value: 8080': 'port_value: 80800' }, /must be at most 65535/],
  [{ 'domains: ["*"]': 'domains: []' }, /needs at least 1 entries/],
  [{ 'cluster: app, timeout': 'cluster: other, timeout' }, /names the cluster other, which is not there/],
  [{ 'domains: ["*"]': 'domains: ["*", "*"]' }, /stands there twice/],
  [{ 'match: {prefix: /}': 'match: {safe_regex: {regex: "("}}' }, /not an RE2 expression/],
  [{ 'match: {prefix: /}': 'match: {prefix: /, path: /}' }, /are both set/],
  [{ 'stat_prefix: web': 'stat_prefix: ""' }, /must not be empty/],
  [{ 'address: 127.0.0.1, port_value: 8080': 'address: localhost, port_value: 8080' }, /localhost is no IP address/],
  [{ 'name: router\n': 'name: router\n            is_optinal: true\n' }, /did you mean is_optional/],
  [{ '- name: app\n': '- name: app\n    type: EDS\n' }, /eds_cluster_config/],
  [{ '- name: app\n': '- name: app\n    lb_policy: CLUSTER_PROVIDED\n' }, /ORIGINAL_DST clusters/],
];

test('what is wrong is found, at its place', () => {
  for (const [change, expected] of BAD) {
    const found = findings(text(change)).join('\n');
    assert.match(found, expected);
    assert.match(found, /^b\.yaml:\d+:\d+: static_resources/, found);
  }
});

test('all findings come at once, those of the text and those of its meaning, in the order of the text', () => {
  const all = findings(
    text({
      'connect_timeout: 0.25s': 'conect_timeout: 0s',
      'port_value: 8080': 'port_value: 80800',
      'stat_prefix: web': 'stat_prefix: ""',
      'timeout: 2.5s': 'timeout: 2.5',
    }),
  );
  assert.deepEqual(
    all.map((finding) => finding.replace(/^b\.yaml:(\d+).*(?:\]|clusters\[0\])\.([\w.]+): .*$/, '$1 $2')),
    [
      '13 typed_config.stat_prefix',
      '20 route.timeout',
      '26 conect_timeout',
      '31 endpoint.address.socket_address.port_value',
    ],
  );
});

test('Envoy agrees about the good one and the bad ones', { skip: noEnvoy }, () => {
  assert.equal(envoyRefuses(envoy ?? '', text()), undefined);
  for (const [change] of BAD.slice(0, 9)) {
    assert.notEqual(envoyRefuses(envoy ?? '', text(change)), undefined, JSON.stringify(change));
  }
});

const OPTIONS = {
  node: {
    id: 'orders-1',
    cluster: 'orders',
    metadata: { mesh: 'default' },
    locality: { region: '', zone: 'z1', subZone: '' },
  },
  admin: { kind: 'ip', ip: '127.0.0.1', port: 15_000 },
  agentSocket: '/run/weft/agent.sock',
  delta: true,
  maxDownstreamConnections: 10_000,
} as const;

test("Envoy's bootstrap under the agent is one that we read too", () => {
  const read = readBootstrap(textSource(writeEnvoyBootstrap(OPTIONS), 'envoy.yaml'));
  assert.ok(read.ok, findings(writeEnvoyBootstrap(OPTIONS)).join('\n'));
  assert.deepEqual(read.value.dynamic, {
    ads: { cluster: 'weft_agent', authority: '', delta: true },
    listeners: true,
    clusters: true,
    files: {},
  });
  assert.equal(read.value.maxDownstreamConnections, 10_000);
  assert.match(
    writeEnvoyBootstrap({ ...OPTIONS, maxDownstreamConnections: undefined }),
    /re2\.max_program_size\.error_level/,
  );
  assert.deepEqual(read.value.static.clusters.get('weft_agent')?.discovery.kind, 'static');
});

test("Envoy validates the agent's bootstrap", { skip: noEnvoy }, () => {
  assert.equal(envoyRefuses(envoy ?? '', writeEnvoyBootstrap(OPTIONS)), undefined);
});

test('dynamic resources need their ADS and its cluster', () => {
  const ads = `
dynamic_resources:
  lds_config: {ads: {}, resource_api_version: V3}
  ads_config: {api_type: GRPC, transport_api_version: V3, grpc_services: [{envoy_grpc: {cluster_name: nowhere}}]}
`;
  assert.match(findings(ads).join('\n'), /b\.yaml:4:\d+: .*no static cluster is named nowhere/);
  assert.match(
    findings('dynamic_resources: {lds_config: {ads: {}}}').join('\n'),
    /lds_config and cds_config by ads need it/,
  );
});

test('initial_fetch_timeout: the longer of both, 0 where one of them waits for ever', () => {
  const wait = (listeners: string, clusters: string): number | undefined => {
    const config = (stated: string): string => `{ads: {}, resource_api_version: V3${stated}}`;
    const read = readBootstrap(
      textSource(
        `
dynamic_resources:
  lds_config: ${config(listeners)}
  cds_config: ${config(clusters)}
  ads_config: {api_type: GRPC, transport_api_version: V3, grpc_services: [{envoy_grpc: {cluster_name: xds}}]}
static_resources: {clusters: [{name: xds, load_assignment: {cluster_name: xds}}]}
`,
        'b.yaml',
      ),
    );
    assert.ok(read.ok, JSON.stringify(read));
    return read.value.dynamic.fetchTimeout;
  };
  const of = (time: string): string => `, initial_fetch_timeout: ${time}`;
  assert.equal(wait('', ''), undefined);
  assert.equal(wait(of('2s'), of('0.5s')), 2000);
  assert.equal(wait(of('0s'), of('5s')), 0);
  assert.equal(wait(of('15s'), ''), undefined);
});

test('two listeners at one address are refused', () => {
  const chain =
    '{filters: [{name: t, typed_config: {"@type": type.googleapis.com/envoy.extensions.filters.network.tcp_proxy.v3.TcpProxy, stat_prefix: t, cluster: c}}]}';
  const at = 'address: {socket_address: {address: 127.0.0.1, port_value: 81}}';
  const found = findings(
    `static_resources: {listeners: [{name: a, ${at}, filter_chains: [${chain}]}, {name: b, ${at}, filter_chains: [${chain}]}]}`,
  );
  assert.equal(found.length, 1, found.join('\n'));
  assert.match(found[0] ?? '', /listeners\[1\]: the same address as listener a/);
});

test('the bootstrap of a gRPC client names the agent and the files', () => {
  const written: unknown = JSON.parse(
    writeGrpcBootstrap({
      node: OPTIONS.node,
      agentSocket: '/run/weft/agent.sock',
      certificates: { certificateFile: '/c', privateKeyFile: '/k', rootsFile: '/r' },
    }),
  );
  assert.deepEqual(written, {
    xds_servers: [
      { server_uri: 'unix:/run/weft/agent.sock', channel_creds: [{ type: 'insecure' }], server_features: ['xds_v3'] },
    ],
    node: {
      id: 'orders-1',
      cluster: 'orders',
      metadata: { mesh: 'default' },
      locality: { region: '', zone: 'z1', sub_zone: '' },
    },
    certificate_providers: {
      default: {
        plugin_name: 'file_watcher',
        config: { certificate_file: '/c', private_key_file: '/k', ca_certificate_file: '/r', refresh_interval: '10s' },
      },
    },
  });
});
