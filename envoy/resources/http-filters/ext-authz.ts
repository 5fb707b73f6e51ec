/** envoy.extensions.filters.http.ext_authz.v3.ExtAuthz and ExtAuthzPerRoute. */
import type { AuthzBody, AuthzService, ExtAuthzFilter, ExtAuthzOverride, StringMatcher } from '@weft/core/proxy-config';
import type { Messages } from '../../tables/index.ts';
import type { Cursor } from '../base/cursor.ts';
import { filled, some, unless } from '../base/encoding.ts';
import { decodeFraction, decodeString, encodeFraction, encodeString } from '../base/matcher.ts';
import { decodeMetadataMatcher, encodeMetadataMatcher } from '../base/metadata-matcher.ts';
import {
  decodeUnaryService,
  decodeHeaderPair,
  decodeHttpService,
  encodeGrpcService,
  encodeHeaderPair,
  encodeHttpService,
} from '../base/service.ts';
import { decodeHttpStatus, encodeHttpStatus } from './http-status.ts';

type Wire = Messages['envoy.extensions.filters.http.ext_authz.v3.ExtAuthz'];
type WireRoute = Messages['envoy.extensions.filters.http.ext_authz.v3.ExtAuthzPerRoute'];
type WireSettings = Messages['envoy.extensions.filters.http.ext_authz.v3.CheckSettings'];
type WireBody = Messages['envoy.extensions.filters.http.ext_authz.v3.BufferSettings'];
type WireHttp = Messages['envoy.extensions.filters.http.ext_authz.v3.HttpService'];
type WireAnswer = Messages['envoy.extensions.filters.http.ext_authz.v3.AuthorizationResponse'];
type WireMatchers = Messages['envoy.type.matcher.v3.ListStringMatcher'];

export const EXT_AUTHZ = 'envoy.extensions.filters.http.ext_authz.v3.ExtAuthz';
export const EXT_AUTHZ_PER_ROUTE = 'envoy.extensions.filters.http.ext_authz.v3.ExtAuthzPerRoute';

const FORBIDDEN = 403;
const ALL = { numerator: 100, denominator: 100 } as const;

const matchers = (cursor: Cursor<WireMatchers>): StringMatcher[] => cursor.each('patterns', decodeString);
const list = (patterns: readonly StringMatcher[]): WireMatchers | undefined =>
  patterns.length === 0 ? undefined : { patterns: patterns.map(encodeString) };

export function decodeExtAuthz(cursor: Cursor<Wire>): ExtAuthzFilter {
  // Unset it is AUTO, which Envoy takes here.
  if (!['V3', 'AUTO', undefined].includes(cursor.take('transport_api_version')))
    cursor.fault('transport_api_version', 'invalid-value', 'only V3 is spoken', 'set transport_api_version: V3');
  const service = takeService(cursor);
  if (service === undefined) cursor.refuse('missing-field', 'neither grpc_service nor http_service');
  const denies = cursor.within('deny_at_disable', (flag) => {
    flag.take('runtime_key');
    return flag.take('default_value') ?? false;
  });
  const enabledMetadata = cursor.within('filter_enabled_metadata', decodeMetadataMatcher);
  cursor.take('validate_mutations');
  cursor.only('charge_cluster_response_stats', false);
  return {
    kind: 'ext-authz',
    service: service ?? NO_SERVICE,
    failureModeAllow: cursor.take('failure_mode_allow') ?? false,
    failureModeHeader: cursor.take('failure_mode_allow_header_add') ?? false,
    body: cursor.within('with_request_body', decodeBody),
    clearRouteCache: cursor.take('clear_route_cache') ?? false,
    statusOnError: cursor.within('status_on_error', (status) => decodeHttpStatus(status, FORBIDDEN)) ?? FORBIDDEN,
    metadataNamespaces: cursor.take('metadata_context_namespaces') ?? [],
    enabled: cursor.within('filter_enabled', decodeFraction) ?? ALL,
    denyAtDisable: denies ?? false,
    ...(enabledMetadata === undefined ? {} : { enabledMetadata }),
    peerCertificate: cursor.take('include_peer_certificate') ?? false,
    tlsSession: cursor.take('include_tls_session') ?? false,
    statPrefix: cursor.take('stat_prefix') ?? '',
    allowedHeaders: cursor.within('allowed_headers', matchers),
    disallowedHeaders: cursor.within('disallowed_headers', matchers) ?? [],
    takesMetadata: cursor.take('enable_dynamic_metadata_ingestion') ?? true,
  };
}

const NO_SERVICE: AuthzService = {
  kind: 'grpc',
  service: { cluster: '', authority: '', timeout: undefined, initialMetadata: [], maxReceiveMessageLength: 0 },
};

type WithService = Pick<Wire, 'grpc_service' | 'http_service'>;

function takeService<Message extends WithService>(cursor: Cursor<Message>): AuthzService | undefined {
  const own = cursor as unknown as Cursor<WithService>;
  const grpc = own.within('grpc_service', decodeUnaryService);
  return grpc === undefined ? own.within('http_service', decodeHttp) : { kind: 'grpc', service: grpc };
}

function decodeHttp(cursor: Cursor<WireHttp>): AuthzService {
  const service = cursor.within('server_uri', decodeHttpService);
  if (service === undefined) cursor.fault('server_uri', 'missing-field', 'a service by HTTP needs its server_uri');
  const answer = cursor.within('authorization_response', decodeAnswer);
  return {
    kind: 'http',
    service: service ?? { uri: '', cluster: '', timeout: 0 },
    pathPrefix: cursor.take('path_prefix') ?? '',
    headers:
      cursor.within('authorization_request', (request) => request.each('headers_to_add', decodeHeaderPair)) ?? [],
    ...(answer ?? NO_ANSWER),
  };
}

