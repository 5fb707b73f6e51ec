// No field of a supported message is ignored: each field of each message that the decoders read is set alone in an accepted base and must
// then either change the row or be refused at its path. The exceptions are listed, each with its reason.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Cluster, EndpointSet, Listener, RouteConfiguration } from '@weft/core/proxy-config';
import { checkConstraints, Path, readMessage, Report, writeMessage } from '../codec/index.ts';
import { WEFT_PROFILE, type ClientProfile } from '../profile/index.ts';
import { messageType, pack, type Field, type MessageName, type Messages, type MessageType } from '../tables/index.ts';
import { reading, type Cursor } from './base/cursor.ts';
import {
  decodeCluster,
  decodeEndpointSet,
  decodeListener,
  decodeRouteConfiguration,
  encodeCluster,
  encodeEndpointSet,
  encodeListener,
  encodeRouteConfiguration,
  type Encoded,
} from './index.ts';

type Fields = Readonly<Record<string, unknown>>;
type Decode = (message: Fields, report: Report) => unknown;

interface Both {
  readonly decode: Decode;
  /** Row to message to row, as one client of ours would read it. */
  readonly again: (row: never, report: Report) => unknown;
}

const both = <Name extends MessageName, Row>(
  decode: (cursor: Cursor<Messages[Name] & object>) => Row,
  encode: (row: Row, profile: ClientProfile) => Encoded<Messages[Name]>,
): Both => {
  const read = (message: Fields, report: Report): Row =>
    reading(message as Messages[Name] & object, Path.ROOT, report, decode);
  return {
    decode: read,
    again: (row, report) => read(encode(row, WEFT_PROFILE).message as Fields, report),
  };
};

const decoders = new Map<MessageName, Both>([
  [
    'envoy.config.listener.v3.Listener',
    both<'envoy.config.listener.v3.Listener', Listener>(decodeListener, encodeListener),
  ],
  [
    'envoy.config.route.v3.RouteConfiguration',
    both<'envoy.config.route.v3.RouteConfiguration', RouteConfiguration>(
      decodeRouteConfiguration,
      encodeRouteConfiguration,
    ),
  ],
  ['envoy.config.cluster.v3.Cluster', both<'envoy.config.cluster.v3.Cluster', Cluster>(decodeCluster, encodeCluster)],
  [
    'envoy.config.endpoint.v3.ClusterLoadAssignment',
    both<'envoy.config.endpoint.v3.ClusterLoadAssignment', EndpointSet>(
      (cursor) => decodeEndpointSet(cursor),
      encodeEndpointSet,
    ),
  ],
]);

/** Fields that are read and change nothing, by message: what they say holds anyway here. */
const WITHOUT_EFFECT: Readonly<Record<string, string>> = {
  'envoy.config.accesslog.v3.AccessLog.name': 'the type of the typed_config decides',
  'envoy.config.listener.v3.Filter.name': 'the type of the typed_config decides',
  'envoy.config.listener.v3.ListenerFilter.name': 'the type of the typed_config decides',
  'envoy.config.core.v3.TransportSocket.name': 'the type of the typed_config decides',
  'envoy.config.route.v3.RetryPolicy.RetryHostPredicate.name': 'the type of the typed_config decides',
  'envoy.config.cluster.v3.Cluster.TransportSocketMatch.name': 'a label',
  'envoy.config.core.v3.HealthCheck.name': 'a label',
  'envoy.extensions.filters.network.http_connection_manager.v3.HttpFilter.name': 'the router has no row',
  'envoy.config.core.v3.ApiConfigSource.set_node_on_first_message_only': 'how the agent is asked, not what for',
  'envoy.config.core.v3.RuntimeDouble.runtime_key': 'there is no runtime',
  'envoy.type.matcher.v3.RegexMatcher.google_re2': 'the only engine',
  'envoy.config.core.v3.ConfigSource.resource_api_version': 'V3 is the only version',
  'envoy.config.core.v3.ConfigSource.initial_fetch_timeout': 'refused unless it is the default',
};

