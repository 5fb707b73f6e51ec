/** envoy.extensions.filters.http.ext_proc.v3.ExternalProcessor and ExtProcPerRoute. */
import { createRequire } from 'node:module';
import type { AttributeName } from '@weft/core/cel';
import type {
  BodyProcessing,
  ExtProcFilter,
  ExtProcOverride,
  MutationRules,
  ProcessingModes,
} from '@weft/core/proxy-config';
import type { Messages } from '../../tables/index.ts';
import type { Cursor } from '../base/cursor.ts';
import { durationUnless, takeDuration } from '../base/duration.ts';
import { filled, some, unless } from '../base/encoding.ts';
import { enumName, takeEnum, type EnumTable } from '../base/enumeration.ts';
import { decodeRegex, decodeString, encodeString } from '../base/matcher.ts';
import { decodeGrpcService, decodeHeaderPair, encodeGrpcService, encodeHeaderPair } from '../base/service.ts';
import { decodeHttpStatus, encodeHttpStatus } from './http-status.ts';

export const EXT_PROC = 'envoy.extensions.filters.http.ext_proc.v3.ExternalProcessor';
export const EXT_PROC_PER_ROUTE = 'envoy.extensions.filters.http.ext_proc.v3.ExtProcPerRoute';

type Wire = Messages[typeof EXT_PROC];
type WireRoute = Messages[typeof EXT_PROC_PER_ROUTE];
type WireModes = Messages['envoy.extensions.filters.http.ext_proc.v3.ProcessingMode'];
type WireMutationRules = Messages['envoy.config.common.mutation_rules.v3.HeaderMutationRules'];
type WireRules = Messages['envoy.extensions.filters.http.ext_proc.v3.HeaderForwardingRules'];

const require = createRequire(import.meta.url);
/** Loaded with the first attribute. */
const attributes = () => require('@weft/core/cel') as typeof import('@weft/core/cel');

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
  requestTrailers: false,
  responseTrailers: false,
};

export const decodeModes = (cursor: Cursor<WireModes>): ProcessingModes => ({
  requestHeaders: cursor.take('request_header_mode') !== 'SKIP',
  responseHeaders: cursor.take('response_header_mode') !== 'SKIP',
  requestBody: takeEnum(cursor, 'request_body_mode', BODY_MODES),
  responseBody: takeEnum(cursor, 'response_body_mode', BODY_MODES),
  requestTrailers: cursor.take('request_trailer_mode') === 'SEND',
  responseTrailers: cursor.take('response_trailer_mode') === 'SEND',
});

const encodeModes = (modes: ProcessingModes): WireModes => ({
  request_header_mode: modes.requestHeaders ? undefined : 'SKIP',
  response_header_mode: modes.responseHeaders ? undefined : 'SKIP',
  request_body_mode: enumName(modes.requestBody, BODY_MODES),
  response_body_mode: enumName(modes.responseBody, BODY_MODES),
  request_trailer_mode: modes.requestTrailers ? 'SEND' : undefined,
  response_trailer_mode: modes.responseTrailers ? 'SEND' : undefined,
});

function decodeRules(cursor: Cursor<WireMutationRules>): MutationRules {
  if (cursor.take('allow_all_routing') === true)
    cursor.fault(
      'allow_all_routing',
      'unsupported-value',
      'host, method and scheme are not changed by a service here',
      'leave it out',
    );
  return {
    allowEnvoy: cursor.take('allow_envoy') ?? false,
    disallowSystem: cursor.take('disallow_system') ?? false,
    disallowAll: cursor.take('disallow_all') ?? false,
    allow: cursor.within('allow_expression', decodeRegex),
    disallow: cursor.within('disallow_expression', decodeRegex),
    disallowIsError: cursor.take('disallow_is_error') ?? false,
  };
}

const encodeRules = (rules: MutationRules): WireMutationRules => ({
  allow_envoy: unless(rules.allowEnvoy, false),
  disallow_system: unless(rules.disallowSystem, false),
  disallow_all: unless(rules.disallowAll, false),
  allow_expression: rules.allow === undefined ? undefined : { regex: rules.allow },
  disallow_expression: rules.disallow === undefined ? undefined : { regex: rules.disallow },
  disallow_is_error: unless(rules.disallowIsError, false),
});

/** Attributes that the engine knows, each once; whole maps are not told. */
function takeAttributes(
  cursor: Cursor<Wire>,
  field: 'request_attributes' | 'response_attributes',
): readonly AttributeName[] {
  const names = cursor.take(field) ?? [];
  if (names.length === 0) return [];
  const { attributeName, ATTRIBUTES } = attributes();
  return [...new Set(names)].flatMap((text, index) => {
    const name = attributeName(text);
    if (name !== undefined && !['headers', 'struct'].includes(ATTRIBUTES[name])) return [name];
    cursor.report.fault(
      cursor.at(field).index(index),
      'unsupported-value',
      `${JSON.stringify(text)} is no attribute that a service is told here`,
      'docs/observe.md says which there are',
    );
    return [];
  });
}

export function decodeExtProc(cursor: Cursor<Wire>): ExtProcFilter {
  const service = cursor.within('grpc_service', decodeGrpcService);
  if (service === undefined)
    cursor.fault('grpc_service', 'missing-field', 'a service by gRPC is needed', 'name its cluster in envoy_grpc');
  const shown = cursor.within('forward_rules', decodeShown);
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
    // Whether request headers are shown was decided before.
    allowedOverrideModes: cursor.each('allowed_override_modes', decodeModes).map((modes) => ({
      ...modes,
      requestHeaders: true,
    })),
    mutationRules: cursor.within('mutation_rules', decodeRules),
    requestAttributes: takeAttributes(cursor, 'request_attributes'),
    responseAttributes: takeAttributes(cursor, 'response_attributes'),
    disableImmediateResponse: cursor.take('disable_immediate_response') ?? false,
    routeCache: retains ? 'retain' : routeCache,
    statusOnError: cursor.within('status_on_error', (status) => decodeHttpStatus(status, ERROR_STATUS)) ?? ERROR_STATUS,
    allowedHeaders: shown?.allowed,
    disallowedHeaders: shown?.disallowed ?? [],
  };
}

const NO_SERVICE: ExtProcFilter['service'] = {
  cluster: '',
  authority: '',
  timeout: undefined,
  initialMetadata: [],
  maxReceiveMessageLength: 0,
};

const decodeShown = (cursor: Cursor<WireRules>) => ({
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
  allowed_override_modes: some(filter.allowedOverrideModes.map(encodeModes)),
  mutation_rules: filter.mutationRules === undefined ? undefined : encodeRules(filter.mutationRules),
  request_attributes: some(filter.requestAttributes),
  response_attributes: some(filter.responseAttributes),
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
