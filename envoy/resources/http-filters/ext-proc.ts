/** envoy.extensions.filters.http.ext_proc.v3.ExternalProcessor and ExtProcPerRoute. */
import type { BodyProcessing, ExtProcFilter, ExtProcOverride, ProcessingModes } from '@weft/core/proxy-config';
import type { Messages } from '../../tables/index.ts';
import type { Cursor } from '../base/cursor.ts';
import { durationUnless, takeDuration } from '../base/duration.ts';
import { filled, some, unless } from '../base/encoding.ts';
import { enumName, takeEnum, type EnumTable } from '../base/enumeration.ts';
import { decodeString, encodeString } from '../base/matcher.ts';
import { decodeGrpcService, decodeHeaderPair, encodeGrpcService, encodeHeaderPair } from '../base/service.ts';
import { decodeHttpStatus, encodeHttpStatus } from './http-status.ts';

export const EXT_PROC = 'envoy.extensions.filters.http.ext_proc.v3.ExternalProcessor';
export const EXT_PROC_PER_ROUTE = 'envoy.extensions.filters.http.ext_proc.v3.ExtProcPerRoute';

type Wire = Messages[typeof EXT_PROC];
type WireRoute = Messages[typeof EXT_PROC_PER_ROUTE];
type WireModes = Messages['envoy.extensions.filters.http.ext_proc.v3.ProcessingMode'];
type WireRules = Messages['envoy.extensions.filters.http.ext_proc.v3.HeaderForwardingRules'];

const MESSAGE_TIMEOUT = 200;
const ERROR_STATUS = 500;

export const BODY_MODES: EnumTable<BodyProcessing, 'NONE' | 'STREAMED' | 'BUFFERED' | 'BUFFERED_PARTIAL'> = [
  ['none', 'NONE'],
  ['streamed', 'STREAMED'],
  ['buffered', 'BUFFERED'],
  ['buffered-partial', 'BUFFERED_PARTIAL'],
];

const ROUTE_CACHE: EnumTable<ExtProcFilter['routeCache'], 'DEFAULT' | 'CLEAR' | 'RETAIN'> = [
  ['default', 'DEFAULT'],
  ['clear', 'CLEAR'],
  ['retain', 'RETAIN'],
];

export const STANDARD_MODES: ProcessingModes = {
  requestHeaders: true,
  responseHeaders: true,
  requestBody: 'none',
  responseBody: 'none',
};

export function decodeModes(cursor: Cursor<WireModes>): ProcessingModes {
  for (const field of ['request_trailer_mode', 'response_trailer_mode'] as const) {
    const mode = cursor.take(field);
    if (mode === 'SEND') cursor.fault(field, 'unsupported-value', 'trailers are not processed here', 'leave it out');
  }
  return {
    requestHeaders: cursor.take('request_header_mode') !== 'SKIP',
    responseHeaders: cursor.take('response_header_mode') !== 'SKIP',
    requestBody: takeEnum(cursor, 'request_body_mode', BODY_MODES),
    responseBody: takeEnum(cursor, 'response_body_mode', BODY_MODES),
  };
}

const encodeModes = (modes: ProcessingModes): WireModes => ({
  request_header_mode: modes.requestHeaders ? undefined : 'SKIP',
  response_header_mode: modes.responseHeaders ? undefined : 'SKIP',
  request_body_mode: enumName(modes.requestBody, BODY_MODES),
  response_body_mode: enumName(modes.responseBody, BODY_MODES),
});

