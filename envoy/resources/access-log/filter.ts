/** envoy.config.accesslog.v3.AccessLogFilter: which records a log gets, and which answers of our own a mapper is about. */
import { createRequire } from 'node:module';
import { GRPC_CODES } from '@weft/core/kernel';
import type { AccessLogFilter, Comparison } from '@weft/core/proxy-config';
import { type Messages, pack } from '../../tables/index.ts';
import { type Cursor, readingAny } from '../base/cursor.ts';
import { some } from '../base/encoding.ts';
import { enumName, takeEnum, type EnumTable } from '../base/enumeration.ts';
import { decodePlain, encodePlain } from '../base/metadata-matcher.ts';
import {
  decodeHeader,
  encodeFractionalPercent,
  encodeHeader,
  decodeFractionalPercent,
  withKey,
} from '../base/matcher.ts';

const require = createRequire(import.meta.url);
/** Loaded with the first expression. */
const cel = () => require('@weft/core/cel') as typeof import('@weft/core/cel');

const CEL = 'envoy.extensions.access_loggers.filters.cel.v3.ExpressionFilter';
const CEL_NAME = 'envoy.access_loggers.extension_filters.cel';

type Wire = Messages['envoy.config.accesslog.v3.AccessLogFilter'];
type WireStatus = NonNullable<Messages['envoy.config.accesslog.v3.GrpcStatusFilter']['statuses']>[number];

type WireLogType = NonNullable<Messages['envoy.config.accesslog.v3.LogTypeFilter']['types']>[number];

const OPERATORS: EnumTable<Comparison['op'], 'EQ' | 'GE' | 'LE' | 'NE'> = [
  ['equal', 'EQ'],
  ['at-least', 'GE'],
  ['at-most', 'LE'],
  ['not-equal', 'NE'],
];

/** By their numbers; Envoy writes CANCELED. */
const GRPC_STATUSES: readonly WireStatus[] = GRPC_CODES.map((name) => (name === 'CANCELLED' ? 'CANCELED' : name));

/** Envoy wants a runtime key beside each default; there is no runtime here. */
const KEY = 'dev.weft.access_log';

export function decodeLogFilter(cursor: Cursor<Wire>): AccessLogFilter {
  const found =
    cursor.within('status_code_filter', (inner) => compared('status', inner)) ??
    cursor.within('duration_filter', (inner) => compared('duration', inner)) ??
    cursor.within('not_health_check_filter', (): AccessLogFilter => ({ kind: 'not-health-check' })) ??
    cursor.within('runtime_filter', (inner): AccessLogFilter => {
      const key = inner.take('runtime_key') ?? '';
      inner.take('use_independent_randomness');
      const fraction = inner.within('percent_sampled', decodeFractionalPercent);
      return {
        kind: 'fraction',
        fraction: withKey(fraction ?? { numerator: 0, denominator: 100 }, key === KEY ? '' : key),
      };
    }) ??
    cursor.within(
      'and_filter',
      (inner): AccessLogFilter => ({ kind: 'and', filters: inner.each('filters', decodeLogFilter) }),
    ) ??
    cursor.within(
      'or_filter',
      (inner): AccessLogFilter => ({ kind: 'or', filters: inner.each('filters', decodeLogFilter) }),
    ) ??
    cursor.within('header_filter', (inner): AccessLogFilter | undefined => {
      const header = inner.within('header', decodeHeader);
      return header === undefined ? undefined : { kind: 'header', header };
    }) ??
    cursor.within(
      'response_flag_filter',
      (inner): AccessLogFilter => ({ kind: 'response-flag', flags: inner.take('flags') ?? [] }),
    ) ??
    cursor.within(
      'grpc_status_filter',
      (inner): AccessLogFilter => ({
        kind: 'grpc-status',
        statuses: (inner.take('statuses') ?? []).map((status) => GRPC_STATUSES.indexOf(status)),
        exclude: inner.take('exclude') ?? false,
      }),
    ) ??
    cursor.within('metadata_filter', (inner): AccessLogFilter | undefined => {
      const matcher = inner.within('matcher', decodePlain);
      if (matcher === undefined) inner.fault('matcher', 'missing-field', 'a metadata filter needs its matcher');
      const absent = inner.take('match_if_key_not_found') ?? true;
      return matcher === undefined ? undefined : { kind: 'metadata', matcher, absent };
    }) ??
    cursor.within(
      'log_type_filter',
      (inner): AccessLogFilter => ({
        kind: 'log-type',
        types: inner.take('types') ?? [],
        exclude: inner.take('exclude') ?? false,
      }),
    ) ??
    cursor.within('extension_filter', (inner) => {
      inner.take('name');
      return readingAny(inner.take('typed_config'), inner.at('typed_config'), inner.report, { [CEL]: decodeCel });
    });
  if (found === undefined) cursor.refuse('unsupported-value', 'this kind of filter is not supported here');
  return found ?? { kind: 'not-health-check' };
}

