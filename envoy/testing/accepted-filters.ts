/** HTTP filters that reach each of the supported message types, and what routes say about them: bases to change one field of. */
import { type AnyMessage, type Messages, pack } from '../tables/index.ts';
import { dnsCacheConfig } from './accepted-clusters.ts';

const matcher = { exact: 'v' };
const fraction = { default_value: { numerator: 5 } };
const option = { header: { key: 'a', value: 'b' } };
const steps = [{ append: option }, { remove: 'x' }];

const mutations: Messages['envoy.extensions.filters.http.header_mutation.v3.Mutations'] = {
  request_mutations: steps,
  query_parameter_mutations: [{ append: { record: { key: 'q', value: 'v' } } }, { remove: 'p' }],
  response_mutations: steps,
  request_trailers_mutations: steps,
  response_trailers_mutations: steps,
};

const fault: Messages['envoy.extensions.filters.http.fault.v3.HTTPFault'] = {
  delay: { fixed_delay: { seconds: 1 }, percentage: { numerator: 5 } },
  abort: { http_status: 503, percentage: { numerator: 5 } },
  headers: [{ name: 'h', string_match: matcher }],
  response_rate_limit: { fixed_limit: { limit_kbps: 5 }, percentage: { numerator: 5 } },
};

const byHeader: Messages['envoy.extensions.filters.http.fault.v3.HTTPFault'] = {
  delay: { header_delay: {} },
  abort: { header_abort: {} },
  response_rate_limit: { header_limit: {} },
};

const csrf: Messages['envoy.extensions.filters.http.csrf.v3.CsrfPolicy'] = {
  filter_enabled: fraction,
  additional_origins: [matcher],
};

const limit: Messages['envoy.extensions.filters.http.local_ratelimit.v3.LocalRateLimit'] = {
  stat_prefix: 's',
  status: { code: 'ServiceUnavailable' },
  token_bucket: { max_tokens: 5, fill_interval: { seconds: 1 } },
  descriptors: [
    { entries: [{ key: 'k', value: 'v' }], token_bucket: { max_tokens: 5, fill_interval: { seconds: 1 } } },
  ],
  response_headers_to_add: [option],
};

const jwtMatch = { prefix: '/', headers: [{ name: 'h', string_match: matcher }] };
const local = { local_jwks: { inline_string: '{"keys":[{"kty":"oct"}]}' } };

const jwt: Messages['envoy.extensions.filters.http.jwt_authn.v3.JwtAuthentication'] = {
  providers: new Map([
    [
      'p',
      {
        ...local,
        subjects: matcher,
        from_headers: [{ name: 'h' }],
        claim_to_headers: [{ header_name: 'h', claim_name: 'c' }],
        normalize_payload_in_metadata: { space_delimited_claims: ['c'] },
        jwt_cache_config: { jwt_cache_size: 5 },
      },
    ],
    [
      'remote',
      {
        remote_jwks: {
          http_uri: { uri: 'https://issuer.example/keys', cluster: 'c', timeout: { seconds: 1 } },
          cache_duration: { seconds: 5 },
          async_fetch: { failed_refetch_duration: { seconds: 5 } },
          retry_policy: {
            num_retries: 3,
            retry_back_off: { base_interval: { seconds: 1 }, max_interval: { seconds: 5 } },
          },
        },
      },
    ],
    ['q', { ...local, claim_to_headers: [{ header_name: 'h', claim_path: [{ key: 'c' }] }] }],
  ]),
  requirement_map: new Map([['r', { provider_and_audiences: { provider_name: 'p', audiences: ['a'] } }]]),
  rules: [
    { match: jwtMatch, requirement_name: 'r' },
    {
      match: { prefix: '/any' },
      requires: {
        requires_any: {
          requirements: [{ provider_name: 'p' }, { allow_missing: {} }, { allow_missing_or_failed: {} }],
        },
      },
    },
    {
      match: { prefix: '/all' },
      requires: { requires_all: { requirements: [{ provider_name: 'p' }, { provider_name: 'q' }] } },
    },
  ],
};

const grpcService: Messages['envoy.config.core.v3.GrpcService'] = {
  envoy_grpc: { cluster_name: 'c' },
  timeout: { seconds: 1 },
  initial_metadata: [{ key: 'k', value: 'v' }],
};

const buffer: Messages['envoy.extensions.filters.http.ext_authz.v3.BufferSettings'] = { max_request_bytes: 5 };
const patterns = { patterns: [matcher] };

