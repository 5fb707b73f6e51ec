// What Envoy 1.40 refuses beyond the limits of its API, found by playing changed messages against both.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Path, Report } from '../codec/index.ts';
import { readText } from '../text/index.ts';
import { decodeChecked, decodeCluster, decodeListener, decodeRouteConfiguration } from './index.ts';
import { textSource } from '../text/yaml/index.ts';

const CLUSTERS: readonly (readonly [text: string, path: string])[] = [
  [
    'health_checks: [{timeout: 1s, interval: 1s, unhealthy_threshold: 1, healthy_threshold: 1, tcp_health_check: {}}, {name: b, timeout: 1s, interval: 1s, unhealthy_threshold: 1, healthy_threshold: 1, tcp_health_check: {}}]',
    'health_checks[0]',
  ],
  [
    'health_checks: [{timeout: 1s, interval: 1s, unhealthy_threshold: 1, healthy_threshold: 1, http_health_check: {path: /, expected_statuses: [{start: 99, end: 200}]}}]',
    'health_checks[0].http_health_check.expected_statuses[0]',
  ],
  ['outlier_detection: {base_ejection_time: 10s, max_ejection_time: 1s}', 'outlier_detection.max_ejection_time'],
  [
    'lb_policy: RING_HASH\nring_hash_lb_config: {minimum_ring_size: 9, maximum_ring_size: 8}',
    'ring_hash_lb_config.maximum_ring_size',
  ],
  ['lb_policy: MAGLEV\nmaglev_lb_config: {table_size: 10}', 'maglev_lb_config.table_size'],
  ['connect_timeout: 10000000000s', 'connect_timeout'],
  [
    'transport_socket_matches: [{name: a, match: {dev.weft/transport: plaintext}}]',
    'transport_socket_matches[0].transport_socket',
  ],
  ['type: LOGICAL_DNS\nload_assignment: {cluster_name: a}', 'load_assignment'],
  ['type: ORIGINAL_DST', 'lb_policy'],
];

const ROUTES: readonly (readonly [text: string, path: string])[] = [
  [
    'match: {prefix: /, headers: [{name: a, string_match: {safe_regex: {regex: b}, ignore_case: true}}]}, route: {cluster: c}',
    'match.headers[0].string_match.ignore_case',
  ],
  [
    'match: {prefix: /}, route: {cluster: c, request_mirror_policies: [{}]}',
    'route.request_mirror_policies[0].cluster',
  ],
  [
    'match: {prefix: /}, route: {weighted_clusters: {clusters: [{name: a, weight: 0}]}}',
    'route.weighted_clusters.clusters',
  ],
  ['match: {prefix: /}, route: {cluster: c, prefix_rewrite: /a, regex_rewrite: {pattern: {regex: a}}}', 'route'],
  [
    'match: {prefix: /}, route: {cluster: c}, request_headers_to_add: [{header: {key: ":path", value: b}}]',
    'request_headers_to_add[0].header.key',
  ],
  [
    'match: {prefix: /}, route: {cluster: c, retry_policy: {retry_back_off: {base_interval: 2s, max_interval: 1s}}}',
    'route.retry_policy.retry_back_off.max_interval',
  ],
];

const JWT =
  '"@type": type.googleapis.com/envoy.extensions.filters.http.jwt_authn.v3.JwtAuthentication, providers: {p: {local_jwks: {inline_string: \'{"keys":[{"kty":"oct","k":"AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"}]}\'}}';

/** Of the HTTP filter jwt_authn, whose first provider is `p`. */
const TOKENS: readonly (readonly [text: string, path: string])[] = [
  [', q: {local_jwks: {inline_string: "{"}}}', 'providers["q"].local_jwks'],
  [', q: {local_jwks: {inline_string: "[]"}}}', 'providers["q"].local_jwks'],
  [', q: {local_jwks: {inline_string: \'{"keys":{}}\'}}}', 'providers["q"].local_jwks'],
  [', q: {local_jwks: {inline_string: \'{"keys":[{"kty":"x"}]}\'}}}', 'providers["q"].local_jwks'],
  ['}, rules: [{match: {prefix: /}, requires: {provider_name: nobody}}]', 'rules[0].requires.provider_name'],
  ['}, rules: [{match: {prefix: /}, requirement_name: nothing}]', 'rules[0].requirement_name'],
  [', q: {remote_jwks: {http_uri: {uri: keys, cluster: c, timeout: 1s}}}}', 'providers["q"].remote_jwks.http_uri.uri'],
];

