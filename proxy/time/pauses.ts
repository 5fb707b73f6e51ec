/**
 * Pauses of this thread of a few microseconds, as network cards hold interrupts back: what arrives meanwhile is read at once. A read of an answer by
 * itself (the turn of the loop around it, epoll, the acknowledgement that the kernel sends) costs as much as the engine's own work on a request over
 * HTTP/2, and an engine that is as quick as a backend answers reads each answer by itself. A pause gives up the processor, so it is taken only while it
 * pays: one in vain is followed by 1, 2, 4 ... chances that are not taken, one that took much longer than asked for (the processor had somebody else,
 * or the system has no such short pauses) by 10 ms, 20 ms ... without any.
 */
import { readlinkSync, writeFileSync } from 'node:fs';
import { systemMonotonicClock } from './system-clock.ts';

/** ms; the way there and back takes 15 us more. */
const LENGTH = 0.05;
/** ms that a pause may take. */
const TOO_LONG = 0.4;
/** Chances that are not taken after as many pauses in vain as make so many. */
const MOST_SKIPPED = 256;
/** ms without pauses after one that took too long, and at most. */
const REST = 10;
const LONGEST_REST = 10_000;

const CELL = new Int32Array(new SharedArrayBuffer(4));

export class Pauses {
  #ready = false;
  /** Chances not to be taken, now and after the next pause in vain. */
  #skips = 0;
  #nextSkips = 1;
  #notBefore = 0;
  #rest = REST;

  /** Pauses where that has paid lately. False: it has not, go on. */
  take(): boolean {
    if (this.#skips > 0) {
      this.#skips -= 1;
      return false;
    }
    const began = systemMonotonicClock.now();
    if (began < this.#notBefore) return false;
    if (!this.#ready) {
      this.#ready = true;
      exactTimers();
    }
    Atomics.wait(CELL, 0, 0, LENGTH);
    const ended = systemMonotonicClock.now();
    if (ended - began > TOO_LONG) {
      this.#notBefore = ended + this.#rest;
      this.#rest = Math.min(this.#rest * 2, LONGEST_REST);
    } else if (this.#rest > REST) this.#rest -= 1;
    return true;
  }

  /** What the last pause brought: whether several answers were read together after it. */
  paid(well: boolean): void {
    if (well) this.#nextSkips = 1;
    else {
      this.#skips = this.#nextSkips;
      this.#nextSkips = Math.min(this.#nextSkips * 2, MOST_SKIPPED);
    }
  }
}

/** Linux lets a thread oversleep by 50 us to save wake-ups; here by 1 us (proc(5), /proc/PID/timerslack_ns). Elsewhere nothing happens. */
function exactTimers(): void {
  try {
    const [thread = 'self'] = readlinkSync('/proc/thread-self').split('/').slice(-1);
    writeFileSync(`/proc/${thread}/timerslack_ns`, '1000');
  } catch {
    // No such file, or not ours to write: pauses that take too long end by themselves.
  }
}