const matcher = { exact: 'v' };
const address = { socket_address: { address: '10.0.0.1', port_value: 80 } };
const ads = { ads: {}, resource_api_version: 'V3' } as const;
const secret = {
  name: 's',
  sds_config: {
    api_config_source: {
      api_type: 'GRPC',
      transport_api_version: 'V3',
      grpc_services: [{ envoy_grpc: { cluster_name: 'sds' } }],
    },
    resource_api_version: 'V3',
  },
} as const;

const route: Messages['envoy.config.route.v3.Route'] = {
  match: {
    prefix: '/',
    headers: [{ name: 'h', string_match: matcher }],
    query_parameters: [{ name: 'q', string_match: { safe_regex: { regex: 'a' } } }],
    runtime_fraction: { default_value: { numerator: 5 } },
  },
  route: {
    weighted_clusters: { clusters: [{ name: 'c', weight: 1 }] },
    retry_policy: {
      retry_on: '5xx',
      retry_back_off: { base_interval: { seconds: 1 }, max_interval: { seconds: 5 } },
      retry_host_predicate: [
        {
          name: 'p',
          typed_config: pack('envoy.extensions.retry.host.previous_hosts.v3.PreviousHostsPredicate', {}),
        },
      ],
    },
    hash_policy: [
      { header: { header_name: 'x' } },
      { query_parameter: { name: 'x' } },
      { connection_properties: { source_ip: true } },
    ],
    request_mirror_policies: [{ cluster: 'm', runtime_fraction: { default_value: { numerator: 5 } } }],
    upgrade_configs: [{ upgrade_type: 'websocket' }],
    regex_rewrite: { pattern: { regex: 'a' }, substitution: 'b' },
  },
  request_headers_to_add: [{ header: { key: 'a', value: 'b' } }],
};
const redirect: Messages['envoy.config.route.v3.Route'] = {
  match: { path: '/r' },
  redirect: { regex_rewrite: { pattern: { regex: 'a' } } },
};
const direct: Messages['envoy.config.route.v3.Route'] = {
  match: { safe_regex: { regex: '/d' } },
  direct_response: { status: 200, body: { inline_string: 'x' } },
};
const routes: Messages['envoy.config.route.v3.RouteConfiguration'] = {
  name: 'r',
  virtual_hosts: [
    { name: 'v', domains: ['*'], routes: [route, redirect, direct], retry_policy: { retry_on: 'reset' } },
  ],
};

const rbac: Messages['envoy.config.rbac.v3.RBAC'] = {
  policies: new Map([
    [
      'p',
      {
        permissions: [
          { and_rules: { rules: [{ destination_port: 80 }, { destination_port_range: { start: 1, end: 2 } }] } },
          { destination_ip: { address_prefix: '10.0.0.0', prefix_len: 8 } },
          { not_rule: { requested_server_name: matcher } },
        ],
        principals: [{ authenticated: { principal_name: matcher } }, { or_ids: { ids: [{ any: true }] } }],
      },
    ],
  ]),
};

const manager: Messages['envoy.extensions.filters.network.http_connection_manager.v3.HttpConnectionManager'] = {
  stat_prefix: 'm',
  route_config: routes,
  http_filters: [
    { name: 'rbac', typed_config: pack('envoy.extensions.filters.http.rbac.v3.RBAC', { rules: rbac }) },
    { name: 'router', typed_config: pack('envoy.extensions.filters.http.router.v3.Router', {}) },
  ],
  common_http_protocol_options: { idle_timeout: { seconds: 7 } },
  http_protocol_options: { accept_http_10: true },
  http2_protocol_options: { max_concurrent_streams: 7 },
  set_current_client_cert_details: { uri: true },
  upgrade_configs: [{ upgrade_type: 'websocket' }],
  access_log: [
    {
      name: 'a',
      typed_config: pack('envoy.extensions.access_loggers.file.v3.FileAccessLog', {
        path: '/dev/null',
        log_format: { text_format_source: { inline_string: 'x' } },
      }),
    },
    {
      name: 'b',
      typed_config: pack('envoy.extensions.access_loggers.stream.v3.StdoutAccessLog', {
        log_format: { json_format: { a: 'b' } },
      }),
    },
  ],
};

