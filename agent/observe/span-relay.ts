/**
 * Spans of the engine beside or in this process, on their way to the control plane's own store: cut to what is looked for, cleaned for whoever
 * shows it, and dropped and counted whenever the stream does not keep up. Nothing here holds up a request.
 */
import type { MonotonicClock, Timer } from '@weft/core/kernel';
import type { Span } from '@weft/core/services';
import { shownPath, shownText } from '@weft/core/tap';
import { SPAN_ATTRIBUTES, SPAN_TEXT, SPANS_A_MESSAGE, type TraceSpan } from '@weft/core/traces';
import { readSpans } from '@weft/envoy/services';

/** Spans that wait at most. */
const WAITING = 1000;
const INTERVAL = 500;

/** What a span is looked at for; the rest is the engine's own. */
const KEPT = new Set([
  'http.request.method',
  'http.response.status_code',
  'http.route',
  'url.template',
  'url.path',
  'rpc.method',
  'rpc.response.status_code',
  'error.type',
  'server.address',
  'client.address',
  'network.peer.address',
  'http.protocol',
  'response_flags',
  'grpc.status_code',
  'guid:x-request-id',
  'upstream_cluster',
  'weft.peer.identity',
  'weft.route',
  'weft.tries',
  'weft.kept',
]);

export type SendSpans = (spans: readonly TraceSpan[], missed: number) => boolean;

export class SpanRelay {
  readonly #clock: MonotonicClock;
  #spans: TraceSpan[] = [];
  #missed = 0;
  #send: SendSpans | undefined;
  #timer: Timer | undefined;

  constructor(clock: MonotonicClock) {
    this.#clock = clock;
  }

  start(send: SendSpans): void {
    this.#send = send;
  }

  /** The octets of one ExportTraceServiceRequest; what is none is dropped. */
  take(message: Uint8Array): void {
    if (this.#send === undefined) return;
    for (const span of readSpans(message) ?? []) {
      if (this.#spans.length >= WAITING) this.#missed += 1;
      else this.#spans.push(shown(span));
    }
    this.#timer ??= this.#clock.after(INTERVAL, () => this.#flush());
  }

  stop(): void {
    this.#flush();
    this.#timer?.cancel();
    this.#timer = undefined;
    this.#send = undefined;
  }

  #flush(): void {
    this.#timer = undefined;
    while (this.#spans.length > 0) {
      if (this.#send?.(this.#spans.slice(0, SPANS_A_MESSAGE), this.#missed) !== true) break;
      this.#spans = this.#spans.slice(SPANS_A_MESSAGE);
      this.#missed = 0;
    }
    if (this.#spans.length > 0 && this.#send !== undefined)
      this.#timer = this.#clock.after(INTERVAL, () => this.#flush());
  }
}

const shown = ({ traceId, spanId, parentId, name, kind, start, duration, error, attributes }: Span): TraceSpan => ({
  trace: traceId,
  id: spanId,
  parent: parentId,
  name: cut(shownText(name)),
  kind,
  start,
  duration,
  error,
  attributes: attributes
    .filter(([key]) => KEPT.has(key))
    .slice(0, SPAN_ATTRIBUTES)
    .map(([key, value]) => [key, cut(key === 'url.path' ? shownPath(value) : shownText(value))] as const),
});

const cut = (text: string): string => (text.length > SPAN_TEXT ? `${text.slice(0, SPAN_TEXT - 1)}…` : text);
