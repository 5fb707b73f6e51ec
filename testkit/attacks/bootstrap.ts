/**
 * The static bootstrap of the attack runs: one listener a kind of configuration, all with the values our compiler writes
 * (compile/defaults.ts, compile/queries/http-manager.ts), repeated here by hand because a real Envoy gets them as well.
 */
export interface AttackBootstrap {
  /** Port behind each listener: the recorder's, or the next engine's listener of that name. */
  readonly upstream: (listener: string) => number;
  readonly adminPath: string;
  /** What Envoy waits between a refusal and its FIN; our compiler's 1 s only makes observations slow. */
  readonly delayedClose: string;
  /** Listeners more that demand client certificates of `trusted`: `tls`, `tls-callers` for CALLER, `tls-names` for CALLER_NAME. */
  readonly tls?: TlsFiles | undefined;
}

export interface TlsFiles {
  readonly certificate: string;
  readonly privateKey: string;
  readonly trusted: string;
}

const TYPE = 'type.googleapis.com/envoy.';
const ROUTER = {
  name: 'envoy.filters.http.router',
  typed_config: { '@type': `${TYPE}extensions.filters.http.router.v3.Router` },
};

interface ListenerKind {
  readonly manager?: Readonly<Record<string, unknown>>;
  readonly common?: Readonly<Record<string, unknown>>;
  readonly filters?: readonly unknown[];
}

const rbac = (action: 'ALLOW' | 'DENY', permission: unknown, principal: unknown = { any: true }): unknown => ({
  name: 'envoy.filters.http.rbac',
  typed_config: {
    '@type': `${TYPE}extensions.filters.http.rbac.v3.RBAC`,
    rules: { action, policies: { all: { permissions: [permission], principals: [principal] } } },
  },
});

/** A balancer in front names the caller in x-forwarded-for; a range judges that. */
const range = (action: 'ALLOW' | 'DENY'): ListenerKind => ({
  manager: { use_remote_address: false, skip_xff_append: true },
  filters: [
    rbac(
      action,
      { any: true },
      {
        or_ids: {
          ids: [
            { remote_ip: { address_prefix: '10.0.0.0', prefix_len: 8 } },
            ...(action === 'ALLOW' ? [{ remote_ip: { address_prefix: '192.0.2.1', prefix_len: 32 } }] : []),
          ],
        },
      },
    ),
  ],
});

/** Callers whose identity has dots: a dot stands for itself. */
export const CALLER = 'spiffe://weft.local/ns/a.b/sa/c.d';
/** The DNS name that `tls-names` wants of a caller. */
export const CALLER_NAME = 'one.callers.test';

const CALLERS: ListenerKind = {
  filters: [rbac('ALLOW', { any: true }, { authenticated: { principal_name: { exact: CALLER } } })],
};

/** `admin` is what an attacker wants: routes refuse it in `safe`, policies in `policy`. */
export const LISTENERS: Readonly<Record<string, ListenerKind>> = {
  safe: {},
  edge: { manager: { use_remote_address: true, skip_xff_append: false } },
  policy: {
    filters: [
      rbac('DENY', {
        or_rules: {
          rules: [
            { url_path: { path: { prefix: '/admin' } } },
            { header: { name: 'x-role', string_match: { exact: 'guest' } } },
            { header: { name: 'x-text', string_match: { safe_regex: { regex: 'bad.*' } } } },
          ],
        },
      }),
    ],
  },
  allow: { filters: [rbac('ALLOW', { header: { name: 'x-role', string_match: { exact: 'admin' } } })] },
  'allow-range': range('ALLOW'),
  'deny-range': range('DENY'),
  slow: {
    manager: { request_headers_timeout: '0.3s', stream_idle_timeout: '0.4s' },
    common: { idle_timeout: '0.5s' },
  },
  log: {
    manager: {
      access_log: [
        {
          name: 'envoy.access_loggers.stdout',
          typed_config: {
            '@type': `${TYPE}extensions.access_loggers.stream.v3.StdoutAccessLog`,
            log_format: {
              json_format: { path: '%REQ(:PATH)%', host: '%REQ(:AUTHORITY)%', agent: '%REQ(USER-AGENT)%' },
            },
          },
        },
      ],
    },
  },
  unescape: { manager: { path_with_escaped_slashes_action: 'UNESCAPE_AND_FORWARD' } },
};

export const attackListeners = Object.keys(LISTENERS);