const listener: Messages['envoy.config.listener.v3.Listener'] = {
  name: 'l',
  address,
  additional_addresses: [{ address: { pipe: { path: '/run/x' } } }],
  listener_filters: [
    { name: 't', typed_config: pack('envoy.extensions.filters.listener.tls_inspector.v3.TlsInspector', {}) },
    { name: 'p', typed_config: pack('envoy.extensions.filters.listener.proxy_protocol.v3.ProxyProtocol', {}) },
  ],
  metadata: { filter_metadata: new Map([['dev.weft', { source: 'Service/a' }]]) },
  filter_chains: [
    {
      filter_chain_match: { destination_port: 80, prefix_ranges: [{ address_prefix: '10.0.0.0', prefix_len: 8 }] },
      transport_socket: {
        name: 't',
        typed_config: pack('envoy.extensions.transport_sockets.tls.v3.DownstreamTlsContext', {
          common_tls_context: {
            tls_params: { cipher_suites: ['x'] },
            tls_certificates: [{ certificate_chain: { filename: 'c' }, private_key: { filename: 'k' } }],
            validation_context: {
              trusted_ca: { filename: 'r' },
              match_typed_subject_alt_names: [{ san_type: 'URI', matcher }],
            },
          },
        }),
      },
      filters: [
        {
          name: 'r',
          typed_config: pack('envoy.extensions.filters.network.rbac.v3.RBAC', { stat_prefix: 's', rules: rbac }),
        },
        {
          name: 'l',
          typed_config: pack('envoy.extensions.filters.network.connection_limit.v3.ConnectionLimit', {
            stat_prefix: 's',
            max_connections: 5,
          }),
        },
        {
          name: 'h',
          typed_config: pack(
            'envoy.extensions.filters.network.http_connection_manager.v3.HttpConnectionManager',
            manager,
          ),
        },
      ],
    },
    {
      transport_socket: {
        name: 't',
        typed_config: pack('envoy.extensions.transport_sockets.tls.v3.DownstreamTlsContext', {
          common_tls_context: {
            tls_certificate_sds_secret_configs: [secret],
            combined_validation_context: {
              default_validation_context: {},
              validation_context_sds_secret_config: secret,
            },
          },
        }),
      },
      filters: [
        {
          name: 't',
          typed_config: pack('envoy.extensions.filters.network.tcp_proxy.v3.TcpProxy', {
            stat_prefix: 's',
            weighted_clusters: { clusters: [{ name: 'c', weight: 1 }] },
          }),
        },
      ],
    },
    {
      name: 'rds',
      filter_chain_match: { destination_port: 81 },
      filters: [
        {
          name: 'h',
          typed_config: pack('envoy.extensions.filters.network.http_connection_manager.v3.HttpConnectionManager', {
            stat_prefix: 'm',
            rds: { config_source: ads, route_config_name: 'r' },
            http_filters: [
              { name: 'router', typed_config: pack('envoy.extensions.filters.http.router.v3.Router', {}) },
            ],
          }),
        },
      ],
    },
  ],
};

const assignment: Messages['envoy.config.endpoint.v3.ClusterLoadAssignment'] = {
  cluster_name: 'a',
  endpoints: [
    {
      locality: { zone: 'z' },
      lb_endpoints: [
        { endpoint: { address }, metadata: { filter_metadata: new Map([['dev.weft', { workload: 'a/b' }]]) } },
      ],
    },
  ],
  policy: { overprovisioning_factor: 150 },
};

