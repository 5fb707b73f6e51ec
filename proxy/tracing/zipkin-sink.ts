/** Spans to a Zipkin collector: POST of a JSON list (Zipkin API v2). */
import { Buffer } from 'node:buffer';
import type { ZipkinTracer } from '@weft/core/proxy-config';
import type { LogNode, Span } from '@weft/core/services';
import type { CallError, HttpAnswer, ServiceCalls } from '../calls/port.ts';
import type { Counter } from '../ports.ts';
import { b3TraceId } from './formats/b3.ts';
import type { SpanSink } from './span-queue.ts';

const TIMEOUT = 5000;
const MAX_ANSWER = 64 << 10;

/** A span whose id its caller's span has as well says so (`shared`). */
export interface ZipkinSpan extends Span {
  readonly shared?: true;
}

export interface ZipkinParts {
  readonly calls: ServiceCalls;
  readonly node: LogNode;
  readonly reports: Readonly<Record<'sent' | 'dropped' | 'failed' | 'skippedNoCluster', Counter>>;
}

export function zipkinSink(row: ZipkinTracer, { calls, node, reports }: ZipkinParts): SpanSink {
  const failed = (error: CallError): void =>
    (error === 'cluster-not-found' ? reports.skippedNoCluster : reports.failed).add(1);
  return {
    send: (spans, ended) =>
      calls.http(
        {
          cluster: row.cluster,
          method: 'POST',
          authority: row.hostname === '' ? row.cluster : row.hostname,
          path: row.endpoint,
          headers: [['content-type', 'application/json']],
          body: Buffer.from(JSON.stringify(spans.map((span) => json(span, node.cluster)))),
          timeout: TIMEOUT,
          maxBody: MAX_ANSWER,
        },
        {
          httpAnswered({ status }: HttpAnswer): void {
            const taken = status >= 200 && status < 300;
            (taken ? reports.sent : reports.dropped).add(1);
            ended(taken ? spans.length : 0);
          },
          httpFailed(error): void {
            failed(error);
            ended(0);
          },
        },
      ),
  };
}

const micros = (ms: number): number => Math.max(1, Math.round(ms * 1000));

const json = (span: ZipkinSpan, serviceName: string): object => ({
  traceId: b3TraceId(span.traceId),
  id: span.spanId,
  ...(span.parentId === '' ? {} : { parentId: span.parentId }),
  ...(span.shared === true ? { shared: true } : {}),
  kind: span.kind === 'server' ? 'SERVER' : 'CLIENT',
  name: span.name,
  timestamp: Math.round(span.start * 1000),
  duration: micros(span.duration),
  localEndpoint: { serviceName },
  tags: Object.fromEntries(span.attributes.filter(([, value]) => value !== '')),
});
