/**
 * One access log that goes to a collector of OTLP: records are gathered, and sent when they are many enough or the oldest waited long enough,
 * one message under way at a time. While the collector is away or slow, what is beyond the bound is dropped and counted; an exchange never
 * waits for its log.
 */
import type { MonotonicClock, Timer } from '@weft/core/kernel';
import type { LogFields, LogValue, OtlpLogSink } from '@weft/core/proxy-config';
import type { LogNode, ServiceMessages, SpanResource } from '@weft/core/services';
import type { Call, ServiceCalls } from '../calls/port.ts';
import { otlpClient, type OtlpClient } from '../otlp/client.ts';
import { detected } from '../otlp/resource.ts';
import type { Counter, ExchangeRecord } from '../ports.ts';
import { compileFormat, renderPlain } from './format.ts';

/** Octets of records that wait at most; one message holds no more either. */
const WAITING = 1 << 20;
const LONGEST = 256 << 10;
const SHORT_TRACE_ID = 16;

export interface OtlpLogParts {
  readonly clock: MonotonicClock;
  readonly calls: ServiceCalls;
  readonly messages: ServiceMessages;
  readonly node: LogNode;
  /** What the process says of itself before OTEL_RESOURCE_ATTRIBUTES does. */
  readonly resource: SpanResource['attributes'];
  readonly written: Counter;
  readonly dropped: Counter;
}

type Write<Value> = (record: ExchangeRecord) => Value;

export class OtlpLog {
  readonly #sink: OtlpLogSink;
  readonly #parts: OtlpLogParts;
  readonly #send: OtlpClient;
  readonly #resource: LogFields;
  readonly #body: Write<LogValue> | undefined;
  readonly #attributes: Write<LogFields>;
  #records: Uint8Array[] = [];
  #size = 0;
  #timer: Timer | undefined;
  #call: Call | undefined;
  #underWay = 0;
  #stopped = false;

  /** Throws when a text has an unknown operator. */
  constructor(sink: OtlpLogSink, parts: OtlpLogParts) {
    this.#sink = sink;
    this.#parts = parts;
    this.#body = sink.body === undefined ? undefined : compileValue(sink.body);
    this.#attributes = compileFields(sink.attributes);
    this.#resource = resourceOf(sink, parts);
    this.#send = otlpClient(sink.exporter, 'logs', parts.calls);
  }

  log(record: ExchangeRecord): void {
    if (this.#stopped || this.#size >= WAITING) {
      this.#parts.dropped.add(1);
      return;
    }
    const { trace } = record;
    const traceId = trace?.traceId ?? '';
    const octets = this.#parts.messages.logRecord({
      time: record.startWall,
      body: this.#body?.(record),
      attributes: this.#attributes(record),
      traceId: traceId.length === SHORT_TRACE_ID ? `0000000000000000${traceId}` : traceId,
      spanId: trace?.spanId ?? '',
    });
    this.#records.push(octets);
    this.#size += octets.length;
    if (this.#isFull) this.flush();
    this.#arm();
  }

  /** Sends what waits, unless a message is under way. */
  flush(): void {
    if (this.#records.length === 0 || this.#call !== undefined || this.#stopped) return;
    let size = 0;
    const over = this.#records.findIndex(({ length }) => {
      size += length;
      return size > LONGEST;
    });
    const count = over < 0 ? this.#records.length : Math.max(over, 1);
    const sent = this.#records.slice(0, count);
    this.#records = this.#records.slice(count);
    this.#size = this.#records.reduce((sum, { length }) => sum + length, 0);
    this.#underWay = count;
    const { messages } = this.#parts;
    this.#call = this.#send(messages.exportLogs(this.#resource, sent), (answer) =>
      this.#ended(answer === undefined ? 0 : Math.max(0, count - messages.rejectedLogs(answer))),
    );
  }

  /** What waits is sent, and nothing after it; nobody waits for how that ends. */
  stop(): void {
    this.flush();
    this.#stopped = true;
    this.#timer?.cancel();
    this.#parts.dropped.add(this.#records.length);
    this.#records = [];
    this.#size = 0;
  }

  #ended(taken: number): void {
    this.#parts.written.add(taken);
    this.#parts.dropped.add(this.#underWay - taken);
    this.#call = undefined;
    this.#underWay = 0;
    if (this.#isFull) this.flush();
  }

  get #isFull(): boolean {
    return this.#records.length > 0 && this.#size >= this.#sink.bufferBytes;
  }

  /** While anything waits, there is a time at which it is tried. */
  #arm(): void {
    if (this.#timer !== undefined || this.#stopped || this.#records.length === 0) return;
    this.#timer = this.#parts.clock.after(Math.max(1, this.#sink.flushInterval), () => {
      this.#timer = undefined;
      this.flush();
      this.#arm();
    });
  }
}

function compileValue(value: LogValue): Write<LogValue> {
  if (typeof value === 'string') {
    const pieces = compileFormat(value);
    return (record) => renderPlain(pieces, record, '-');
  }
  if (value.kind === 'object') {
    const fields = compileFields(value.fields);
    return (record) => ({ kind: 'object', fields: fields(record) });
  }
  const items = value.items.map(compileValue);
  return (record) => ({ kind: 'list', items: items.map((item) => item(record)) });
}

function compileFields(fields: LogFields): Write<LogFields> {
  const compiled = fields.map(([key, value]) => [key, compileValue(value)] as const);
  return (record) => compiled.map(([key, write]) => [key, write(record)] as const);
}

/** Attributes of the resource, the later word of a name in the place of the earlier one. */
function resourceOf(
  { builtinLabels, detectors, logName, resourceAttributes }: OtlpLogSink,
  { node, resource }: OtlpLogParts,
): LogFields {
  const builtIn = [
    ['log_name', logName],
    ['zone_name', node.locality.zone],
    ['cluster_name', node.cluster],
    ['node_name', node.id],
  ] as const;
  return [
    ...new Map<string, LogValue>([
      ...(builtinLabels ? builtIn : []),
      ...detected(detectors, resource),
      ...resourceAttributes,
    ]),
  ];
}
