/** envoy.config.route.v3.RouteAction. */
import type { ForwardAction, Mirror, RouteMatch, StreamDuration } from '@weft/core/proxy-config';
import type { Messages } from '../../tables/index.ts';
import type { Cursor } from '../base/cursor.ts';
import { durationUnless, fromMilliseconds, takeDuration } from '../base/duration.ts';
import { some, type Encoding } from '../base/encoding.ts';
import { enumName, takeEnum, type EnumTable } from '../base/enumeration.ts';
import { metadataMatchField, takeMetadataMatch } from '../base/lb-metadata.ts';
import { decodeHashPolicy, encodeHashPolicy } from './hash-policy.ts';
import { decodeInternalRedirect, encodeInternalRedirect } from './internal-redirect.ts';
import { decodeMirror, encodeMirror } from './mirror.ts';
import { encodeRateLimits, takeRateLimits } from './rate-limit.ts';
import { decodeRetryPolicy, encodeRetryPolicy } from './retry.ts';
import { decodeRewrites, encodeRewrites } from './rewrite.ts';
import { ROUTE_TIMEOUT } from './standards.ts';
import { decodeTarget, encodeTarget } from './target.ts';

type Wire = Messages['envoy.config.route.v3.RouteAction'];
type Upgrade = Messages['envoy.config.route.v3.RouteAction.UpgradeConfig'];

const NOT_FOUND: EnumTable<
  ForwardAction['clusterNotFoundStatus'],
  'SERVICE_UNAVAILABLE' | 'NOT_FOUND' | 'INTERNAL_SERVER_ERROR'
> = [
  [503, 'SERVICE_UNAVAILABLE'],
  [404, 'NOT_FOUND'],
  [500, 'INTERNAL_SERVER_ERROR'],
];

const PRIORITIES: EnumTable<ForwardAction['priority'], 'DEFAULT' | 'HIGH'> = [
  ['default', 'DEFAULT'],
  ['high', 'HIGH'],
];

/** What a route has from its virtual host and table unless it says otherwise. */
export interface Inherited {
  readonly mirrors: readonly Mirror[];
  readonly hedges: boolean;
}

/** `match`: of the same route. */
export function decodeForward(
  cursor: Cursor<Wire>,
  match: RouteMatch['path'] | undefined,
  inherited: Inherited,
): ForwardAction {
  const mirrors = cursor.each('request_mirror_policies', decodeMirror);
  return {
    kind: 'forward',
    ...takeRateLimits(cursor),
    ...(cursor.take('include_vh_rate_limits') === true ? { includesHostLimits: true } : {}),
    ...((cursor.within('hedge_policy', decodeHedging) ?? inherited.hedges) ? { hedges: true } : {}),
    target: decodeTarget(cursor),
    metadataMatch: takeMetadataMatch(cursor.take('metadata_match'), cursor.at('metadata_match'), cursor.report),
    clusterNotFoundStatus: takeEnum(cursor, 'cluster_not_found_response_code', NOT_FOUND),
    rewrite: decodeRewrites(cursor, match),
    timeout: takeDuration(cursor, 'timeout', ROUTE_TIMEOUT),
    streamDuration: cursor.within('max_stream_duration', decodeStreamDuration),
    grpcTimeout: decodeGrpcTimeout(cursor),
    idleTimeout: cursor.has('idle_timeout') ? takeDuration(cursor, 'idle_timeout', 0) : undefined,
    retryPolicy: cursor.within('retry_policy', decodeRetryPolicy),
    upgrades: cursor.each('upgrade_configs', decodeUpgrade),
    hashPolicies: cursor.each('hash_policy', decodeHashPolicy),
    priority: takeEnum(cursor, 'priority', PRIORITIES),
    mirrors: mirrors.length > 0 ? mirrors : inherited.mirrors,
    internalRedirect: cursor.within('internal_redirect_policy', decodeInternalRedirect),
  };
}

/** Whether there is hedging. More requests from the start and by chance stand in Envoy's message, but Envoy does not send them. */
export function decodeHedging(cursor: Cursor<Messages['envoy.config.route.v3.HedgePolicy']>): boolean {
  cursor.only('initial_requests', 1);
  return cursor.take('hedge_on_per_try_timeout') ?? false;
}

function decodeStreamDuration(
  cursor: Cursor<Messages['envoy.config.route.v3.RouteAction.MaxStreamDuration']>,
): StreamDuration {
  return {
    duration: cursor.has('max_stream_duration') ? takeDuration(cursor, 'max_stream_duration', 0) : undefined,
    grpcHeaderMax: cursor.has('grpc_timeout_header_max')
      ? takeDuration(cursor, 'grpc_timeout_header_max', 0)
      : undefined,
    grpcHeaderOffset: takeDuration(cursor, 'grpc_timeout_header_offset', 0),
  };
}

function decodeGrpcTimeout(cursor: Cursor<Wire>): ForwardAction['grpcTimeout'] {
  if (cursor.has('max_grpc_timeout')) {
    return {
      max: takeDuration(cursor, 'max_grpc_timeout', 0),
      offset: takeDuration(cursor, 'grpc_timeout_offset', 0),
    };
  }
  if (cursor.has('grpc_timeout_offset'))
    cursor.fault('grpc_timeout_offset', 'invalid-value', 'without max_grpc_timeout it has no effect');
  cursor.take('grpc_timeout_offset');
  return undefined;
}