const cluster: Messages['envoy.config.cluster.v3.Cluster'] = {
  name: 'c',
  type: 'STATIC',
  load_assignment: assignment,
  lb_policy: 'LEAST_REQUEST',
  least_request_lb_config: {
    active_request_bias: { default_value: 2, runtime_key: 'x' },
    slow_start_config: { slow_start_window: { seconds: 5 }, min_weight_percent: { value: 5 } },
  },
  circuit_breakers: { thresholds: [{ retry_budget: { budget_percent: { value: 30 } } }] },
  outlier_detection: { interval: { seconds: 3 } },
  health_checks: [
    {
      timeout: { seconds: 1 },
      interval: { seconds: 1 },
      unhealthy_threshold: 1,
      healthy_threshold: 1,
      http_health_check: { path: '/', expected_statuses: [{ start: 200, end: 201 }] },
    },
    {
      timeout: { seconds: 1 },
      interval: { seconds: 1 },
      unhealthy_threshold: 1,
      healthy_threshold: 1,
      grpc_health_check: {},
    },
    {
      timeout: { seconds: 1 },
      interval: { seconds: 1 },
      unhealthy_threshold: 1,
      healthy_threshold: 1,
      tcp_health_check: {},
    },
  ],
  transport_socket_matches: [
    {
      name: 'p',
      match: { 'dev.weft/transport': 'plaintext' },
      transport_socket: {
        name: 'r',
        typed_config: pack('envoy.extensions.transport_sockets.raw_buffer.v3.RawBuffer', {}),
      },
    },
  ],
  transport_socket: {
    name: 't',
    typed_config: pack('envoy.extensions.transport_sockets.tls.v3.UpstreamTlsContext', {
      common_tls_context: { validation_context_sds_secret_config: secret },
    }),
  },
  common_lb_config: { healthy_panic_threshold: { value: 10 } },
  upstream_connection_options: { tcp_keepalive: { keepalive_probes: 3 } },
  typed_extension_protocol_options: new Map([
    [
      'envoy.extensions.upstreams.http.v3.HttpProtocolOptions',
      pack('envoy.extensions.upstreams.http.v3.HttpProtocolOptions', {
        common_http_protocol_options: { idle_timeout: { seconds: 9 } },
        explicit_http_config: { http2_protocol_options: { max_concurrent_streams: 9 } },
      }),
    ],
  ]),
};

const edsCluster: Messages['envoy.config.cluster.v3.Cluster'] = {
  name: 'e',
  type: 'EDS',
  eds_cluster_config: { eds_config: ads },
  lb_policy: 'RING_HASH',
  ring_hash_lb_config: { minimum_ring_size: 5 },
  typed_extension_protocol_options: new Map([
    [
      'envoy.extensions.upstreams.http.v3.HttpProtocolOptions',
      pack('envoy.extensions.upstreams.http.v3.HttpProtocolOptions', {
        use_downstream_protocol_config: { http2_protocol_options: {} },
      }),
    ],
  ]),
};

const BASES: readonly (readonly [MessageName, object])[] = [
  ['envoy.config.listener.v3.Listener', listener],
  ['envoy.config.route.v3.RouteConfiguration', routes],
  ['envoy.config.cluster.v3.Cluster', cluster],
  ['envoy.config.cluster.v3.Cluster', edsCluster],
  ['envoy.config.endpoint.v3.ClusterLoadAssignment', assignment],
];

/** Values that differ from `present`; a boolean may have the one that holds anyway, so both are tried. */
function samples(field: Field, present: unknown): unknown[] {
  const bool =
    field.kind === 'bool' || (field.kind === 'message' && field.message.name === 'google.protobuf.BoolValue');
  return bool && !field.repeated ? [true, false] : [sample(field, present)];
}

function sample(field: Field, present: unknown): unknown {
  if (field.mapKey !== undefined) return new Map([['extra', single(field, undefined)]]);
  if (field.repeated) return [...((present as readonly unknown[] | undefined) ?? []), single(field, undefined)];
  return single(field, present);
}

function single(field: Field, present: unknown): unknown {
  if (field.kind === 'string') return present === 'other' ? 'another' : 'other';
  if (field.kind === 'bytes') return Uint8Array.of(1);
  if (field.kind === 'bool') return present !== true;
  if (field.kind === 'enum') return [...field.enumeration.names.values()].findLast((name) => name !== present);
  if (field.kind !== 'message') return present === 77 ? 78 : 77;
  const { form, name } = field.message;
  if (form === 'wrapper') return single(field.message.wrapped, present);
  if (form === 'any')
    return { type_url: 'type.googleapis.com/envoy.extensions.access_loggers.stream.v3.StderrAccessLog', message: {} };
  if (form === 'struct') return { other: 'x' };
  if (form === 'list') return ['x'];
  if (form === 'value') return 'x';
  if (name === 'google.protobuf.Duration') return { seconds: 77 };
  return {};
}

