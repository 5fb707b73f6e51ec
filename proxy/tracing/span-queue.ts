/**
 * Spans that wait for their collector: sent when they are many enough or the oldest waited long enough, one message under way at a time. While
 * the collector is away or slow, what is beyond the bound is dropped and counted; no exchange ever waits for its span.
 */
import type { MonotonicClock, Timer } from '@weft/core/kernel';
import { liveNumber } from '@weft/core/proxy-config';
import type { Span } from '@weft/core/services';
import type { Call } from '../calls/port.ts';
import type { Counter, LiveValues } from '../ports.ts';

/** How one message of spans goes; `ended` is called once, later than `send`. */
export interface SpanSink {
  send(spans: readonly Span[], ended: (taken: number) => void): Call;
}

export interface SpanQueueParts {
  readonly clock: MonotonicClock;
  readonly values: LiveValues;
  /** Envoy's keys: `tracing.<tracer>.min_flush_spans`, `.flush_interval_ms`. */
  readonly tracer: 'opentelemetry' | 'zipkin';
  readonly limit: number;
  readonly sink: SpanSink;
  readonly sent: Counter;
  readonly dropped: Counter;
  readonly timerFlushed: Counter;
}

const MIN_FLUSH_SPANS = 5;
const FLUSH_INTERVAL = 5000;
/** Spans of one message at most, so that no turn of the loop is spent on encoding them. */
const LONGEST = 512;

export class SpanQueue {
  readonly #parts: SpanQueueParts;
  #spans: Span[] = [];
  #timer: Timer | undefined;
  #call: Call | undefined;
  #underWay = 0;
  #stopped = false;

  constructor(parts: SpanQueueParts) {
    this.#parts = parts;
  }

  add(span: Span): void {
    if (this.#stopped || this.#spans.length >= this.#parts.limit) {
      this.#parts.dropped.add(1);
      return;
    }
    this.#spans.push(span);
    if (this.#isFull) this.flush();
    this.#arm();
  }

  /** Sends what waits, unless a message is under way. */
  flush(): void {
    if (this.#spans.length === 0 || this.#call !== undefined || this.#stopped) return;
    const spans = this.#spans.slice(0, LONGEST);
    this.#spans = this.#spans.slice(LONGEST);
    this.#underWay = spans.length;
    this.#call = this.#parts.sink.send(spans, (taken) => this.#ended(taken));
  }

  /** What waits is sent, and nothing after it; nobody waits for how that ends. */
  stop(): void {
    this.flush();
    this.#stopped = true;
    this.#timer?.cancel();
    this.#parts.dropped.add(this.#spans.length);
    this.#spans = [];
  }

  #ended(taken: number): void {
    const { sent, dropped } = this.#parts;
    sent.add(taken);
    dropped.add(this.#underWay - taken);
    this.#call = undefined;
    this.#underWay = 0;
    if (this.#isFull) this.flush();
  }

  get #isFull(): boolean {
    const { tracer, values } = this.#parts;
    return this.#spans.length >= liveNumber(MIN_FLUSH_SPANS, values.current, `tracing.${tracer}.min_flush_spans`);
  }

  /** While anything waits, there is a time at which it is tried. */
  #arm(): void {
    if (this.#timer !== undefined || this.#stopped || this.#spans.length === 0) return;
    const { clock, tracer, values, timerFlushed } = this.#parts;
    const interval = liveNumber(FLUSH_INTERVAL, values.current, `tracing.${tracer}.flush_interval_ms`);
    this.#timer = clock.after(Math.max(1, interval), () => {
      this.#timer = undefined;
      timerFlushed.add(1);
      this.flush();
      this.#arm();
    });
  }
}