type Answer = Pick<
  Extract<AuthzService, { kind: 'http' }>,
  'toUpstream' | 'appendedToUpstream' | 'toClient' | 'toClientOnSuccess' | 'toMetadata'
>;

const NO_ANSWER: Answer = {
  toUpstream: [],
  appendedToUpstream: [],
  toClient: [],
  toClientOnSuccess: [],
  toMetadata: [],
};

const decodeAnswer = (cursor: Cursor<WireAnswer>): Answer => ({
  toUpstream: cursor.within('allowed_upstream_headers', matchers) ?? [],
  appendedToUpstream: cursor.within('allowed_upstream_headers_to_append', matchers) ?? [],
  toClient: cursor.within('allowed_client_headers', matchers) ?? [],
  toClientOnSuccess: cursor.within('allowed_client_headers_on_success', matchers) ?? [],
  toMetadata: cursor.within('dynamic_metadata_from_headers', matchers) ?? [],
});

const decodeBody = (cursor: Cursor<WireBody>): AuthzBody => ({
  maxBytes: cursor.take('max_request_bytes') ?? 0,
  partial: cursor.take('allow_partial_message') ?? false,
  asBytes: cursor.take('pack_as_bytes') ?? false,
});

export function decodeExtAuthzPerRoute(cursor: Cursor<WireRoute>): ExtAuthzOverride {
  const disabled = cursor.take('disabled') ?? false;
  const settings = cursor.within('check_settings', decodeSettings);
  if (settings === undefined && !disabled) cursor.refuse('missing-field', 'neither disabled nor check_settings');
  return { kind: 'ext-authz', disabled, ...(settings ?? NO_SETTINGS) };
}

type Settings = Omit<ExtAuthzOverride, 'kind' | 'disabled'>;

const NO_SETTINGS: Settings = { contextExtensions: [], ignoresBody: false, body: undefined, service: undefined };

const decodeSettings = (cursor: Cursor<WireSettings>): Settings => ({
  contextExtensions: [...(cursor.take('context_extensions') ?? [])].toSorted(([a], [b]) => (a < b ? -1 : 1)),
  ignoresBody: cursor.take('disable_request_body_buffering') ?? false,
  body: cursor.within('with_request_body', decodeBody),
  service: takeService(cursor),
});

export const encodeExtAuthz = (filter: ExtAuthzFilter): Wire => ({
  ...encodeService(filter.service),
  transport_api_version: 'V3',
  failure_mode_allow: unless(filter.failureModeAllow, false),
  failure_mode_allow_header_add: unless(filter.failureModeHeader, false),
  with_request_body: filter.body === undefined ? undefined : encodeBody(filter.body),
  clear_route_cache: unless(filter.clearRouteCache, false),
  status_on_error: filter.statusOnError === FORBIDDEN ? undefined : encodeHttpStatus(filter.statusOnError),
  metadata_context_namespaces: some(filter.metadataNamespaces),
  filter_enabled:
    filter.enabled.numerator === 100 && filter.enabled.denominator === 100 && filter.enabled.runtimeKey === undefined
      ? undefined
      : encodeFraction(filter.enabled),
  filter_enabled_metadata:
    filter.enabledMetadata === undefined ? undefined : encodeMetadataMatcher(filter.enabledMetadata),
  deny_at_disable: filter.denyAtDisable ? { default_value: true } : undefined,
  include_peer_certificate: unless(filter.peerCertificate, false),
  include_tls_session: unless(filter.tlsSession, false),
  stat_prefix: filter.statPrefix || undefined,
  allowed_headers:
    filter.allowedHeaders === undefined ? undefined : { patterns: some(filter.allowedHeaders.map(encodeString)) },
  disallowed_headers: list(filter.disallowedHeaders),
  enable_dynamic_metadata_ingestion: unless(filter.takesMetadata, true),
});

function encodeService(service: AuthzService): WithService {
  if (service.kind === 'grpc') return { grpc_service: encodeGrpcService(service.service) };
  return {
    http_service: {
      server_uri: encodeHttpService(service.service),
      path_prefix: service.pathPrefix || undefined,
      authorization_request:
        service.headers.length === 0 ? undefined : { headers_to_add: service.headers.map(encodeHeaderPair) },
      authorization_response: filled({
        allowed_upstream_headers: list(service.toUpstream),
        allowed_upstream_headers_to_append: list(service.appendedToUpstream),
        allowed_client_headers: list(service.toClient),
        allowed_client_headers_on_success: list(service.toClientOnSuccess),
        dynamic_metadata_from_headers: list(service.toMetadata),
      }),
    },
  };
}

const encodeBody = (body: AuthzBody): WireBody => ({
  max_request_bytes: body.maxBytes,
  allow_partial_message: unless(body.partial, false),
  pack_as_bytes: unless(body.asBytes, false),
});

export const encodeExtAuthzPerRoute = (override: ExtAuthzOverride): WireRoute =>
  override.disabled
    ? { disabled: true }
    : {
        check_settings: {
          context_extensions: override.contextExtensions.length === 0 ? undefined : new Map(override.contextExtensions),
          disable_request_body_buffering: unless(override.ignoresBody, false),
          with_request_body: override.body === undefined ? undefined : encodeBody(override.body),
          ...(override.service === undefined ? {} : encodeService(override.service)),
        },
      };