/** CONNECT ends here: it opens a connection to the cluster (connect_config). Envoy can also pass the request on, which Weft does not. */
function decodeUpgrade(cursor: Cursor<Upgrade>): ForwardAction['upgrades'][number] {
  const type = (cursor.take('upgrade_type') ?? '').toLowerCase();
  const enabled = cursor.take('enabled') ?? true;
  const ends = cursor.within('connect_config', () => true) ?? false;
  if (ends && type !== 'connect') cursor.fault('connect_config', 'invalid-value', `only for CONNECT, not for ${type}`);
  if (enabled && !ends && type === 'connect') {
    cursor.refuse('unsupported-value', 'CONNECT is not passed on', 'add `connect_config: {}`');
  }
  return { type, enabled };
}

const encodeUpgrade = ({ type, enabled }: ForwardAction['upgrades'][number]): Upgrade => ({
  upgrade_type: type,
  enabled: enabled ? undefined : false,
  connect_config: type === 'connect' && enabled ? {} : undefined,
});

export function encodeForward(action: ForwardAction, encoding: Encoding, path: string): Wire {
  if (encoding.profile.engine === 'grpc') return encodeForGrpc(action, encoding, path);
  return {
    ...encodeTarget(action, encoding, `${path}.target`),
    cluster_not_found_response_code: enumName(action.clusterNotFoundStatus, NOT_FOUND),
    ...encodeRewrites(action.rewrite),
    timeout: durationUnless(action.timeout, ROUTE_TIMEOUT),
    max_stream_duration: action.streamDuration === undefined ? undefined : encodeStreamDuration(action.streamDuration),
    max_grpc_timeout: action.grpcTimeout === undefined ? undefined : fromMilliseconds(action.grpcTimeout.max),
    grpc_timeout_offset: action.grpcTimeout === undefined ? undefined : durationUnless(action.grpcTimeout.offset, 0),
    idle_timeout: action.idleTimeout === undefined ? undefined : fromMilliseconds(action.idleTimeout),
    retry_policy:
      action.retryPolicy === undefined
        ? undefined
        : encodeRetryPolicy(action.retryPolicy, encoding, `${path}.retryPolicy`),
    request_mirror_policies: some(action.mirrors.map(encodeMirror)),
    internal_redirect_policy:
      action.internalRedirect === undefined ? undefined : encodeInternalRedirect(action.internalRedirect),
    metadata_match: metadataMatchField(action.metadataMatch),
    priority: enumName(action.priority, PRIORITIES),
    hash_policy: some(action.hashPolicies.map(encodeHashPolicy)),
    upgrade_configs: some(action.upgrades.map(encodeUpgrade)),
    ...encodeRateLimits(action.rateLimits),
    include_vh_rate_limits: action.includesHostLimits,
    hedge_policy: action.hedges === true ? { hedge_on_per_try_timeout: true } : undefined,
  };
}

const encodeStreamDuration = (limit: StreamDuration): NonNullable<Wire['max_stream_duration']> => ({
  max_stream_duration: limit.duration === undefined ? undefined : fromMilliseconds(limit.duration),
  grpc_timeout_header_max: limit.grpcHeaderMax === undefined ? undefined : fromMilliseconds(limit.grpcHeaderMax),
  grpc_timeout_header_offset: durationUnless(limit.grpcHeaderOffset, 0),
});

/** gRPC clients read the target, max_stream_duration (gRFC A31), retries (A44) and hash policies (A42). */
function encodeForGrpc(action: ForwardAction, encoding: Encoding, path: string): Wire {
  const { path: pathRewrite, host } = action.rewrite;
  if (pathRewrite.kind !== 'none')
    encoding.cannotSay(`${path}.rewrite.path`, 'gRPC clients do not rewrite paths', 'error');
  if (host.kind !== 'none') encoding.cannotSay(`${path}.rewrite.host`, 'gRPC clients do not rewrite hosts');
  if (action.mirrors.length > 0) encoding.cannotSay(`${path}.mirrors`, 'gRPC clients do not mirror');
  if (action.internalRedirect !== undefined)
    encoding.cannotSay(`${path}.internalRedirect`, 'gRPC clients follow no redirects');
  if ((action.streamDuration?.grpcHeaderOffset ?? action.grpcTimeout?.offset ?? 0) > 0)
    encoding.cannotSay(`${path}.streamDuration.grpcHeaderOffset`, 'gRPC clients keep their own deadline');
  if (action.idleTimeout !== undefined) encoding.cannotSay(`${path}.idleTimeout`, 'gRPC clients have no idle timeout');
  if (action.metadataMatch.length > 0)
    encoding.cannotSay(`${path}.metadataMatch`, 'gRPC clients know no subsets', 'error');
  if (action.hedges === true) encoding.cannotSay(`${path}.hedges`, 'gRPC clients do not hedge by this policy');
  if (action.priority === 'high') encoding.cannotSay(`${path}.priority`, 'gRPC clients have one priority');
  return {
    ...encodeTarget(action, encoding, `${path}.target`),
    retry_policy:
      action.retryPolicy === undefined
        ? undefined
        : encodeRetryPolicy(action.retryPolicy, encoding, `${path}.retryPolicy`),
    hash_policy: some(action.hashPolicies.filter((policy) => policy.kind === 'header').map(encodeHashPolicy)),
    max_stream_duration:
      action.streamDuration === undefined
        ? { grpc_timeout_header_max: fromMilliseconds(action.grpcTimeout?.max ?? action.timeout) }
        : encodeStreamDuration({ ...action.streamDuration, grpcHeaderOffset: 0 }),
  };
}
