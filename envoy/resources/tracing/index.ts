/** HttpConnectionManager.Tracing, envoy.config.route.v3.Tracing and Decorator, and what request ids tell of tracing. */
import type { Decorator, Fraction, RequestIds, RouteTracing, Tracing } from '@weft/core/proxy-config';
import { pack, type Messages } from '../../tables/index.ts';
import { readingAny, type Cursor } from '../base/cursor.ts';
import { unless } from '../base/encoding.ts';
import { decodeFractionalPercent, encodeFractionalPercent } from '../base/matcher.ts';
import { decodeProvider, encodeProvider } from './provider.ts';
import { encodeTags, takeTags } from './tags.ts';

type Wire = Messages['envoy.extensions.filters.network.http_connection_manager.v3.HttpConnectionManager.Tracing'];
type WireRoute = Messages['envoy.config.route.v3.Tracing'];
type WireIds =
  Messages['envoy.extensions.filters.network.http_connection_manager.v3.HttpConnectionManager']['request_id_extension'];

const MAX_PATH_TAG_LENGTH = 256;
const ALL: Fraction = { numerator: 100, denominator: 100 };
const UUIDS = 'envoy.extensions.request_id.uuid.v3.UuidRequestIdConfig';

export const decodeTracing = (cursor: Cursor<Wire>): Tracing => {
  cursor.only('verbose', false);
  const percent = (field: 'client_sampling' | 'random_sampling' | 'overall_sampling'): number =>
    cursor.within(field, (share) => share.take('value') ?? 0) ?? 100;
  return {
    clientSampling: percent('client_sampling'),
    randomSampling: percent('random_sampling'),
    overallSampling: percent('overall_sampling'),
    maxPathTagLength: cursor.take('max_path_tag_length') ?? MAX_PATH_TAG_LENGTH,
    customTags: takeTags(cursor),
    spawnUpstreamSpan: cursor.take('spawn_upstream_span') ?? false,
    noContextPropagation: cursor.take('no_context_propagation') ?? false,
    operation: cursor.take('operation') ?? '',
    upstreamOperation: cursor.take('upstream_operation') ?? '',
    provider: cursor.within('provider', decodeProvider),
  };
};

export const encodeTracing = (tracing: Tracing): Wire => {
  const percent = (value: number): Messages['envoy.type.v3.Percent'] | undefined =>
    value === 100 ? undefined : { value };
  return {
    client_sampling: percent(tracing.clientSampling),
    random_sampling: percent(tracing.randomSampling),
    overall_sampling: percent(tracing.overallSampling),
    max_path_tag_length: unless(tracing.maxPathTagLength, MAX_PATH_TAG_LENGTH),
    custom_tags: encodeTags(tracing.customTags),
    spawn_upstream_span: tracing.spawnUpstreamSpan ? true : undefined,
    no_context_propagation: tracing.noContextPropagation ? true : undefined,
    operation: tracing.operation || undefined,
    upstream_operation: tracing.upstreamOperation || undefined,
    provider: tracing.provider === undefined ? undefined : encodeProvider(tracing.provider),
  };
};

const decodeRouteTracing = (cursor: Cursor<WireRoute>): RouteTracing => ({
  clientSampling: cursor.within('client_sampling', decodeFractionalPercent) ?? ALL,
  randomSampling: cursor.within('random_sampling', decodeFractionalPercent) ?? ALL,
  overallSampling: cursor.within('overall_sampling', decodeFractionalPercent) ?? ALL,
  customTags: takeTags(cursor),
  operation: cursor.take('operation') ?? '',
  upstreamOperation: cursor.take('upstream_operation') ?? '',
});

const shareUnlessAll = (fraction: Fraction): Messages['envoy.type.v3.FractionalPercent'] | undefined =>
  fraction.numerator === 100 && fraction.denominator === 100 ? undefined : encodeFractionalPercent(fraction);

const encodeRouteTracing = (tracing: RouteTracing): WireRoute => ({
  client_sampling: shareUnlessAll(tracing.clientSampling),
  random_sampling: shareUnlessAll(tracing.randomSampling),
  overall_sampling: shareUnlessAll(tracing.overallSampling),
  custom_tags: encodeTags(tracing.customTags),
  operation: tracing.operation || undefined,
  upstream_operation: tracing.upstreamOperation || undefined,
});

type TracedRoute = {
  readonly tracing?: WireRoute | undefined;
  readonly decorator?: Messages['envoy.config.route.v3.Decorator'] | undefined;
};

export function takeRouteTracing(cursor: Cursor<TracedRoute>): { tracing?: RouteTracing; decorator?: Decorator } {
  const tracing = cursor.within('tracing', decodeRouteTracing);
  const decorator = cursor.within('decorator', (named) => ({
    operation: named.take('operation') ?? '',
    propagate: named.take('propagate') ?? true,
  }));
  return { ...(tracing === undefined ? {} : { tracing }), ...(decorator === undefined ? {} : { decorator }) };
}

export const routeTracing = ({
  tracing,
  decorator,
}: {
  readonly tracing?: RouteTracing;
  readonly decorator?: Decorator;
}): TracedRoute => ({
  tracing: tracing === undefined ? undefined : encodeRouteTracing(tracing),
  decorator:
    decorator === undefined
      ? undefined
      : { operation: decorator.operation, propagate: unless(decorator.propagate, true) },
});

export function takeRequestIds(cursor: Cursor<{ readonly request_id_extension?: WireIds }>): {
  requestIds?: RequestIds;
} {
  const found = cursor.within('request_id_extension', (extension) =>
    readingAny(extension.take('typed_config'), extension.at('typed_config'), extension.report, {
      [UUIDS]: (uuid): RequestIds => ({
        packTraceReason: uuid.take('pack_trace_reason') ?? true,
        decideSampling: uuid.take('use_request_id_for_trace_sampling') ?? true,
      }),
    }),
  );
  return found === undefined || (found.packTraceReason && found.decideSampling) ? {} : { requestIds: found };
}

export const encodeRequestIds = (ids: RequestIds | undefined): WireIds =>
  ids === undefined
    ? undefined
    : {
        typed_config: pack(UUIDS, {
          pack_trace_reason: unless(ids.packTraceReason, true),
          use_request_id_for_trace_sampling: unless(ids.decideSampling, true),
        }),
      };
