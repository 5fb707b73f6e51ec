/** What one provider makes of requests: which headers it reads and writes, which ids it gives, and where its spans go. */
import type { MeshSampler, TraceHeaders, TraceTail, TracingProvider } from '@weft/core/proxy-config';
import type { Exchange } from '../http/exchange.ts';
import type { LogNode, ServiceMessages, Span, SpanResource } from '@weft/core/services';
import type { ServiceCalls } from '../calls/port.ts';
import type { EngineRuntime } from '../ports.ts';
import { B3, B3_SINGLE, b3Sampled } from './formats/b3.ts';
import type { ReadHeader, TraceContext, TraceFormat } from './formats/context.ts';
import { DATADOG } from './formats/datadog.ts';
import { JAEGER } from './formats/jaeger.ts';
import { W3C } from './formats/w3c.ts';
import { newSpanId, newTraceId } from './ids.ts';
import { detected } from '../otlp/resource.ts';
import { otlpSink } from './otlp-sink.ts';
import { compileSampler, type Sampler } from './sampler.ts';
import { SpanQueue, type SpanSink } from './span-queue.ts';
import { FineWall } from './wall.ts';
import { type ZipkinSpan, zipkinSink } from './zipkin-sink.ts';

export interface TracerParts {
  readonly runtime: EngineRuntime;
  readonly calls: ServiceCalls;
  readonly messages: () => ServiceMessages;
  readonly node: LogNode;
  /** What the process says of itself before OTEL_RESOURCE_ATTRIBUTES does. */
  readonly resource: SpanResource['attributes'];
}

/** Who a new span is. */
export interface SpanIdentity {
  readonly traceId: string;
  readonly spanId: string;
  readonly parentId: string;
  readonly traceState: string;
  readonly sampled: boolean;
  /** It has its caller's id. */
  readonly shared: boolean;
  readonly remoteParent: boolean;
  /** In which form it goes on. */
  readonly formats: readonly TraceFormat[];
}

const SPANS_OF_ZIPKIN = 4096;

const FORMATS: Readonly<Record<TraceHeaders, TraceFormat>> = {
  w3c: W3C,
  b3: B3,
  'b3-single': B3_SINGLE,
  jaeger: JAEGER,
  datadog: DATADOG,
};

export abstract class Tracer {
  readonly wall: FineWall;
  readonly node: LogNode;
  readonly #queue: SpanQueue;

  constructor(
    parts: TracerParts,
    tracer: 'opentelemetry' | 'zipkin',
    limit: number,
    sink: SpanSink,
    mesh: MeshSampler | undefined,
  ) {
    this.tail = mesh?.tail;
    this.byConventions = mesh !== undefined;
    const { clock, counters, values, wall } = parts.runtime;
    const count = (stat: string) => counters.counter(`tracing.${tracer}.${stat}`);
    this.wall = new FineWall(wall, clock);
    this.node = parts.node;
    this.#queue = new SpanQueue({
      clock,
      values,
      tracer,
      limit,
      sink,
      sent: count('spans_sent'),
      dropped: count('spans_dropped'),
      timerFlushed: count('timer_flushed'),
    });
  }

  /** `traced`: what the connection manager decided. */
  abstract identify(exchange: Exchange, kind: Span['kind'], traced: boolean): SpanIdentity;
  /** Which spans are kept although they were not sampled; undefined: none. */
  readonly tail: TraceTail | undefined;
  /** Names and attributes are OpenTelemetry's, beside Envoy's tags: for a mesh of ours. Else the configuration says them. */
  readonly byConventions: boolean;
  abstract spanName(egress: boolean, host: string): string;

  report(span: ZipkinSpan): void {
    this.#queue.add(span);
  }

  flush(): void {
    this.#queue.flush();
  }

  stop(): void {
    this.#queue.stop();
  }
}

/** The first format that tells of a context; what several tell differently, the first one says. */
function readContext(formats: readonly TraceFormat[], header: ReadHeader): TraceContext | undefined {
  for (const format of formats) {
    const context = format.read(header);
    if (context !== undefined) return context;
  }
  return undefined;
}

class OpenTelemetryTracer extends Tracer {
  readonly #formats: readonly TraceFormat[];
  readonly #sampler: Sampler | undefined;

