/** Spans for a collector: opentelemetry.proto.collector.trace.v1.TraceService/Export. */
import type { SelfIdentity } from '../traffic/index.ts';

export interface SpanResource {
  readonly attributes: readonly (readonly [name: string, value: string])[];
}

/** Who a proxy stands for, by OpenTelemetry's conventions for services. */
export const resourceAttributes = ({
  app,
  namespace,
  version,
  workload,
}: Pick<SelfIdentity, 'app' | 'namespace' | 'version' | 'workload'>): SpanResource['attributes'] =>
  (
    [
      ['service.name', app],
      ['service.namespace', namespace],
      ['service.version', version],
      ['service.instance.id', workload],
    ] as const
  ).filter(([, value]) => value !== '');

/** One span that ended. */
export interface Span {
  /** 32 and 16 digits of lower-case hex; `parentId` '': a root. */
  readonly traceId: string;
  readonly spanId: string;
  readonly parentId: string;
  /** The parent is in another process. */
  readonly remoteParent: boolean;
  readonly traceState: string;
  readonly name: string;
  readonly kind: 'server' | 'client';
  /** ms since 1970, with fractions; `duration` in ms. */
  readonly start: number;
  readonly duration: number;
  /** Each name once. */
  readonly attributes: readonly (readonly [name: string, value: string])[];
  readonly error: boolean;
  /** Kept for how it ended: nobody was told to sample it. */
  readonly unsampled?: true;
}