const httpAuthz: Messages['envoy.extensions.filters.http.ext_authz.v3.HttpService'] = {
  server_uri: { uri: 'http://a', cluster: 'c', timeout: { seconds: 1 } },
  authorization_request: { headers_to_add: [{ key: 'k', value: 'v' }] },
  authorization_response: { allowed_upstream_headers: patterns },
};

const authz = [
  pack('envoy.extensions.filters.http.ext_authz.v3.ExtAuthz', {
    transport_api_version: 'V3',
    grpc_service: grpcService,
    with_request_body: buffer,
    status_on_error: { code: 'ServiceUnavailable' },
    filter_enabled: fraction,
    filter_enabled_metadata: { filter: 'a', path: [{ key: 'b' }], value: { present_match: true } },
    deny_at_disable: { default_value: true, runtime_key: 'r' },
    allowed_headers: patterns,
  }),
  pack('envoy.extensions.filters.http.ext_authz.v3.ExtAuthz', {
    transport_api_version: 'V3',
    http_service: httpAuthz,
  }),
];

const rateLimit = pack('envoy.extensions.filters.http.ratelimit.v3.RateLimit', {
  domain: 'd',
  timeout: { seconds: 1 },
  rate_limit_service: { grpc_service: grpcService, transport_api_version: 'V3' },
  rate_limited_status: { code: 'ServiceUnavailable' },
  status_on_error: { code: 'ServiceUnavailable' },
  response_headers_to_add: [option],
  filter_enabled: fraction,
});

const odcds: Messages['envoy.extensions.filters.http.on_demand.v3.OnDemand'] = {
  odcds: { source: { ads: {}, resource_api_version: 'V3' }, timeout: { seconds: 3 } },
};

export const filters = (rbac: Messages['envoy.config.rbac.v3.RBAC']): readonly AnyMessage[] => [
  pack('envoy.extensions.filters.http.rbac.v3.RBAC', { rules: rbac }),
  ...authz,
  rateLimit,
  pack('envoy.extensions.filters.http.grpc_web.v3.GrpcWeb', {}),
  pack('envoy.extensions.filters.http.jwt_authn.v3.JwtAuthentication', jwt),
  pack('envoy.extensions.filters.http.set_metadata.v3.Config', {
    metadata: [{ metadata_namespace: 'n', value: { a: 1 } }],
  }),
  pack('envoy.extensions.filters.http.on_demand.v3.OnDemand', odcds),
  pack('envoy.extensions.filters.http.dynamic_forward_proxy.v3.FilterConfig', { dns_cache_config: dnsCacheConfig }),
  pack('envoy.extensions.filters.http.ext_proc.v3.ExternalProcessor', {
    grpc_service: grpcService,
    processing_mode: { request_body_mode: 'BUFFERED' },
    allowed_override_modes: [{ response_body_mode: 'BUFFERED' }],
    mutation_rules: { allow_expression: { regex: 'a' }, disallow_expression: { regex: 'b' } },
    request_attributes: ['request.path'],
    response_attributes: ['response.code'],
    forward_rules: { allowed_headers: { patterns: [matcher] }, disallowed_headers: { patterns: [matcher] } },
  }),
  pack('envoy.extensions.filters.http.fault.v3.HTTPFault', fault),
  pack('envoy.extensions.filters.http.fault.v3.HTTPFault', byHeader),
  pack('envoy.extensions.filters.http.header_mutation.v3.HeaderMutation', { mutations }),
  pack('envoy.extensions.filters.http.cors.v3.Cors', {}),
  pack('envoy.extensions.filters.http.buffer.v3.Buffer', { max_request_bytes: 5 }),
  pack('envoy.extensions.filters.http.csrf.v3.CsrfPolicy', csrf),
  pack('envoy.extensions.filters.http.local_ratelimit.v3.LocalRateLimit', limit),
  pack('envoy.extensions.filters.http.stateful_session.v3.StatefulSession', {
    session_state: {
      name: 's',
      typed_config: pack('envoy.extensions.http.stateful_session.cookie.v3.CookieBasedSessionState', {
        cookie: { name: 'c', ttl: { seconds: 5 }, attributes: [{ name: 'a', value: 'b' }] },
      }),
    },
  }),
  ...[
    pack('envoy.extensions.compression.gzip.decompressor.v3.Gzip', { max_inflate_ratio: 5 }),
    pack('envoy.extensions.compression.brotli.decompressor.v3.Brotli', { chunk_size: 8192 }),
    pack('envoy.extensions.compression.zstd.decompressor.v3.Zstd', { chunk_size: 8192 }),
  ].map((typed_config) =>
    pack('envoy.extensions.filters.http.decompressor.v3.Decompressor', {
      decompressor_library: { name: 'd', typed_config },
      request_direction_config: {
        common_config: { enabled: { default_value: false, runtime_key: 'k' } },
        advertise_accept_encoding: false,
      },
      response_direction_config: { common_config: { ignore_no_transform_header: true } },
    }),
  ),
  pack('envoy.extensions.filters.http.grpc_stats.v3.FilterConfig', {
    individual_method_stats_allowlist: { services: [{ name: 's', method_names: ['m'] }] },
  }),
  pack('envoy.extensions.filters.http.health_check.v3.HealthCheck', {
    pass_through_mode: true,
    cache_time: { seconds: 1 },
    headers: [{ name: 'h', string_match: matcher }],
  }),
  pack('envoy.extensions.filters.http.health_check.v3.HealthCheck', {
    pass_through_mode: false,
    cluster_min_healthy_percentages: new Map([['c', { value: 5 }]]),
  }),
  ...[
    pack('envoy.extensions.compression.gzip.compressor.v3.Gzip', { memory_level: 6 }),
    pack('envoy.extensions.compression.brotli.compressor.v3.Brotli', { quality: 6 }),
    pack('envoy.extensions.compression.zstd.compressor.v3.Zstd', { enable_checksum: true }),
  ].map((typed_config) =>
    pack('envoy.extensions.filters.http.compressor.v3.Compressor', {
      compressor_library: { name: 'c', typed_config },
      response_direction_config: {
        common_config: { enabled: { default_value: false, runtime_key: 'k' }, content_type: ['a/b'] },
        uncompressible_response_codes: [201],
      },
    }),
  ),
];

