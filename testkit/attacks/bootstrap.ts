/**
 * The static bootstrap of the attack runs: one listener a kind of configuration, all with the values our compiler writes
 * (compile/defaults.ts, compile/queries/http-manager.ts), repeated here by hand because a real Envoy gets them as well.
 */
export interface AttackBootstrap {
  /** Port behind each listener: the recorder's, or the next engine's listener of that name. */
  readonly upstream: (listener: string) => number;
  readonly adminPath: string;
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

const rbac = (action: 'ALLOW' | 'DENY', permission: unknown): unknown => ({
  name: 'envoy.filters.http.rbac',
  typed_config: {
    '@type': `${TYPE}extensions.filters.http.rbac.v3.RBAC`,
    rules: { action, policies: { all: { permissions: [permission], principals: [{ any: true }] } } },
  },
});

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
  slow: {
    manager: { request_headers_timeout: '0.3s', stream_idle_timeout: '0.4s' },
    common: { idle_timeout: '0.5s' },
  },
  unescape: { manager: { path_with_escaped_slashes_action: 'UNESCAPE_AND_FORWARD' } },
};

export const attackListeners = Object.keys(LISTENERS);

export function attackBootstrap({ upstream, adminPath }: AttackBootstrap): Record<string, unknown> {
  return {
    node: { id: 'attacks', cluster: 'attacks' },
    admin: { address: { pipe: { path: adminPath } } },
    static_resources: {
      listeners: attackListeners.map((name) => listener(name, LISTENERS[name] ?? {})),
      clusters: attackListeners.map((name) => ({
        name,
        type: 'STATIC',
        connect_timeout: '5s',
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

function listener(name: string, kind: ListenerKind): unknown {
  const denied = { direct_response: { status: 403, body: { inline_string: 'denied' } } };
  const routes = [
    { match: { prefix: '/admin' }, ...denied },
    { match: { prefix: '/exact-only' }, route: { cluster: name, timeout: '0s' } },
    { match: { connect_matcher: {} }, direct_response: { status: 405 } },
    { match: { prefix: '/' }, route: { cluster: name, timeout: '0s' } },
  ];
  const open = kind.filters === undefined ? routes : routes.slice(1);
  return {
    name,
    address: { socket_address: { address: '127.0.0.1', port_value: 0 } },
    filter_chains: [{ filters: [manager(name, kind, open, denied)] }],
  };
}

function manager(name: string, kind: ListenerKind, routes: readonly unknown[], denied: unknown): unknown {
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
      ...kind.manager,
      route_config: {
        name,
        virtual_hosts: [
          {
            name: 'admin',
            domains: ['admin.test', 'admin.test:*'].slice(0, 1),
            routes: [{ match: { prefix: '/' }, ...(denied as object) }],
          },
          { name: 'all', domains: ['*'], routes },
        ],
      },
    },
  };
}