function decodeCel(cursor: Cursor<Messages[typeof CEL]>): AccessLogFilter {
  const expression = cursor.take('expression') ?? '';
  try {
    cel().compileCel(expression);
  } catch (error) {
    if (!(error instanceof Error)) throw error;
    const place = error instanceof cel().CelFault ? ` at ${error.at}` : '';
    cursor.fault('expression', 'invalid-value', `${error.message}${place} of ${JSON.stringify(expression)}`);
  }
  return { kind: 'cel', expression };
}

function compared(
  kind: 'status' | 'duration',
  cursor: Cursor<{ readonly comparison?: Messages['envoy.config.accesslog.v3.ComparisonFilter'] | undefined }>,
): AccessLogFilter {
  const comparison = cursor.within(
    'comparison',
    (inner): Comparison => ({
      op: takeEnum(inner, 'op', OPERATORS),
      value:
        inner.within('value', (value) => {
          value.take('runtime_key');
          return value.take('default_value') ?? 0;
        }) ?? 0,
    }),
  );
  return { kind, comparison: comparison ?? { op: 'equal', value: 0 } };
}

const encodeComparison = ({ op, value }: Comparison): Messages['envoy.config.accesslog.v3.ComparisonFilter'] => ({
  op: enumName(op, OPERATORS),
  value: { default_value: value, runtime_key: KEY },
});

export function encodeLogFilter(filter: AccessLogFilter): Wire {
  switch (filter.kind) {
    case 'status':
      return { status_code_filter: { comparison: encodeComparison(filter.comparison) } };
    case 'duration':
      return { duration_filter: { comparison: encodeComparison(filter.comparison) } };
    case 'not-health-check':
      return { not_health_check_filter: {} };
    case 'fraction':
      return {
        runtime_filter: {
          runtime_key: filter.fraction.runtimeKey ?? KEY,
          percent_sampled: encodeFractionalPercent(filter.fraction),
        },
      };
    case 'and':
      return { and_filter: { filters: filter.filters.map(encodeLogFilter) } };
    case 'or':
      return { or_filter: { filters: filter.filters.map(encodeLogFilter) } };
    case 'header':
      return { header_filter: { header: encodeHeader(filter.header) } };
    case 'response-flag':
      return { response_flag_filter: { flags: some(filter.flags) } };
    case 'grpc-status':
      return {
        grpc_status_filter: {
          statuses: some(filter.statuses.flatMap((status) => GRPC_STATUSES[status] ?? [])),
          exclude: filter.exclude ? true : undefined,
        },
      };
    case 'log-type':
      return {
        log_type_filter: {
          types: some(filter.types as readonly WireLogType[]),
          exclude: filter.exclude ? true : undefined,
        },
      };
    case 'cel':
      return {
        extension_filter: { name: CEL_NAME, typed_config: pack(CEL, { expression: filter.expression }) },
      };
    case 'metadata':
      return {
        metadata_filter: {
          matcher: encodePlain(filter.matcher),
          match_if_key_not_found: filter.absent ? undefined : false,
        },
      };
  }
}
