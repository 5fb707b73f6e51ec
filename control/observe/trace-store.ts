/**
 * Spans of the last hour, by trace, in memory: for a mesh whose tracing names no collector. Bounded in octets, spans, spans of one trace and
 * time; the trace that was silent longest goes first. Who a span is of is said by the session that brought it.
 */
import { ENTRY_OCTETS, type MonotonicClock, octetsOf, textOctets } from '@weft/core/kernel';
import type { TracesHealth } from '@weft/core/documents';
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
  octets: number;
  /** Monotonic ms of the last span. */
  at: number;
}

export interface TraceStoreOptions {
  readonly clock: MonotonicClock;
  /** Defaults: an hour, 48 MiB, 20,000 spans of all traces, 500 of one. */
  readonly age?: number;
  readonly room?: number;
  readonly spans?: number;
  readonly spansOfTrace?: number;
}

/** Octets of a trace beside its spans: the object, its Map, its place among the others. */
const TRACE_OCTETS = 512;

export class TraceStore {
  /** The one that was silent longest first. */
  readonly #traces = new Map<string, Trace>();
  readonly #clock: MonotonicClock;
  readonly #age: number;
  readonly #room: number;
  readonly #most: number;
  readonly #mostOfTrace: number;
  #size = 0;
  #octets = 0;
  #missed = 0;
  #forgotten = 0;

  constructor({
    clock,
    age = 3_600_000,
    room = 48 * 1024 * 1024,
    spans = 20_000,
    spansOfTrace = 500,
  }: TraceStoreOptions) {
    this.#clock = clock;
    this.#age = age;
    this.#room = room;
    this.#most = spans;
    this.#mostOfTrace = spansOfTrace;
  }

  get health(): TracesHealth {
    return { spans: this.#size, octets: this.#octets, missed: this.#missed, forgotten: this.#forgotten };
  }

  /** Octets that it takes at most, and between two calls of `add`. */
  get room(): number {
    return this.#room;
  }

  add(namespace: string, workload: string, spans: readonly TraceSpan[], missed: number): void {
    this.#missed += missed;
    const now = this.#clock.now();
    for (const span of spans) {
      const trace = this.#traces.get(span.trace) ?? this.#begin(span.trace, now);
      // A span's id is its caller's word: the same one of two workloads is two spans.
      const key = `${namespace}/${workload} ${span.kind} ${span.id}`;
      if (trace.spans.size >= this.#mostOfTrace && !trace.spans.has(key)) {
        this.#missed += 1;
        continue;
      }
      this.#put(trace, key, { ...span, namespace, workload });
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

  #begin(id: string, at: number): Trace {
    const octets = TRACE_OCTETS + textOctets(id);
    this.#octets += octets;
    return { id, spans: new Map(), octets, at };
  }

  #put(trace: Trace, key: string, span: KeptSpan): void {
    const before = trace.spans.get(key);
    if (before === undefined) this.#size += 1;
    const more = octetsHeld(key, span) - (before === undefined ? 0 : octetsHeld(key, before));
    trace.spans.set(key, span);
    trace.octets += more;
    this.#octets += more;
  }

  #beginning(id: string): Trace | undefined {
    if (id.length < 8) return undefined;
    const found = [...this.#traces.values()].filter((trace) => trace.id.startsWith(id));
    return found.length === 1 ? found[0] : undefined;
  }

  #forget(now: number): void {
    for (const trace of this.#traces.values()) {
      const old = now - trace.at > this.#age;
      if (!old && this.#size <= this.#most && this.#octets <= this.#room) return;
      this.#traces.delete(trace.id);
      this.#size -= trace.spans.size;
      this.#octets -= trace.octets;
      if (!old) this.#forgotten += trace.spans.size;
    }
  }
}

const octetsHeld = (key: string, span: KeptSpan): number => ENTRY_OCTETS + textOctets(key) + octetsOf(span);