/** Each message within `message`, with the way to build the whole with that part replaced. */
function* parts(
  type: MessageType,
  message: Fields,
  rebuild: (part: Fields) => Fields,
): Generator<[MessageType, Fields, (part: Fields) => Fields]> {
  yield [type, message, rebuild];
  for (const field of type.fields) {
    const value = message[field.name];
    if (value === undefined || field.kind !== 'message') continue;
    const put = (made: unknown): Fields => rebuild({ ...message, [field.name]: made });
    if (value instanceof Map) {
      for (const [key, entry] of value)
        yield* within(field.message, entry, (part) => put(new Map([...value, [key, part]])));
    } else if (Array.isArray(value)) {
      for (const [index, entry] of value.entries())
        yield* within(field.message, entry, (part) => put(value.with(index, part)));
    } else yield* within(field.message, value, put);
  }
}

function* within(
  type: MessageType,
  value: unknown,
  put: (part: unknown) => Fields,
): Generator<[MessageType, Fields, (part: Fields) => Fields]> {
  if (type.form === 'fields') yield* parts(type, value as Fields, put);
  if (type.form !== 'any') return;
  const any = value as { type_url: string; message: Fields };
  const inner = messageType(any.type_url.slice(any.type_url.lastIndexOf('/') + 1));
  if (inner?.form === 'fields') yield* parts(inner, any.message, (message) => put({ ...any, message }));
}

test('the bases are accepted as they are', () => {
  for (const [name, base] of BASES) {
    const report = new Report();
    decoders.get(name)?.decode(base as Fields, report);
    checkConstraints(name, base as never, Path.ROOT, report);
    assert.deepEqual(report.diagnostics(), []);
  }
});

test('every field of every supported message is consumed or refused; what is accepted settles after one round', () => {
  const seen = new Set<string>();
  const ignored = new Set<string>();
  let accepted = 0;
  for (const [name, base] of BASES) {
    const both = decoders.get(name);
    const root = messageType(name);
    assert.ok(both && root);
    const before = JSON.stringify(both.decode(base as Fields, new Report()));
    for (const [type, part, rebuild] of parts(root, base as Fields, (whole) => whole)) {
      for (const field of type.fields) {
        const id = `${type.name}.${field.name}`;
        const noticed = samples(field, part[field.name]).some((value) => {
          const report = new Report();
          const row = both.decode(rebuild({ ...part, [field.name]: value }), report);
          if (report.failed) return true;
          const settled = both.again(row as never, report);
          assert.deepEqual(report.diagnostics(), [], id);
          assert.deepEqual(settled, row, id);
          accepted += 1;
          return JSON.stringify(row) !== before;
        });
        if (noticed) seen.add(id);
        else if (!Object.hasOwn(WITHOUT_EFFECT, id) && !emptyMessage(field)) ignored.add(id);
      }
    }
  }
  assert.deepEqual(
    [...ignored].filter((id) => !seen.has(id)),
    [],
    'ignored in silence',
  );
  assert.ok(accepted > 100, `${accepted} messages were accepted`);
  assert.ok(seen.size > 500, `${seen.size} fields were seen`);
});

/** An empty message in place of none says nothing by itself: its own fields are judged in their turn. */
const emptyMessage = (field: Field): boolean =>
  field.kind === 'message' && !field.repeated && field.mapKey === undefined && field.message.form === 'fields';

test('an unknown field number in a resource is refused', () => {
  const bytes = writeMessage('envoy.config.cluster.v3.Cluster', cluster);
  const read = readMessage('envoy.config.cluster.v3.Cluster', Uint8Array.from([...bytes, 0xfa, 0x3f, 0x01, 0x00]));
  assert.equal(read.ok ? '' : read.error[0]?.code, 'unknown-field');
});
