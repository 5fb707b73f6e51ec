/** A route table that reaches each of the supported message types of routes: a base to change one field of. */
import { overrides } from './accepted-filters.ts';
import { pack, type Messages } from '../tables/index.ts';

const matcher = { exact: 'v' };
const metadata = { filter: 'n', path: [{ key: 'a' }] };

const rateLimits: Messages['envoy.config.route.v3.RateLimit'][] = [
  {
    actions: [
      { source_cluster: {} },
      { destination_cluster: {} },
      { remote_address: {} },
      { request_headers: { header_name: 'h', descriptor_key: 'k' } },
      { query_parameters: { query_parameter_name: 'q', descriptor_key: 'k' } },
      { masked_remote_address: { v4_prefix_mask_len: 24 } },
      { generic_key: { descriptor_value: 'v' } },
      { header_value_match: { descriptor_value: 'v', headers: [{ name: 'h', string_match: matcher }] } },
      {
        query_parameter_value_match: {
          descriptor_value: 'v',
          query_parameters: [{ name: 'q', string_match: matcher }],
        },
      },
      { metadata: { descriptor_key: 'k', metadata_key: { key: 'n', path: [{ key: 'a' }] } } },
    ],
  },
];

const route: Messages['envoy.config.route.v3.Route'] = {
  match: {
    prefix: '/',
    headers: [{ name: 'h', string_match: matcher }],
    query_parameters: [{ name: 'q', string_match: { safe_regex: { regex: 'a' } } }],
    runtime_fraction: { default_value: { numerator: 5 } },
    cookies: [{ name: 'c', string_match: matcher }],
    tls_context: { presented: true },
    dynamic_metadata: [
      { ...metadata, value: { double_match: { range: { end: 5 } } } },
      { ...metadata, value: { list_match: { one_of: { null_match: {} } } } },
      { ...metadata, value: { or_match: { value_matchers: [{ bool_match: true }, { string_match: matcher }] } } },
    ],
  },
  route: {
    metadata_match: { filter_metadata: new Map([['envoy.lb', { v: '1' }]]) },
    weighted_clusters: { clusters: [{ name: 'c', weight: 1 }] },
    retry_policy: {
      retry_on: '5xx',
      retriable_headers: [{ name: 'h', string_match: matcher }],
      retriable_request_headers: [{ name: 'h', string_match: matcher }],
      rate_limited_retry_back_off: { reset_headers: [{ name: 'x' }] },
      retry_back_off: { base_interval: { seconds: 1 }, max_interval: { seconds: 5 } },
      retry_priority: {
        name: 'p',
        typed_config: pack('envoy.extensions.retry.priority.previous_priorities.v3.PreviousPrioritiesConfig', {
          update_frequency: 2,
        }),
      },
      retry_host_predicate: [
        {
          name: 'p',
          typed_config: pack('envoy.extensions.retry.host.previous_hosts.v3.PreviousHostsPredicate', {}),
        },
      ],
    },
    hash_policy: [
      { header: { header_name: 'x', regex_rewrite: { pattern: { regex: 'a' }, substitution: 'b' } } },
      { cookie: { name: 'x', ttl: { seconds: 5 }, attributes: [{ name: 'a', value: 'b' }] } },
      { query_parameter: { name: 'x' } },
      { connection_properties: { source_ip: true } },
    ],
    max_stream_duration: {
      max_stream_duration: { seconds: 1 },
      grpc_timeout_header_max: { seconds: 1 },
      grpc_timeout_header_offset: { seconds: 1 },
    },
    max_grpc_timeout: { seconds: 1 },
    hedge_policy: { hedge_on_per_try_timeout: true },
    grpc_timeout_offset: { seconds: 1 },
    request_mirror_policies: [
      {
        cluster: 'm',
        request_headers_mutations: [{ remove: 'x' }],
        runtime_fraction: { default_value: { numerator: 5 } },
      },
    ],
    internal_redirect_policy: {
      max_internal_redirects: 3,
      predicates: [
        {
          name: 'p',
          typed_config: pack('envoy.extensions.internal_redirect.previous_routes.v3.PreviousRoutesConfig', {}),
        },
        {
          name: 'a',
          typed_config: pack('envoy.extensions.internal_redirect.allow_listed_routes.v3.AllowListedRoutesConfig', {
            allowed_route_names: ['r'],
          }),
        },
        {
          name: 's',
          typed_config: pack('envoy.extensions.internal_redirect.safe_cross_scheme.v3.SafeCrossSchemeConfig', {}),
        },
      ],
    },
    upgrade_configs: [{ upgrade_type: 'websocket' }],
    rate_limits: rateLimits,
    regex_rewrite: { pattern: { regex: 'a' }, substitution: 'b' },
  },
  request_headers_to_add: [{ header: { key: 'a', value: 'b' } }],
  typed_per_filter_config: overrides,
  metadata: { filter_metadata: new Map([['n', { a: 1 }]]) },
  decorator: { operation: 'o' },
  tracing: { random_sampling: { numerator: 5 }, custom_tags: [{ tag: 't', literal: { value: 'v' } }] },
};
const redirect: Messages['envoy.config.route.v3.Route'] = {
  match: { path: '/r' },
  redirect: { regex_rewrite: { pattern: { regex: 'a' } } },
};
const templated: Messages['envoy.config.route.v3.Route'] = {
  match: {
    path_match_policy: {
      name: 'm',
      typed_config: pack('envoy.extensions.path.match.uri_template.v3.UriTemplateMatchConfig', {
        path_template: '/a/{b}',
      }),
    },
  },
  route: {
    cluster: 'c',
    host_rewrite_path_regex: { pattern: { regex: 'a' }, substitution: 'b' },
    path_rewrite_policy: {
      name: 'r',
      typed_config: pack('envoy.extensions.path.rewrite.uri_template.v3.UriTemplateRewriteConfig', {
        path_template_rewrite: '/n/{b}',
      }),
    },
  },
};
const direct: Messages['envoy.config.route.v3.Route'] = {
  match: { safe_regex: { regex: '/d' } },
  direct_response: {
    status: 200,
    body: { inline_string: 'x' },
    body_format: { text_format_source: { inline_string: '%LOCAL_REPLY_BODY%' } },
  },
};
export const routes: Messages['envoy.config.route.v3.RouteConfiguration'] = {
  name: 'r',
  virtual_hosts: [
    {
      name: 'v',
      domains: ['*'],
      routes: [route, redirect, direct, templated],
      retry_policy: { retry_on: 'reset' },
      virtual_clusters: [{ name: 'v', headers: [{ name: 'h', string_match: matcher }] }],
    },
  ],
};

export const scope: Messages['envoy.config.route.v3.ScopedRouteConfiguration'] = {
  name: 's',
  key: { fragments: [{ string_key: 'k' }] },
  route_configuration_name: 'r',
};

export const inlineScope: Messages['envoy.config.route.v3.ScopedRouteConfiguration'] = {
  name: 's',
  key: { fragments: [{ string_key: 'k' }] },
  route_configuration: { name: 'r' },
};
