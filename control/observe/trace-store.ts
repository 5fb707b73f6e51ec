/**
 * Spans of the last hour, by trace, in memory: for a mesh whose tracing names no collector. Bounded in octets, spans, spans of one trace and
 * time. Who tells spans has an equal part of the room: one that has more gives way, with the trace that it was silent about longest; one that makes up
 * traces loses those first, and of what it shares with others what is mostly its own. Who a span is of is said by the session that brought it.
 */
import { ENTRY_OCTETS, type InLine, Line, type MonotonicClock, octetsOf, textOctets } from '@weft/core/kernel';
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

/** Who tells spans: a workload by its identity. */
interface Source {
  readonly name: string;
  octets: number;
  spans: number;
  /** Traces that nobody else told spans of, and the others; the one that it was silent about longest first. */
  readonly alone: Line<Part>;
  readonly shared: Line<Part>;
  /** Its parts of traces. */
  parts: number;
  aloneOctets: number;
}

/** What one source told of a trace. */
interface Part extends InLine<Part> {
  readonly source: Source;
  readonly trace: Trace;
  spans: number;
  octets: number;
}

interface Held {
  readonly span: KeptSpan;
  readonly part: Part;
}

interface Trace extends InLine<Trace> {
  readonly id: string;
  readonly spans: Map<string, Held>;
  /** One of each source. */
  readonly parts: Part[];
  octets: number;
  /** Monotonic ms of the last span. */
  at: number;
}

export interface TraceStoreOptions {
  readonly clock: MonotonicClock;
  /** Defaults: an hour, 48 MiB, 20,000 spans of all traces, 500 of one, of which a source has at most what is free. */
  readonly age?: number;
  readonly room?: number;
  readonly spans?: number;
  readonly spansOfTrace?: number;
}

/** Octets of a part of a trace beside its spans, and of a source: the objects, their Maps, their places among the others. */
const PART_OCTETS = 768;
/** Octets of a span beside itself. */
const HELD_OCTETS = ENTRY_OCTETS + 40;
const SOURCE_OCTETS = 1024;

export class TraceStore {
  readonly #traces = new Map<string, Trace>();
  /** The one that was silent longest first. */
  readonly #order = new Line<Trace>();
  readonly #sources = new Map<string, Source>();
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

  /** `source`: whose part of the room it takes, the identity of the workload. */
  add(
    namespace: string,
    workload: string,
    spans: readonly TraceSpan[],
    missed: number,
    source = `${namespace}/${workload}`,
  ): void {
    this.#missed += missed;
    const now = this.#clock.now();
    let teller = this.#sources.get(source);
    for (const span of spans) {
      const trace = this.#traces.get(span.trace) ?? this.#begin(span.trace, now);
      const told = trace.parts.find(({ source: one }) => one === teller);
      // A span's id is its caller's word: the same one of two workloads is two spans.
      const key = `${namespace}/${workload} ${span.kind} ${span.id}`;
      const before = trace.spans.get(key);
      if (before === undefined && (told?.spans ?? 0) + 1 > this.#mostOfTrace - trace.spans.size) {
        this.#missed += 1;
        continue;
      }
      teller ??= this.#come(source);
      const part = told ?? this.#join(trace, teller);
      this.#put(part, key, { ...span, namespace, workload }, before);
      trace.at = now;
      this.#order.remove(trace);
      this.#order.push(trace);
      const line = lineOf(part);
      line.remove(part);
      line.push(part);
    }
    this.#forget(now, teller);
  }

  /** Spans of a trace, the earliest first; empty: it is not known, or not any more. Beginnings of ids will do, if they are of one trace. */
  trace(id: string): readonly KeptSpan[] {
    this.#forget(this.#clock.now());
    const found = this.#traces.get(id) ?? this.#beginning(id);
    return found === undefined ? [] : spansOf(found);
  }

  /** Traces that have a span as asked, the latest first. */
  find({ namespace, workload, errors, slowerThan, limit }: TraceQuery): readonly (readonly KeptSpan[])[] {
    this.#forget(this.#clock.now());
    const found: (readonly KeptSpan[])[] = [];
    for (const trace of this.#order.backwards()) {
      if (found.length >= limit) break;
      const asked = [...trace.spans.values()].some(
        ({ span }) =>
          (namespace === '' || span.namespace === namespace) &&
          (workload === '' || span.workload === workload) &&
          (!errors || span.error) &&
          span.duration >= slowerThan,
      );
      if (asked) found.push(spansOf(trace));
    }
    return found;
  }

