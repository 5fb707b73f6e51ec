/**
 * Keeps one xDS stream open: opens it, and again after a wait whenever it ends. What is held meanwhile goes on serving. The wait doubles
 * from half a second to half a minute, each drawn from half to the whole of it, and begins anew once a stream has brought something.
 */
import { BackOff, type BackOffTimes } from '@weft/agent/back-off';
import type { MonotonicClock, Timer } from '@weft/core/kernel';
import type { XdsStream, XdsStreamHandlers } from './channel.ts';

/** Envoy's defaults for control planes: 500 ms and 30 s. */
const TIMES: BackOffTimes = { initial: 500, cap: 30_000 };

/** Who speaks on the stream. */
export interface XdsSpeaker {
  opened(send: (bytes: Uint8Array) => void): void;
  closed(): void;
  received(bytes: Uint8Array): void;
}

export interface XdsSessionOptions {
  readonly open: (handlers: XdsStreamHandlers) => XdsStream;
  readonly speaker: XdsSpeaker;
  readonly clock: MonotonicClock;
  readonly random: () => number;
  /** Told when a stream ends, with the wait until the next, ms. */
  readonly onEnd: (reason: string, waitMs: number) => void;
}

export class XdsSession {
  readonly #options: XdsSessionOptions;
  readonly #backOff: BackOff;
  #stream: XdsStream | undefined;
  #timer: Timer | undefined;
  #stopped = false;

  constructor(options: XdsSessionOptions) {
    this.#options = options;
    this.#backOff = new BackOff(TIMES, options.random);
  }

  /** A stream is open and has brought something. */
  connected = false;

  start(): void {
    if (this.#stopped) return;
    const { open, speaker } = this.#options;
    try {
      const stream = open({
        onMessage: (message) => {
          this.connected = true;
          this.#backOff.reset();
          speaker.received(message);
        },
        onEnd: (reason) => this.#ended(reason),
      });
      this.#stream = stream;
      speaker.opened((bytes) => stream.send(bytes));
    } catch (error) {
      this.#ended(error instanceof Error ? error.message : String(error));
    }
  }

  stop(): void {
    this.#stopped = true;
    this.#timer?.cancel();
    this.#stream?.close();
    this.#options.speaker.closed();
  }

  #ended(reason: string): void {
    if (this.#stopped) return;
    this.connected = false;
    this.#stream = undefined;
    this.#options.speaker.closed();
    const wait = this.#backOff.next();
    this.#options.onEnd(reason, wait);
    this.#timer = this.#options.clock.after(wait, () => this.start());
  }
}
