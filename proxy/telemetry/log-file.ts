/**
 * Where access log lines go: gathered in memory and written in one piece, at most every 200 ms or 64 KiB. When the file cannot keep up, lines are
 * dropped and counted; an exchange never waits for its log.
 */
import { createWriteStream, type WriteStream } from 'node:fs';
import type { MonotonicClock, Timer } from '@weft/core/kernel';
import type { ExchangeRecord } from '../ports.ts';
import { LineBuffer } from './line-buffer.ts';
import type { LineWriter } from './line-format.ts';

const FLUSH_BYTES = 65_536;
const FLUSH_MS = 200;
/** Bytes waiting for the disk beyond which lines are dropped. */
const LIMIT = 8 << 20;

export class LogFile {
  dropped = 0;
  readonly #clock: MonotonicClock;
  readonly #stream: WriteStream | NodeJS.WriteStream;
  readonly #own: boolean;
  readonly #out = new LineBuffer();
  #timer: Timer | undefined;
  #failed = false;

  constructor(sink: string | NodeJS.WriteStream, clock: MonotonicClock) {
    this.#clock = clock;
    this.#own = typeof sink === 'string';
    this.#stream = typeof sink === 'string' ? createWriteStream(sink, { flags: 'a' }) : sink;
    if (this.#own) this.#stream.on('error', () => void (this.#failed = true));
  }

  /** The line that `line` writes of the record. */
  write(line: LineWriter, record: ExchangeRecord): void {
    if (this.#failed || this.#stream.writableLength > LIMIT) {
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
    if (out.size >= FLUSH_BYTES) this.flush();
    else this.#timer ??= this.#clock.after(FLUSH_MS, () => this.flush());
  }

  flush(): void {
    this.#timer?.cancel();
    this.#timer = undefined;
    if (this.#out.size === 0) return;
    const lines = this.#out.take();
    this.#stream.write(lines, () => this.#out.give(lines));
  }

  stop(): void {
    this.flush();
    if (this.#own) this.#stream.end();
  }
}
