/**
 * One access log that goes to a service: entries are gathered, and sent when they are many enough or the oldest waited long enough. While the
 * service is away or does not keep up, what is beyond the buffer is dropped and counted; an exchange never waits for its log. A stream that
 * ended is opened again, later each time it fails, by up to 30 s.
 */
import type { MonotonicClock, Timer } from '@weft/core/kernel';
import type { GrpcLogSink } from '@weft/core/proxy-config';
import type { LogNode, ServiceMessages } from '@weft/core/services';
import type { GrpcFailure, GrpcStream, GrpcStreamHandler, ServiceCalls } from '../calls/port.ts';
import type { Counter, ExchangeRecord } from '../ports.ts';
import { entryOf } from './grpc-entry.ts';

const PATH = '/envoy.service.accesslog.v3.AccessLogService/StreamAccessLogs';
const FIRST_WAIT = 500;
const LONGEST_WAIT = 30_000;
/** Octets that wait at most where the configuration sets no bound. */
const UNBOUNDED = 8 << 20;

export interface GrpcLogParts {
  readonly clock: MonotonicClock;
  readonly random: () => number;
  readonly calls: ServiceCalls;
  readonly messages: ServiceMessages;
  readonly node: LogNode;
  readonly written: Counter;
  readonly dropped: Counter;
}

export class GrpcLog implements GrpcStreamHandler {
  readonly #sink: GrpcLogSink;
  readonly #parts: GrpcLogParts;
  readonly #limit: number;
  #entries: Uint8Array[] = [];
  #size = 0;
  #flushTimer: Timer | undefined;
  #stream: GrpcStream | undefined;
  /** Entries that were given to the stream and wait there. */
  #waiting = 0;
  #takeTimer: Timer | undefined;
  #wait = 0;
  #notBefore = 0;
  #stopped = false;

  constructor(sink: GrpcLogSink, parts: GrpcLogParts) {
    this.#sink = sink;
    this.#parts = parts;
    this.#limit = sink.bufferBytes === 0 ? UNBOUNDED : sink.bufferBytes;
  }

  log(record: ExchangeRecord): void {
    if (this.#size >= this.#limit) this.flush();
    if (this.#size >= this.#limit || this.#stopped) {
      this.#parts.dropped.add(1);
      return;
    }
    const entry = this.#parts.messages.accessLogEntry(this.#sink.entries, entryOf(record, this.#sink));
    this.#parts.written.add(1);
    this.#entries.push(entry);
    this.#size += entry.length;
    if (this.#size >= this.#sink.bufferBytes) this.flush();
    this.#arm();
  }

  /** Sends what waits, if the service takes it now. */
  flush(): void {
    if (this.#entries.length === 0 || this.#stopped || this.#stream?.blocked === true) return;
    const { clock, messages, node } = this.#parts;
    if (this.#stream === undefined && clock.now() < this.#notBefore) return;
    const first = this.#stream === undefined;
    const { entries, logName, service } = this.#sink;
    const identifier = first ? { node, logName } : undefined;
    const message = messages.accessLogMessage(entries, this.#entries, identifier);
    const count = this.#entries.length;
    this.#entries = [];
    this.#size = 0;
    this.#flushTimer?.cancel();
    this.#flushTimer = undefined;
    this.#stream ??= this.#parts.calls.stream(
      { service, path: PATH, metadata: service.initialMetadata, timeout: 0 },
      this,
    );
    if (this.#stream.send(message)) return;
    this.#waiting = count;
    if (service.timeout !== undefined && service.timeout > 0)
      this.#takeTimer = clock.after(service.timeout, () => this.#giveUp());
  }

  /** The service has nothing to say. */
  streamMessage(): void {}

  streamDrained(): void {
    this.#taken();
    this.#wait = 0;
    if (this.#size >= this.#sink.bufferBytes) this.flush();
  }

  streamEnded(_failure: GrpcFailure | undefined): void {
    this.#parts.dropped.add(this.#waiting);
    this.#taken();
    this.#stream = undefined;
    this.#wait = Math.min(LONGEST_WAIT, this.#wait === 0 ? FIRST_WAIT : this.#wait * 2);
    this.#notBefore = this.#parts.clock.now() + this.#wait * (0.5 + this.#parts.random() / 2);
    this.#arm();
  }

  stop(): void {
    this.flush();
    this.#stopped = true;
    this.#flushTimer?.cancel();
    this.#takeTimer?.cancel();
    this.#stream?.cancel();
    this.#stream = undefined;
  }

  #giveUp(): void {
    this.#stream?.cancel();
    this.streamEnded(undefined);
  }

  #taken(): void {
    this.#waiting = 0;
    this.#takeTimer?.cancel();
    this.#takeTimer = undefined;
  }

  /** While anything waits, there is a time at which it is tried. */
  #arm(): void {
    if (this.#entries.length === 0 || this.#stopped || this.#flushTimer !== undefined) return;
    const { clock } = this.#parts;
    const pause = this.#stream === undefined ? this.#notBefore - clock.now() : 0;
    this.#flushTimer = clock.after(Math.max(this.#sink.flushInterval, pause, 1), () => {
      this.#flushTimer = undefined;
      this.flush();
      this.#arm();
    });
  }
}