export function attackBootstrap({ upstream, adminPath, delayedClose, tls }: AttackBootstrap): Record<string, unknown> {
  return {
    node: { id: 'attacks', cluster: 'attacks' },
    admin: { address: { pipe: { path: adminPath } } },
    static_resources: {
      listeners: [
        ...attackListeners.map((name) => listener({ name, kind: LISTENERS[name] ?? {}, delayedClose })),
        ...(tls === undefined
          ? []
          : [
              listener({ name: 'tls', kind: {}, cluster: 'safe', delayedClose, tls }),
              listener({ name: 'tls-names', kind: {}, cluster: 'safe', delayedClose, tls, dnsName: CALLER_NAME }),
              listener({ name: 'tls-callers', kind: CALLERS, cluster: 'safe', delayedClose, tls }),
            ]),
      ],
      clusters: attackListeners.map((name) => ({
        name,
        type: 'STATIC',
        connect_timeout: '5s',
        // A crowd of slow clients holds many requests at once: the listener bounds it, not the way to the backend.
        circuit_breakers: {
          thresholds: [{ max_connections: 20_000, max_pending_requests: 20_000, max_requests: 20_000 }],
        },
        load_assignment: {
          cluster_name: name,
          endpoints: [
            {
              lb_endpoints: [
                { endpoint: { address: { socket_address: { address: '127.0.0.1', port_value: upstream(name) } } } },
              ],
            },
          ],
        },
      })),
    },
  };
}

interface ListenerInput {
  readonly name: string;
  readonly kind: ListenerKind;
  readonly cluster?: string;
  readonly delayedClose: string;
  readonly tls?: TlsFiles;
  readonly dnsName?: string;
}

function listener({ name, kind, cluster = name, delayedClose, tls, dnsName }: ListenerInput): unknown {
  const denied = { direct_response: { status: 403, body: { inline_string: 'denied' } } };
  const routes = [
    { match: { prefix: '/admin' }, ...denied },
    { match: { connect_matcher: {} }, direct_response: { status: 405 } },
    { match: { prefix: '/' }, route: { cluster, timeout: '0s' } },
  ];
  const open = kind.filters === undefined ? routes : routes.slice(1);
  return {
    name,
    address: { socket_address: { address: '127.0.0.1', port_value: 0 } },
    filter_chains: [
      {
        ...(tls === undefined
          ? {}
          : { transport_socket: transport(tls, dnsName), transport_socket_connect_timeout: '2s' }),
        filters: [manager(name, kind, open, denied, delayedClose)],
      },
    ],
  };
}

const transport = ({ certificate, privateKey, trusted }: TlsFiles, dnsName: string | undefined): unknown => ({
  name: 'envoy.transport_sockets.tls',
  typed_config: {
    '@type': `${TYPE}extensions.transport_sockets.tls.v3.DownstreamTlsContext`,
    require_client_certificate: true,
    common_tls_context: {
      tls_params: { tls_minimum_protocol_version: 'TLSv1_2' },
      alpn_protocols: ['h2', 'http/1.1'],
      tls_certificates: [
        {
          certificate_chain: { filename: certificate },
          private_key: { filename: privateKey },
        },
      ],
      validation_context: {
        trusted_ca: { filename: trusted },
        ...(dnsName === undefined
          ? {}
          : { match_typed_subject_alt_names: [{ san_type: 'DNS', matcher: { exact: dnsName } }] }),
      },
    },
  },
});

/** What Weft's compiler writes into every HTTP connection manager that strangers reach. */
export const SAFE_MANAGER = {
  max_request_headers_kb: 60,
  request_headers_timeout: '15s',
  stream_idle_timeout: '300s',
  delayed_close_timeout: '1s',
  upgrade_configs: [{ upgrade_type: 'websocket' }],
  skip_xff_append: true,
  server_name: 'weft',
  server_header_transformation: 'PASS_THROUGH',
  preserve_external_request_id: true,
  forward_client_cert_details: 'SANITIZE',
  normalize_path: true,
  merge_slashes: true,
  path_with_escaped_slashes_action: 'REJECT_REQUEST',
};

function manager(
  name: string,
  kind: ListenerKind,
  routes: readonly unknown[],
  denied: object,
  delayedClose: string,
): unknown {
  return {
    name: 'envoy.filters.network.http_connection_manager',
    typed_config: {
      '@type': `${TYPE}extensions.filters.network.http_connection_manager.v3.HttpConnectionManager`,
      stat_prefix: name,
      http_filters: [...(kind.filters ?? []), ROUTER],
      http_protocol_options: { accept_http_10: true, default_host_for_http_10: 'localhost', enable_trailers: true },
      common_http_protocol_options: {
        idle_timeout: '3600s',
        max_headers_count: 100,
        headers_with_underscores_action: 'REJECT_REQUEST',
        ...kind.common,
      },
      http2_protocol_options: {
        max_concurrent_streams: 100,
        initial_stream_window_size: 262_144,
        initial_connection_window_size: 8_388_608,
        allow_connect: name === 'edge',
      },
      ...SAFE_MANAGER,
      delayed_close_timeout: delayedClose,
      ...kind.manager,
      route_config: {
        name,
        virtual_hosts: [
          {
            name: 'admin',
            domains: ['admin.test'],
            routes: [{ match: { prefix: '/' }, ...denied }],
          },
          { name: 'all', domains: ['*'], routes },
        ],
      },
    },
  };
}