export const overrides: ReadonlyMap<string, AnyMessage> = new Map([
  ['off', pack('envoy.config.route.v3.FilterConfig', { disabled: true })],
  [
    'rbac',
    pack('envoy.config.route.v3.FilterConfig', {
      config: pack('envoy.extensions.filters.http.rbac.v3.RBACPerRoute', { rbac: { rules: { action: 'DENY' } } }),
    }),
  ],
  ['mutation', pack('envoy.extensions.filters.http.header_mutation.v3.HeaderMutationPerRoute', { mutations })],
  [
    'cors',
    pack('envoy.extensions.filters.http.cors.v3.CorsPolicy', {
      allow_origin_string_match: [matcher],
      filter_enabled: fraction,
    }),
  ],
  ['jwt', pack('envoy.extensions.filters.http.jwt_authn.v3.PerRouteConfig', { requirement_name: 'r' })],
  ['limit', pack('envoy.extensions.filters.http.ratelimit.v3.RateLimitPerRoute', { domain: 'd' })],
  ['authz-off', pack('envoy.extensions.filters.http.ext_authz.v3.ExtAuthzPerRoute', { disabled: true })],
  [
    'authz',
    pack('envoy.extensions.filters.http.ext_authz.v3.ExtAuthzPerRoute', {
      check_settings: {
        context_extensions: new Map([['k', 'v']]),
        with_request_body: buffer,
        grpc_service: grpcService,
      },
    }),
  ],
  [
    'processor',
    pack('envoy.extensions.filters.http.ext_proc.v3.ExtProcPerRoute', {
      overrides: {
        processing_mode: { response_body_mode: 'STREAMED' },
        grpc_service: grpcService,
        grpc_initial_metadata: [{ key: 'a', value: 'b' }],
      },
    }),
  ],
  ['on-demand', pack('envoy.extensions.filters.http.on_demand.v3.PerRouteConfig', odcds)],
  ['compressor', pack('envoy.extensions.filters.http.compressor.v3.CompressorPerRoute', { disabled: true })],
  [
    'session',
    pack('envoy.extensions.filters.http.stateful_session.v3.StatefulSessionPerRoute', {
      stateful_session: {
        session_state: {
          name: 's',
          typed_config: pack('envoy.extensions.http.stateful_session.header.v3.HeaderBasedSessionState', { name: 'h' }),
        },
      },
    }),
  ],
  ['buffer', pack('envoy.extensions.filters.http.buffer.v3.BufferPerRoute', { buffer: { max_request_bytes: 5 } })],
]);