export function decodeExtProc(cursor: Cursor<Wire>): ExtProcFilter {
  const service = cursor.within('grpc_service', decodeGrpcService);
  if (service === undefined)
    cursor.fault('grpc_service', 'missing-field', 'a service by gRPC is needed', 'name its cluster in envoy_grpc');
  const rules = cursor.within('forward_rules', decodeRules);
  const retains = cursor.take('disable_clear_route_cache') ?? false;
  const routeCache = takeEnum(cursor, 'route_cache_action', ROUTE_CACHE);
  if (retains && routeCache !== 'default')
    cursor.fault('disable_clear_route_cache', 'oneof-conflict', 'not beside route_cache_action');
  return {
    kind: 'ext-proc',
    service: service ?? NO_SERVICE,
    failureModeAllow: cursor.take('failure_mode_allow') ?? false,
    modes: cursor.within('processing_mode', decodeModes) ?? STANDARD_MODES,
    messageTimeout: takeDuration(cursor, 'message_timeout', MESSAGE_TIMEOUT),
    maxMessageTimeout: takeDuration(cursor, 'max_message_timeout', 0),
    statPrefix: cursor.take('stat_prefix') ?? '',
    allowModeOverride: cursor.take('allow_mode_override') ?? false,
    disableImmediateResponse: cursor.take('disable_immediate_response') ?? false,
    routeCache: retains ? 'retain' : routeCache,
    statusOnError: cursor.within('status_on_error', (status) => decodeHttpStatus(status, ERROR_STATUS)) ?? ERROR_STATUS,
    allowedHeaders: rules?.allowed,
    disallowedHeaders: rules?.disallowed ?? [],
  };
}

const NO_SERVICE: ExtProcFilter['service'] = {
  cluster: '',
  authority: '',
  timeout: undefined,
  initialMetadata: [],
  maxReceiveMessageLength: 0,
};

const decodeRules = (cursor: Cursor<WireRules>) => ({
  allowed: cursor.within('allowed_headers', (list) => list.each('patterns', decodeString)),
  disallowed: cursor.within('disallowed_headers', (list) => list.each('patterns', decodeString)),
});

export const encodeExtProc = (filter: ExtProcFilter): Wire => ({
  grpc_service: encodeGrpcService(filter.service),
  failure_mode_allow: unless(filter.failureModeAllow, false),
  processing_mode: filled(encodeModes(filter.modes)),
  message_timeout: durationUnless(filter.messageTimeout, MESSAGE_TIMEOUT),
  max_message_timeout: durationUnless(filter.maxMessageTimeout, 0),
  stat_prefix: filter.statPrefix || undefined,
  allow_mode_override: unless(filter.allowModeOverride, false),
  disable_immediate_response: unless(filter.disableImmediateResponse, false),
  route_cache_action: enumName(filter.routeCache, ROUTE_CACHE),
  status_on_error: filter.statusOnError === ERROR_STATUS ? undefined : encodeHttpStatus(filter.statusOnError),
  forward_rules: filled({
    allowed_headers:
      filter.allowedHeaders === undefined ? undefined : { patterns: some(filter.allowedHeaders.map(encodeString)) },
    disallowed_headers:
      filter.disallowedHeaders.length === 0 ? undefined : { patterns: filter.disallowedHeaders.map(encodeString) },
  }),
});

export function decodeExtProcPerRoute(cursor: Cursor<WireRoute>): ExtProcOverride {
  const disabled = cursor.take('disabled') ?? false;
  const said = cursor.within('overrides', (overrides) => ({
    modes: overrides.within('processing_mode', decodeModes),
    service: overrides.within('grpc_service', decodeGrpcService),
    failureModeAllow: overrides.take('failure_mode_allow'),
    initialMetadata: overrides.each('grpc_initial_metadata', decodeHeaderPair),
  }));
  if (said === undefined && !disabled) cursor.refuse('missing-field', 'neither disabled nor overrides');
  return { kind: 'ext-proc', disabled, ...(said ?? NO_OVERRIDES) };
}

const NO_OVERRIDES: Omit<ExtProcOverride, 'kind' | 'disabled'> = {
  modes: undefined,
  service: undefined,
  failureModeAllow: undefined,
  initialMetadata: [],
};

export const encodeExtProcPerRoute = (override: ExtProcOverride): WireRoute =>
  override.disabled
    ? { disabled: true }
    : {
        overrides: {
          processing_mode: override.modes === undefined ? undefined : encodeModes(override.modes),
          grpc_service: override.service === undefined ? undefined : encodeGrpcService(override.service),
          failure_mode_allow: override.failureModeAllow,
          grpc_initial_metadata: some(override.initialMetadata.map(encodeHeaderPair)),
        },
      };
