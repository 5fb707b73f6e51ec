/** Spans to a collector by OpenTelemetry's protocol. */
import type { OtlpExporter } from '@weft/core/proxy-config';
import type { ServiceMessages, SpanResource } from '@weft/core/services';
import type { ServiceCalls } from '../calls/port.ts';
import { otlpClient } from '../otlp/client.ts';
import type { SpanSink } from './span-queue.ts';

export interface OtlpParts {
  readonly calls: ServiceCalls;
  readonly messages: ServiceMessages;
  readonly resource: SpanResource;
}

export function otlpSink(exporter: OtlpExporter, { calls, messages, resource }: OtlpParts): SpanSink {
  const send = otlpClient(exporter, 'traces', calls);
  return {
    send: (spans, ended) =>
      send(messages.exportSpans(resource, spans), (answer) =>
        ended(answer === undefined ? 0 : Math.max(0, spans.length - messages.rejectedSpans(answer))),
      ),
  };
}
