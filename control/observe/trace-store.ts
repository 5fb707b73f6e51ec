/**
 * Spans of the last hour, by trace, in memory: for a mesh whose tracing names no collector. Bounded in traces, spans of one trace and time; the
 * trace that was silent longest goes first. Who a span is of is said by the session that brought it.
 */
import type { MonotonicClock } from '@weft/core/kernel';
import type { KeptSpan, TraceSpan } from '@weft/core/traces';

export interface TraceQuery {
  readonly namespace: string;
  /** '' and 0: any. */
  readonly workload: string;
  readonly errors: boolean;
  readonly slowerThan: number;
  readonly limit: number;
}

interface Trace {
  readonly id: string;
  readonly spans: Map<string, KeptSpan>;
  /** Monotonic ms of the last span. */
  at: number;
}

export interface TraceStoreOptions {
  readonly clock: MonotonicClock;
  /** Defaults: an hour, 20,000 spans of all traces, 500 of one. */
  readonly age?: number;
  readonly spans?: number;
  readonly spansOfTrace?: number;
}

export class TraceStore {
  /** The one that was silent longest first. */
  readonly #traces = new Map<string, Trace>();
  readonly #clock: MonotonicClock;
  readonly #age: number;
  readonly #most: number;
  readonly #mostOfTrace: number;
  #size = 0;
  #missed = 0;

  constructor({ clock, age = 3_600_000, spans = 20_000, spansOfTrace = 500 }: TraceStoreOptions) {
    this.#clock = clock;
    this.#age = age;
    this.#most = spans;
    this.#mostOfTrace = spansOfTrace;
  }

  /** Spans held, and those that came and were not taken, or were not sent, since the start. */
  get health(): { readonly spans: number; readonly missed: number } {
    return { spans: this.#size, missed: this.#missed };
  }

  add(namespace: string, workload: string, spans: readonly TraceSpan[], missed: number): void {
    this.#missed += missed;
    const now = this.#clock.now();
    for (const span of spans) {
      const trace = this.#traces.get(span.trace) ?? { id: span.trace, spans: new Map<string, KeptSpan>(), at: now };
      // A span's id is its caller's word: the same one of two workloads is two spans.
      const key = `${namespace}/${workload} ${span.kind} ${span.id}`;
      if (trace.spans.size >= this.#mostOfTrace && !trace.spans.has(key)) {
        this.#missed += 1;
        continue;
      }
      if (!trace.spans.has(key)) this.#size += 1;
      trace.spans.set(key, { ...span, namespace, workload });
      trace.at = now;
      this.#traces.delete(span.trace);
      this.#traces.set(span.trace, trace);
    }
    this.#forget(now);
  }

  /** Spans of a trace, the earliest first; empty: it is not known, or not any more. Beginnings of ids will do, if they are of one trace. */
  trace(id: string): readonly KeptSpan[] {
    this.#forget(this.#clock.now());
    const found = this.#traces.get(id) ?? this.#beginning(id);
    return found === undefined ? [] : [...found.spans.values()].sort((a, b) => a.start - b.start);
  }

  /** Traces that have a span as asked, the latest first. */
  find({ namespace, workload, errors, slowerThan, limit }: TraceQuery): readonly (readonly KeptSpan[])[] {
    this.#forget(this.#clock.now());
    const found: (readonly KeptSpan[])[] = [];
    for (const { id, spans } of [...this.#traces.values()].reverse()) {
      if (found.length >= limit) break;
      const asked = [...spans.values()].some(
        (span) =>
          (namespace === '' || span.namespace === namespace) &&
          (workload === '' || span.workload === workload) &&
          (!errors || span.error) &&
          span.duration >= slowerThan,
      );
      if (asked) found.push(this.trace(id));
    }
    return found;
  }

  #beginning(id: string): Trace | undefined {
    if (id.length < 8) return undefined;
    const found = [...this.#traces.values()].filter((trace) => trace.id.startsWith(id));
    return found.length === 1 ? found[0] : undefined;
  }

  #forget(now: number): void {
    for (const trace of this.#traces.values()) {
      if (this.#size <= this.#most && now - trace.at <= this.#age) return;
      this.#traces.delete(trace.id);
      this.#size -= trace.spans.size;
    }
  }
}
