/**
 * Where access log lines go: gathered in memory and written in one piece, at most every 200 ms or 64 KiB. When the file cannot keep up, is full or
 * cannot be had, lines are dropped and counted, and it is opened anew a second later; an exchange never waits for its log.
 */
import type { MonotonicClock, Timer } from '@weft/core/kernel';
import type { ExchangeRecord } from '../ports.ts';
import { LineBuffer } from './line-buffer.ts';
import type { LineWriter } from './line-format.ts';
import { type LogStream, type LogTarget, openLog } from './log-stream.ts';

const FLUSH_BYTES = 65_536;
const FLUSH_MS = 200;
/** Bytes waiting for the disk beyond which lines are dropped. */
const LIMIT = 8 << 20;
const PAUSE_MS = 1000;

export class LogFile {
  dropped = 0;
  readonly #clock: MonotonicClock;
  readonly #target: LogTarget;
  readonly #out = new LineBuffer();
  /** Lines in `#out`. */
  #lines = 0;
  #stream: LogStream | undefined;
  #notBefore = Number.NEGATIVE_INFINITY;
  #timer: Timer | undefined;

  constructor(target: LogTarget, clock: MonotonicClock) {
    this.#clock = clock;
    this.#target = target;
  }

  /** The line that `line` writes of the record. */
  write(line: LineWriter, record: ExchangeRecord): void {
    const stream = this.#stream ?? this.#open();
    if (stream === undefined || stream.writableLength > LIMIT) {
      this.dropped += 1;
      return;
    }
    const out = this.#out;
    const before = out.size;
    try {
      line(record, out);
    } catch (error) {
      out.truncate(before);
      throw error;
    }
    this.#lines += 1;
    if (out.size >= FLUSH_BYTES) this.flush();
    else this.#timer ??= this.#clock.after(FLUSH_MS, () => this.flush());
  }

  flush(): void {
    this.#timer?.cancel();
    this.#timer = undefined;
    const count = this.#lines;
    if (count === 0) return;
    this.#lines = 0;
    const octets = this.#out.take();
    const stream = this.#stream ?? this.#open();
    if (stream === undefined) {
      this.dropped += count;
      this.#out.give(octets);
      return;
    }
    stream.write(octets, (error) => {
      if (error) {
        this.dropped += count;
        if (!isStandard(stream)) this.#lost(stream);
      }
      this.#out.give(octets);
    });
  }

  stop(): void {
    this.flush();
    if (this.#stream !== undefined && !isStandard(this.#stream)) this.#stream.end();
    this.#stream = undefined;
    this.#notBefore = Number.POSITIVE_INFINITY;
  }

  #open(): LogStream | undefined {
    if (this.#clock.now() < this.#notBefore) return undefined;
    try {
      const stream = openLog(this.#target);
      // A standard stream's errors are the process's own.
      if (!isStandard(stream)) stream.on('error', () => this.#lost(stream));
      this.#stream = stream;
    } catch {
      this.#lost(undefined);
    }
    return this.#stream;
  }

  #lost(stream: LogStream | undefined): void {
    if (this.#stream !== stream) return;
    this.#stream = undefined;
    this.#notBefore = this.#clock.now() + PAUSE_MS;
  }
}

const isStandard = (stream: LogStream): boolean => stream === process.stdout || stream === process.stderr;