  #begin(id: string, at: number): Trace {
    const made: Trace = { id, spans: new Map(), parts: [], octets: 0, at, before: undefined, after: undefined };
    this.#traces.set(id, made);
    this.#order.push(made);
    return made;
  }

  #come(name: string): Source {
    const octets = SOURCE_OCTETS + textOctets(name);
    const made: Source = { name, octets, spans: 0, parts: 0, alone: new Line(), shared: new Line(), aloneOctets: 0 };
    this.#octets += octets;
    this.#sources.set(name, made);
    return made;
  }

  #join(trace: Trace, source: Source): Part {
    const [other] = trace.parts;
    if (other !== undefined && trace.parts.length === 1) {
      // Another one tells spans of its trace too.
      other.source.alone.remove(other);
      other.source.shared.push(other);
      other.source.aloneOctets -= other.octets;
    }
    const made: Part = { source, trace, spans: 0, octets: 0, before: undefined, after: undefined };
    trace.parts.push(made);
    lineOf(made).push(made);
    source.parts += 1;
    this.#grow(made, PART_OCTETS + textOctets(trace.id));
    return made;
  }

  #put(part: Part, key: string, span: KeptSpan, before: Held | undefined): void {
    if (before !== undefined) this.#count(before.part, -1, -octetsHeld(key, before.span));
    this.#count(part, 1, octetsHeld(key, span));
    part.trace.spans.set(key, { span, part });
  }

  #count(part: Part, spans: number, octets: number): void {
    this.#size += spans;
    part.source.spans += spans;
    part.spans += spans;
    this.#grow(part, octets);
  }

  #grow(part: Part, more: number): void {
    const { source, trace } = part;
    part.octets += more;
    trace.octets += more;
    source.octets += more;
    if (trace.parts.length === 1) source.aloneOctets += more;
    this.#octets += more;
  }

  #beginning(id: string): Trace | undefined {
    if (id.length < 8) return undefined;
    const found = [...this.#traces.values()].filter((trace) => trace.id.startsWith(id));
    return found.length === 1 ? found[0] : undefined;
  }

  /** `last`: who told something last. */
  #forget(now: number, last?: Source): void {
    for (let { first } = this.#order; first !== undefined && now - first.at > this.#age; { first } = this.#order)
      this.#drop(first);
    for (;;) {
      const by = this.#octets > this.#room ? 'octets' : 'spans';
      const all = by === 'octets' ? this.#room : this.#most;
      if ((by === 'octets' ? this.#octets : this.#size) <= all) return;
      // So many as there are, one of them has more than its part.
      const part = all / this.#sources.size;
      const most = last !== undefined && last[by] > part ? last : this.#above(by, part);
      if (most === undefined) return;
      this.#giveWay(most);
    }
  }

  #above(by: 'octets' | 'spans', part: number): Source | undefined {
    for (const source of this.#sources.values()) if (source[by] > part) return source;
    return undefined;
  }

  #giveWay({ alone, shared, aloneOctets, octets }: Source): void {
    const own = alone.first;
    const other = shared.first;
    const older = own === undefined || (other !== undefined && other.trace.at < own.trace.at) ? other : own;
    // What is shared is mostly told a moment later than the rest of it: who has little alone loses what is old.
    const part = own !== undefined && 2 * aloneOctets > octets ? own : older;
    if (part === undefined) return;
    if (2 * part.octets > part.trace.octets) {
      this.#forgotten += part.spans;
      this.#leave(part);
    } else {
      this.#forgotten += part.trace.spans.size;
      this.#drop(part.trace);
    }
  }

  #drop(trace: Trace): void {
    for (let [part] = trace.parts; part !== undefined; [part] = trace.parts) this.#leave(part);
  }

  #leave(part: Part): void {
    const { source, trace } = part;
    if (trace.parts.length > 1) for (const [key, held] of trace.spans) if (held.part === part) trace.spans.delete(key);
    this.#count(part, -part.spans, -part.octets);
    lineOf(part).remove(part);
    trace.parts.splice(trace.parts.indexOf(part), 1);
    const [other] = trace.parts;
    if (other === undefined) {
      this.#traces.delete(trace.id);
      this.#order.remove(trace);
    } else if (trace.parts.length === 1) {
      other.source.shared.remove(other);
      other.source.alone.push(other);
      other.source.aloneOctets += other.octets;
    }
    source.parts -= 1;
    if (source.parts > 0) return;
    this.#sources.delete(source.name);
    this.#octets -= source.octets;
    source.octets = 0;
  }
}

/** Where it stands while its trace has so many parts. */
const lineOf = ({ source, trace }: Part): Line<Part> => (trace.parts.length === 1 ? source.alone : source.shared);

/** The earliest first. */
const spansOf = ({ spans }: Trace): KeptSpan[] =>
  [...spans.values()].map(({ span }) => span).sort((a, b) => a.start - b.start);

const octetsHeld = (key: string, span: KeptSpan): number => HELD_OCTETS + textOctets(key) + octetsOf(span);
