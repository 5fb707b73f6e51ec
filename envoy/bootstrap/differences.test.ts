import assert from 'node:assert/strict';
import { test } from 'node:test';
import { envoyRefuses, findEnvoy } from '../testing/real-envoy.ts';
import { INTENDED_DIFFERENCES, validateBootstrap } from './index.ts';
import { textSource } from '../text/yaml/index.ts';

const envoy = findEnvoy();

const CLUSTER = 'static_resources: {clusters: [{name: app, load_assignment: {cluster_name: app}';
const listener = (chain: string, port = '10000'): string => `
static_resources:
  listeners:
  - name: l
    address: {socket_address: {address: 127.0.0.1, port_value: ${port}}}
    filter_chains:
    - ${chain}
  clusters: [{name: app, load_assignment: {cluster_name: app}}]
`;
const TCP = `{name: t, typed_config: {"@type": type.googleapis.com/envoy.extensions.filters.network.tcp_proxy.v3.TcpProxy, stat_prefix: t, cluster: app}}`;
const rbac = (permission: string): string =>
  `{name: r, typed_config: {"@type": type.googleapis.com/envoy.extensions.filters.network.rbac.v3.RBAC, stat_prefix: r, rules: {action: DENY, policies: {p: {permissions: [${permission}], principals: [{any: true}]}}}}}`;
const http = (match: string): string => `filters:
      - name: h
        typed_config:
          "@type": type.googleapis.com/envoy.extensions.filters.network.http_connection_manager.v3.HttpConnectionManager
          stat_prefix: h
          route_config: {virtual_hosts: [{name: v, domains: ["*"], routes: [{match: ${match}, direct_response: {status: 200}}]}]}
          http_filters: [{name: r, typed_config: {"@type": type.googleapis.com/envoy.extensions.filters.http.router.v3.Router}}]`;
const tls = (context: string): string =>
  `${CLUSTER}, transport_socket: {name: t, typed_config: {"@type": type.googleapis.com/envoy.extensions.transport_sockets.tls.v3.UpstreamTlsContext, common_tls_context: {validation_context: ${context}}}}}]}`;

/** For each difference a bootstrap that Envoy takes and we refuse. */
const EXAMPLES: Readonly<Record<string, string>> = {
  'unsupported-field': `${CLUSTER}, cleanup_interval: 9s}]}`,
  'unread-metadata': listener(`{metadata: {filter_metadata: {other: {a: b}}}, filters: [${TCP}]}`),
  'leading-zero': listener(`filters: [${TCP}]`, '010000'),
  'empty-chain': listener('filters: []'),
  'case-insensitive-regex': listener(http('{safe_regex: {regex: "/a"}, case_sensitive: false}')),
  'duplicate-key': `${CLUSTER}, connect_timeout: 1s, connect_timeout: 2s}]}`,
  'trust-required': tls('{}'),
  'network-rbac-on-http': listener(`filters: [${rbac('{url_path: {path: {prefix: /admin}}}')}, ${TCP}]`),
};

test('each intended difference has an example, which is refused with its code', () => {
  assert.deepEqual(INTENDED_DIFFERENCES.map((row) => row.id).toSorted(), Object.keys(EXAMPLES).toSorted());
  for (const { id, code } of INTENDED_DIFFERENCES) {
    const codes = validateBootstrap(textSource(EXAMPLES[id] ?? '', 'b.yaml')).map((each) => each.code);
    assert.deepEqual(codes, [code], id);
  }
});

test('Envoy takes each example', { skip: envoy === undefined ? 'no envoy binary' : false }, () => {
  for (const [id, example] of Object.entries(EXAMPLES)) assert.equal(envoyRefuses(envoy ?? '', example), undefined, id);
});
