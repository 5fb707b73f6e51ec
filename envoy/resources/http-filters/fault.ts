/** envoy.extensions.filters.http.fault.v3.HTTPFault. */
import type { FaultFilter, FaultRuntimeKeys, Fraction } from '@weft/core/proxy-config';
import type { Messages } from '../../tables/index.ts';
import type { Cursor } from '../base/cursor.ts';
import { fromMilliseconds, takeDuration } from '../base/duration.ts';
import { some, unless, type Encoding } from '../base/encoding.ts';
import {
  decodeFractionalPercent,
  decodeHeader,
  encodeFractionalPercent,
  encodeHeader,
  withKey,
} from '../base/matcher.ts';
import { fractionalPercent, NONE } from './fraction.ts';

type Wire = Messages['envoy.extensions.filters.http.fault.v3.HTTPFault'];
type WireAbort = Messages['envoy.extensions.filters.http.fault.v3.FaultAbort'];
type WireDelay = Messages['envoy.extensions.filters.common.fault.v3.FaultDelay'];
type WireLimit = Messages['envoy.extensions.filters.common.fault.v3.FaultRateLimit'];

export const FAULT = 'envoy.extensions.filters.http.fault.v3.HTTPFault';
const BODY = 'fault filter abort';
export function decodeFault(cursor: Cursor<Wire>): FaultFilter {
  const keys = takeKeys(cursor);
  const shared = <Part extends { readonly fraction: Fraction }>(
    part: Part | undefined,
    key: string,
  ): Part | undefined => (part === undefined ? undefined : { ...part, fraction: withKey(part.fraction, key) });
  return {
    kind: 'fault',
    delay: shared(cursor.within('delay', decodeDelay), cursor.take('delay_percent_runtime') ?? ''),
    abort: shared(cursor.within('abort', decodeAbort), cursor.take('abort_percent_runtime') ?? ''),
    upstreamCluster: cursor.take('upstream_cluster') ?? '',
    headers: cursor.each('headers', decodeHeader),
    downstreamNodes: cursor.take('downstream_nodes') ?? [],
    maxActiveFaults: cursor.take('max_active_faults'),
    responseRateLimit: shared(
      cursor.within('response_rate_limit', decodeLimit),
      cursor.take('response_rate_limit_percent_runtime') ?? '',
    ),
    ...(Object.keys(keys).length === 0 ? {} : { runtimeKeys: keys }),
    downstreamClusterStats: cursor.take('disable_downstream_cluster_stats') !== true,
  };
}

const KEYS = {
  delayDuration: 'delay_duration_runtime',
  abortHttpStatus: 'abort_http_status_runtime',
  abortGrpcStatus: 'abort_grpc_status_runtime',
  maxActiveFaults: 'max_active_faults_runtime',
} as const;

function takeKeys(cursor: Cursor<Wire>): FaultRuntimeKeys {
  return Object.fromEntries(
    Object.entries(KEYS).flatMap(([name, field]) => {
      const key = cursor.take(field) ?? '';
      return key === '' ? [] : [[name, key]];
    }),
  );
}

function decodeDelay(cursor: Cursor<WireDelay>): NonNullable<FaultFilter['delay']> {
  const byHeader = cursor.within('header_delay', () => true) === true;
  return {
    fixed: byHeader ? undefined : takeDuration(cursor, 'fixed_delay', 0),
    fraction: cursor.within('percentage', decodeFractionalPercent) ?? NONE,
  };
}

function decodeAbort(cursor: Cursor<WireAbort>): NonNullable<FaultFilter['abort']> {
  const fraction = cursor.within('percentage', decodeFractionalPercent) ?? NONE;
  const body = cursor.take('response_body') || BODY;
  if (cursor.within('header_abort', () => true) === true) return { status: { kind: 'header' }, fraction, body };
  const grpc = cursor.take('grpc_status');
  if (grpc !== undefined) return { status: { kind: 'grpc', code: grpc }, fraction, body };
  return { status: { kind: 'http', code: cursor.take('http_status') ?? 0 }, fraction, body };
}

function decodeLimit(cursor: Cursor<WireLimit>): NonNullable<FaultFilter['responseRateLimit']> {
  const fraction = cursor.within('percentage', decodeFractionalPercent) ?? NONE;
  const fixed = cursor.within('fixed_limit', (limit) => Number(limit.take('limit_kbps') ?? 0));
  cursor.within('header_limit', () => true);
  return { fixed, fraction };
}

export const encodeFault = (filter: FaultFilter): Wire => ({
  delay_percent_runtime: filter.delay?.fraction.runtimeKey,
  abort_percent_runtime: filter.abort?.fraction.runtimeKey,
  response_rate_limit_percent_runtime: filter.responseRateLimit?.fraction.runtimeKey,
  ...Object.fromEntries(
    Object.entries(KEYS).map(([name, field]) => [field, filter.runtimeKeys?.[name as keyof FaultRuntimeKeys]]),
  ),
  delay: filter.delay === undefined ? undefined : encodeDelay(filter.delay),
  abort: filter.abort === undefined ? undefined : encodeAbort(filter.abort),
  upstream_cluster: filter.upstreamCluster || undefined,
  headers: some(filter.headers.map(encodeHeader)),
  downstream_nodes: some(filter.downstreamNodes),
  max_active_faults: filter.maxActiveFaults,
  response_rate_limit: filter.responseRateLimit === undefined ? undefined : encodeLimit(filter.responseRateLimit),
  disable_downstream_cluster_stats: filter.downstreamClusterStats ? undefined : true,
});

/** What gRPC clients read of it (gRFC A33); they refuse a part without its share, and would fail calls that a condition leaves out. */
export function encodeFaultForGrpc(filter: FaultFilter, encoding: Encoding, path: string): Wire {
  const conditional = filter.headers.length + filter.downstreamNodes.length > 0 || filter.upstreamCluster !== '';
  if (conditional) encoding.cannotSay(path, 'gRPC clients fail calls whatever their headers', 'error');
  if (filter.responseRateLimit !== undefined)
    encoding.cannotSay(`${path}.responseRateLimit`, 'gRPC clients slow down no responses', 'error');
  const { delay, abort } = filter;
  return {
    delay:
      delay === undefined ? undefined : { ...encodeDelay(delay), percentage: encodeFractionalPercent(delay.fraction) },
    abort:
      abort === undefined
        ? undefined
        : { ...encodeAbort({ ...abort, body: BODY }), percentage: encodeFractionalPercent(abort.fraction) },
    max_active_faults: filter.maxActiveFaults,
  };
}

const encodeDelay = ({ fixed, fraction }: NonNullable<FaultFilter['delay']>): WireDelay => ({
  ...(fixed === undefined ? { header_delay: {} } : { fixed_delay: fromMilliseconds(fixed) }),
  percentage: fractionalPercent(fraction),
});

const encodeAbort = ({ status, fraction, body }: NonNullable<FaultFilter['abort']>): WireAbort => ({
  ...(status.kind === 'header'
    ? { header_abort: {} }
    : status.kind === 'http'
      ? { http_status: status.code }
      : { grpc_status: status.code }),
  percentage: fractionalPercent(fraction),
  response_body: unless(body, BODY),
});

const encodeLimit = ({ fixed, fraction }: NonNullable<FaultFilter['responseRateLimit']>): WireLimit => ({
  ...(fixed === undefined ? { header_limit: {} } : { fixed_limit: { limit_kbps: fixed } }),
  percentage: fractionalPercent(fraction),
});
