/** envoy.config.route.v3.RouteAction. */
import type { ForwardAction, HashPolicy, StreamDuration, WeightedCluster } from '@weft/core/proxy-config';
import type { Messages } from '../../tables/index.ts';
import type { Cursor } from '../base/cursor.ts';
import { durationUnless, fromMilliseconds, takeDuration } from '../base/duration.ts';
import { some, type Encoding } from '../base/encoding.ts';
import { enumName, takeEnum, type EnumTable } from '../base/enumeration.ts';
import { metadataMatchField, takeMetadataMatch } from '../base/lb-metadata.ts';
import { decodeFraction, encodeFraction } from '../base/matcher.ts';
import { encodeHeaders, takeHeaders } from './headers.ts';
import { decodeRewrite } from './redirect.ts';
import { decodeRetryPolicy, encodeRetryPolicy } from './retry.ts';
import { ROUTE_TIMEOUT } from './standards.ts';

type Wire = Messages['envoy.config.route.v3.RouteAction'];
type Upgrade = Messages['envoy.config.route.v3.RouteAction.UpgradeConfig'];
type WireHash = Messages['envoy.config.route.v3.RouteAction.HashPolicy'];

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

export function decodeForward(cursor: Cursor<Wire>): ForwardAction {
  return {
    kind: 'forward',
    target: decodeTarget(cursor),
    metadataMatch: takeMetadataMatch(cursor.take('metadata_match'), cursor.at('metadata_match'), cursor.report),
    clusterNotFoundStatus: takeEnum(cursor, 'cluster_not_found_response_code', NOT_FOUND),
    rewrite: {
      path: decodePathRewrite(cursor),
      host: decodeHostRewrite(cursor),
      appendXForwardedHost: cursor.take('append_x_forwarded_host') ?? false,
    },
    timeout: takeDuration(cursor, 'timeout', ROUTE_TIMEOUT),
    streamDuration: cursor.within('max_stream_duration', decodeStreamDuration),
    grpcTimeout: decodeGrpcTimeout(cursor),
    idleTimeout: cursor.has('idle_timeout') ? takeDuration(cursor, 'idle_timeout', 0) : undefined,
    retryPolicy: cursor.within('retry_policy', decodeRetryPolicy),
    upgrades: cursor.each('upgrade_configs', decodeUpgrade),
    hashPolicies: cursor.each('hash_policy', decodeHashPolicy),
    priority: takeEnum(cursor, 'priority', PRIORITIES),
    mirrors: cursor.each('request_mirror_policies', decodeMirror),
  };
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

function decodeMirror(
  cursor: Cursor<Messages['envoy.config.route.v3.RouteAction.RequestMirrorPolicy']>,
): ForwardAction['mirrors'][number] {
  const cluster = cursor.take('cluster') ?? '';
  if (cluster === '') cursor.fault('cluster', 'missing-field', 'a mirror policy needs its cluster');
  return { cluster, fraction: cursor.within('runtime_fraction', decodeFraction) };
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

function decodeTarget(cursor: Cursor<Wire>): ForwardAction['target'] {
  const header = cursor.take('cluster_header');
  if (header !== undefined) return { kind: 'cluster-header', header: header.toLowerCase() };
  const clusters = cursor.within('weighted_clusters', (weighted) => {
    weighted.only('runtime_key_prefix', '');
    weighted.only('use_hash_policy', false);
    const list = weighted.each('clusters', decodeWeighted);
    const sum = list.reduce((total, cluster) => total + cluster.weight, 0);
    if (sum < 1 || sum > 0xffffffff) weighted.fault('clusters', 'invalid-value', `the weights add up to ${sum}`);
    const total = weighted.take('total_weight');
    if (total !== undefined && total !== sum)
      weighted.fault('total_weight', 'invalid-value', `the weights add up to ${sum}`);
    return list;
  });
  if (clusters !== undefined) return { kind: 'weighted', clusters };
  return { kind: 'cluster', cluster: cursor.take('cluster') ?? '' };
}

function decodeWeighted(
  cursor: Cursor<Messages['envoy.config.route.v3.WeightedCluster.ClusterWeight']>,
): WeightedCluster {
  const cluster = cursor.take('name') ?? '';
  if (cluster === '') cursor.fault('name', 'missing-field', 'an entry needs the name of its cluster');
  const metadataMatch = takeMetadataMatch(cursor.take('metadata_match'), cursor.at('metadata_match'), cursor.report);
  return { cluster, weight: cursor.take('weight') ?? 0, metadataMatch, headers: takeHeaders(cursor) };
}

function decodePathRewrite(cursor: Cursor<Wire>): ForwardAction['rewrite']['path'] {
  const prefix = cursor.take('prefix_rewrite') ?? '';
  const regex = cursor.within('regex_rewrite', decodeRewrite);
  if (prefix !== '' && regex !== undefined)
    cursor.refuse('oneof-conflict', 'prefix_rewrite and regex_rewrite are both set');
  return prefix === '' ? (regex ?? { kind: 'none' }) : { kind: 'prefix', value: prefix };
}

function decodeHostRewrite(cursor: Cursor<Wire>): ForwardAction['rewrite']['host'] {
  const literal = cursor.take('host_rewrite_literal');
  if (literal !== undefined && literal !== '') return { kind: 'literal', value: literal };
  const header = cursor.take('host_rewrite_header');
  if (header !== undefined && header !== '') return { kind: 'header', header: header.toLowerCase() };
  return cursor.take('auto_host_rewrite') === true ? { kind: 'auto' } : { kind: 'none' };
}

function decodeHashPolicy(cursor: Cursor<WireHash>): HashPolicy {
  const terminal = cursor.take('terminal') ?? false;
  const header = cursor.within('header', (inner) => inner.take('header_name') ?? '');
  if (header !== undefined) return { kind: 'header', header: header.toLowerCase(), terminal };
  const parameter = cursor.within('query_parameter', (inner) => inner.take('name') ?? '');
  if (parameter !== undefined) return { kind: 'query', parameter, terminal };
  const byAddress = cursor.within('connection_properties', (inner) => inner.take('source_ip') ?? false);
  if (byAddress !== true)
    cursor.refuse('unsupported-value', 'only header, query_parameter and source_ip are supported here');
  return { kind: 'source-ip', terminal };
}

export function encodeForward(action: ForwardAction, encoding: Encoding, path: string): Wire {
  if (encoding.profile.engine === 'grpc') return encodeForGrpc(action, encoding, path);
  return {
    ...encodeTarget(action),
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
    request_mirror_policies: some(
      action.mirrors.map((mirror) => ({
        cluster: mirror.cluster,
        runtime_fraction: mirror.fraction === undefined ? undefined : encodeFraction(mirror.fraction),
      })),
    ),
    metadata_match: metadataMatchField(action.metadataMatch),
    priority: enumName(action.priority, PRIORITIES),
    hash_policy: some(action.hashPolicies.map(encodeHashPolicy)),
    upgrade_configs: some(action.upgrades.map(encodeUpgrade)),
  };
}

const encodeStreamDuration = (limit: StreamDuration): NonNullable<Wire['max_stream_duration']> => ({
  max_stream_duration: limit.duration === undefined ? undefined : fromMilliseconds(limit.duration),
  grpc_timeout_header_max: limit.grpcHeaderMax === undefined ? undefined : fromMilliseconds(limit.grpcHeaderMax),
  grpc_timeout_header_offset: durationUnless(limit.grpcHeaderOffset, 0),
});

function encodeTarget(action: ForwardAction): Wire {
  const { target } = action;
  switch (target.kind) {
    case 'cluster':
      return { cluster: target.cluster };
    case 'cluster-header':
      return { cluster_header: target.header };
    case 'weighted':
      return {
        weighted_clusters: {
          clusters: target.clusters.map((cluster) => ({
            name: cluster.cluster,
            weight: cluster.weight,
            metadata_match: metadataMatchField(cluster.metadataMatch),
            ...encodeHeaders(cluster.headers),
          })),
        },
      };
  }
}

function encodeRewrites(rewrite: ForwardAction['rewrite']): Wire {
  const { path, host } = rewrite;
  return {
    ...(path.kind === 'prefix'
      ? { prefix_rewrite: path.value }
      : path.kind === 'regex'
        ? { regex_rewrite: { pattern: { regex: path.regex }, substitution: path.substitution } }
        : {}),
    ...(host.kind === 'literal'
      ? { host_rewrite_literal: host.value }
      : host.kind === 'auto'
        ? { auto_host_rewrite: true }
        : host.kind === 'header'
          ? { host_rewrite_header: host.header }
          : {}),
    append_x_forwarded_host: rewrite.appendXForwardedHost ? true : undefined,
  };
}

function encodeHashPolicy(policy: HashPolicy): WireHash {
  const terminal = policy.terminal ? true : undefined;
  switch (policy.kind) {
    case 'header':
      return { header: { header_name: policy.header }, terminal };
    case 'query':
      return { query_parameter: { name: policy.parameter }, terminal };
    case 'source-ip':
      return { connection_properties: { source_ip: true }, terminal };
  }
}

/** gRPC clients read the target, max_stream_duration (gRFC A31), retries (A44) and hash policies (A42). */
function encodeForGrpc(action: ForwardAction, encoding: Encoding, path: string): Wire {
  const { path: pathRewrite, host } = action.rewrite;
  if (pathRewrite.kind !== 'none')
    encoding.cannotSay(`${path}.rewrite.path`, 'gRPC clients do not rewrite paths', 'error');
  if (host.kind !== 'none') encoding.cannotSay(`${path}.rewrite.host`, 'gRPC clients do not rewrite hosts');
  if (action.mirrors.length > 0) encoding.cannotSay(`${path}.mirrors`, 'gRPC clients do not mirror');
  if ((action.streamDuration?.grpcHeaderOffset ?? action.grpcTimeout?.offset ?? 0) > 0)
    encoding.cannotSay(`${path}.streamDuration.grpcHeaderOffset`, 'gRPC clients keep their own deadline');
  if (action.idleTimeout !== undefined) encoding.cannotSay(`${path}.idleTimeout`, 'gRPC clients have no idle timeout');
  if (action.metadataMatch.length > 0)
    encoding.cannotSay(`${path}.metadataMatch`, 'gRPC clients know no subsets', 'error');
  if (action.priority === 'high') encoding.cannotSay(`${path}.priority`, 'gRPC clients have one priority');
  return {
    ...encodeTarget(action),
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
