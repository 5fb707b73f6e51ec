import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Span } from '@weft/core/services';
import fc from 'fast-check';
import { writeMessage } from '../codec/index.ts';
import { nanoseconds, octets, pairOf } from './otlp-values.ts';
import { encodeSpans } from './tracing.ts';

const hex = (digits: number) => fc.stringMatching(new RegExp(`^[0-9a-f]{${digits}}$`));
const text = fc.oneof(fc.string({ maxLength: 300 }), fc.string({ unit: 'grapheme', maxLength: 100 }), fc.constant(''));
const span = fc.record({
  traceId: hex(32),
  spanId: hex(16),
  parentId: fc.oneof(fc.constant(''), hex(16)),
  traceState: text,
  remoteParent: fc.boolean(),
  unsampled: fc.constantFrom(undefined, true as const),
  name: text,
  kind: fc.constantFrom('server' as const, 'client' as const),
  start: fc.double({ min: 0, max: 4_000_000_000_000, noNaN: true }),
  duration: fc.double({ min: -1, max: 1_000_000, noNaN: true }),
  error: fc.boolean(),
  attributes: fc.array(fc.tuple(text, text), { maxLength: 12 }),
}) as fc.Arbitrary<Span>;

/** By the tables. */
const plainly = (resource: Parameters<typeof encodeSpans>[0], spans: readonly Span[]): Uint8Array =>
  writeMessage('opentelemetry.proto.collector.trace.v1.ExportTraceServiceRequest', {
    resource_spans: [
      {
        resource: { attributes: resource.attributes.map(pairOf) },
        scope_spans: [
          {
            scope: { name: 'weft' },
            spans: spans.map((one) => ({
              trace_id: octets(one.traceId),
              span_id: octets(one.spanId),
              trace_state: one.traceState || undefined,
              parent_span_id: one.parentId === '' ? undefined : octets(one.parentId),
              flags: (one.unsampled === true ? 0 : 1) | 0x100 | (one.remoteParent ? 0x200 : 0),
              name: one.name,
              kind: one.kind === 'server' ? ('SPAN_KIND_SERVER' as const) : ('SPAN_KIND_CLIENT' as const),
              start_time_unix_nano: nanoseconds(one.start),
              end_time_unix_nano: nanoseconds(one.start + Math.max(0, one.duration)),
              attributes: one.attributes.map(pairOf),
              status: one.error ? { code: 'STATUS_CODE_ERROR' as const } : undefined,
            })),
          },
        ],
      },
    ],
  });

test('spans are written as the tables write them, octet by octet', () => {
  fc.assert(
    fc.property(
      fc.array(span, { maxLength: 4 }),
      fc.array(fc.tuple(text, text), { maxLength: 3 }),
      (spans, attributes) => {
        assert.deepEqual(Buffer.from(encodeSpans({ attributes }, spans)), Buffer.from(plainly({ attributes }, spans)));
      },
    ),
  );
});