const FILTERS: readonly (readonly [text: string, path: string])[] = [
  [
    '"@type": type.googleapis.com/envoy.extensions.filters.network.connection_limit.v3.ConnectionLimit, stat_prefix: a',
    'filters[0].typed_config.max_connections',
  ],
  [
    '"@type": type.googleapis.com/envoy.extensions.filters.network.rbac.v3.RBAC, stat_prefix: a, rules: {policies: {p: {permissions: [{destination_port_range: {start: 5, end: 5}}], principals: [{any: true}]}}}',
    'filters[0].typed_config.rules.policies["p"].permissions[0].destination_port_range',
  ],
];

/** A connection manager with that filter. */
const manager = (filter: string): string =>
  `"@type": type.googleapis.com/envoy.extensions.filters.network.http_connection_manager.v3.HttpConnectionManager, stat_prefix: m, route_config: {}, http_filters: [{name: a, typed_config: {${filter}}}, {name: r, typed_config: {"@type": type.googleapis.com/envoy.extensions.filters.http.router.v3.Router}}]`;

function paths(name: 'cluster' | 'routes' | 'listener' | 'manager', text: string): (string | undefined)[] {
  const report = new Report();
  if (name === 'cluster') {
    const read = readText('envoy.config.cluster.v3.Cluster', textSource(`name: c\n${text}`, 'c.yaml'));
    assert.ok(read.ok, text);
    decodeChecked('envoy.config.cluster.v3.Cluster', read.value.message, Path.ROOT, report, decodeCluster);
  } else if (name === 'routes') {
    const read = readText(
      'envoy.config.route.v3.RouteConfiguration',
      textSource(`virtual_hosts: [{name: v, domains: ["*"], routes: [{${text}}]}]`, 'r.yaml'),
    );
    assert.ok(read.ok, text);
    decodeChecked(
      'envoy.config.route.v3.RouteConfiguration',
      read.value.message,
      Path.ROOT,
      report,
      decodeRouteConfiguration,
    );
  } else {
    const end =
      '{name: t, typed_config: {"@type": type.googleapis.com/envoy.extensions.filters.network.tcp_proxy.v3.TcpProxy, stat_prefix: t, cluster: c}}';
    const address = 'address: {socket_address: {address: 1.2.3.4, port_value: 1}}';
    const read = readText(
      'envoy.config.listener.v3.Listener',
      textSource(
        `{${address}, filter_chains: [{filters: [{name: f, typed_config: {${text}}}${name === 'manager' ? '' : `, ${end}`}]}]}`,
        'l.yaml',
      ),
    );
    assert.ok(read.ok, text);
    decodeChecked('envoy.config.listener.v3.Listener', read.value.message, Path.ROOT, report, decodeListener);
  }
  return report.diagnostics().map((each) => each.place.path);
}

test('what Envoy refuses is refused, with its path and nothing else', () => {
  for (const [text, path] of CLUSTERS) assert.deepEqual(paths('cluster', text), [path], text);
  for (const [text, path] of ROUTES)
    assert.deepEqual(paths('routes', text), [`virtual_hosts[0].routes[0].${path}`], text);
  for (const [text, path] of TOKENS)
    assert.deepEqual(
      paths('manager', manager(`${JWT}${text}`)),
      [`filter_chains[0].filters[0].typed_config.http_filters[0].typed_config.${path}`],
      text,
    );
  for (const [text, path] of FILTERS) assert.deepEqual(paths('listener', text), [`filter_chains[0].${path}`], text);
});