  constructor(row: Extract<TracingProvider, { kind: 'opentelemetry' }>, parts: TracerParts) {
    const { calls } = parts;
    const messages = parts.messages();
    const { sampler } = row;
    const sink = otlpSink(row.exporter, { calls, messages, resource: resourceOf(row, parts.resource) });
    super(parts, row.kind, row.maxCacheSize, sink, sampler?.kind === 'mesh' ? sampler : undefined);
    this.#formats = sampler?.kind === 'mesh' ? sampler.headers.map((name) => FORMATS[name]) : [W3C];
    this.#sampler = row.sampler === undefined ? undefined : compileSampler(row.sampler);
  }

  override identify(exchange: Exchange, _kind: Span['kind'], traced: boolean): SpanIdentity {
    const parent = readContext(this.#formats, (name) => exchange.head.edit.get(name));
    const traceId = parent?.traceId ?? newTraceId();
    return {
      traceId,
      spanId: newSpanId(),
      parentId: parent?.spanId ?? '',
      traceState: parent?.traceState ?? '',
      sampled:
        this.#sampler === undefined ? traced && parent?.sampled !== false : this.#sampler(parent, traceId, exchange),
      shared: false,
      remoteParent: parent !== undefined,
      formats: this.#formats,
    };
  }

  override spanName(egress: boolean, host: string): string {
    return egress ? `egress ${host}` : 'ingress';
  }
}

class B3Tracer extends Tracer {
  readonly #row: Extract<TracingProvider, { kind: 'zipkin' }>;
  readonly #read: readonly TraceFormat[];

  constructor(row: Extract<TracingProvider, { kind: 'zipkin' }>, parts: TracerParts) {
    const count = (stat: string) => parts.runtime.counters.counter(`tracing.zipkin.reports_${stat}`);
    const reports = {
      sent: count('sent'),
      dropped: count('dropped'),
      failed: count('failed'),
      skippedNoCluster: count('skipped_no_cluster'),
    };
    const sink = zipkinSink(row, { calls: parts.calls, node: parts.node, reports });
    super(parts, 'zipkin', SPANS_OF_ZIPKIN, sink, undefined);
    this.#row = row;
    this.#read = row.w3c ? [B3_SINGLE, B3, W3C] : [B3_SINGLE, B3];
  }

  override identify({ head: { edit } }: Exchange, kind: Span['kind'], traced: boolean): SpanIdentity {
    const header: ReadHeader = (name) => edit.get(name);
    const parent = readContext(this.#read, header);
    const sampled = parent?.sampled ?? b3Sampled(header) ?? traced;
    const form = header('b3')?.includes('-') === true ? B3_SINGLE : B3;
    const formats = this.#row.w3c ? [form, W3C] : [form];
    const { sharedSpanContext, traceId128bit } = this.#row;
    if (parent === undefined) {
      const traceId = newTraceId();
      const low = traceId.slice(16);
      const spanId = /[1-9a-f]/.test(low) ? low : newSpanId();
      return {
        traceId: traceId128bit ? traceId : `0000000000000000${spanId}`,
        spanId,
        parentId: '',
        traceState: '',
        sampled,
        shared: false,
        remoteParent: false,
        formats,
      };
    }
    const shared = kind === 'server' && sharedSpanContext;
    return {
      traceId: parent.traceId,
      spanId: shared ? parent.spanId : newSpanId(),
      parentId: shared ? parent.parentId : parent.spanId,
      traceState: parent.traceState,
      sampled,
      shared,
      remoteParent: true,
      formats,
    };
  }

  override spanName(_egress: boolean, host: string): string {
    return host;
  }
}

export const makeTracer = (row: TracingProvider, parts: TracerParts): Tracer =>
  row.kind === 'zipkin' ? new B3Tracer(row, parts) : new OpenTelemetryTracer(row, parts);

/** Attributes of the resource, the later word of a name over the earlier one. */
function resourceOf(
  row: Extract<TracingProvider, { kind: 'opentelemetry' }>,
  own: SpanResource['attributes'],
): SpanResource {
  const attributes = new Map<string, string>([
    ['telemetry.sdk.name', 'weft'],
    ['telemetry.sdk.language', 'nodejs'],
  ]);
  for (const [name, value] of detected(row.detectors, own)) attributes.set(name, value);
  if (row.serviceName !== '' || !attributes.has('service.name'))
    attributes.set('service.name', row.serviceName === '' ? 'unknown_service:envoy' : row.serviceName);
  return { attributes: [...attributes] };
}
