/**
 * A hashed timer wheel: thousands of time-outs that are restarted at every exchange and almost never fire. Restarting a running timer
 * with a later end writes one number; the list is corrected when its slot comes up. The wheel sleeps until the next occupied slot, so an
 * idle engine does not wake. It must never call a target synchronously from `start`.
 */
import type { MonotonicClock, Timer } from '@weft/core/kernel';
import type { ReusableTimer, TimerTarget, TimerWheel } from '../ports.ts';

const TICK = 10;
const SLOTS = 512;

class WheelTimer implements ReusableTimer {
  next: WheelTimer | undefined;
  previous: WheelTimer | undefined;
  /** -1: not in the wheel. */
  slot = -1;
  running = false;
  deadline = 0;
  readonly target: TimerTarget;
  readonly kind: number;
  readonly #wheel: HashedTimerWheel;

  constructor(wheel: HashedTimerWheel, target: TimerTarget, kind: number) {
    this.#wheel = wheel;
    this.target = target;
    this.kind = kind;
  }

  start(delayMs: number): void {
    if (delayMs > 0) this.#wheel.arm(this, delayMs);
    else this.#wheel.disarm(this);
  }

  stop(): void {
    this.#wheel.disarm(this);
  }
}

export class HashedTimerWheel implements TimerWheel {
  readonly #clock: MonotonicClock;
  readonly #slots: (WheelTimer | undefined)[] = new Array<WheelTimer | undefined>(SLOTS).fill(undefined);
  #linked = 0;
  /** Tick number that was handled last. */
  #handled: number;
  #wake: Timer | undefined;
  #wakeTick = 0;

  constructor(clock: MonotonicClock) {
    this.#clock = clock;
    this.#handled = Math.floor(clock.now() / TICK);
  }

  create(target: TimerTarget, kind: number): ReusableTimer {
    return new WheelTimer(this, target, kind);
  }

  arm(timer: WheelTimer, delayMs: number): void {
    const deadline = this.#clock.now() + delayMs;
    const later = deadline >= timer.deadline;
    timer.deadline = deadline;
    timer.running = true;
    if (timer.slot >= 0) {
      if (later) return;
      this.#unlink(timer);
    }
    this.#link(timer);
  }

  disarm(timer: WheelTimer): void {
    timer.running = false;
    if (timer.slot >= 0) this.#unlink(timer);
  }

  #link(timer: WheelTimer): void {
    const tick = Math.max(Math.ceil(timer.deadline / TICK), this.#handled + 1);
    const slot = tick % SLOTS;
    const head = this.#slots[slot];
    timer.slot = slot;
    timer.previous = undefined;
    timer.next = head;
    if (head !== undefined) head.previous = timer;
    this.#slots[slot] = timer;
    this.#linked += 1;
    this.#sleepUntil(Math.min(tick, this.#handled + SLOTS));
  }

  #unlink(timer: WheelTimer): void {
    const { next, previous, slot } = timer;
    if (previous === undefined) this.#slots[slot] = next;
    else previous.next = next;
    if (next !== undefined) next.previous = previous;
    timer.next = undefined;
    timer.previous = undefined;
    timer.slot = -1;
    this.#linked -= 1;
  }

  #sleepUntil(tick: number): void {
    if (this.#wake !== undefined) {
      if (this.#wakeTick <= tick) return;
      this.#wake.cancel();
    }
    this.#wakeTick = tick;
    this.#wake = this.#clock.after(Math.max(0, tick * TICK - this.#clock.now()), this.#turn);
  }

  readonly #turn = (): void => {
    this.#wake = undefined;
    const now = this.#clock.now();
    const current = Math.floor(now / TICK);
    const from = Math.max(this.#handled + 1, current - SLOTS + 1);
    this.#handled = Math.max(this.#handled, current);
    const due: WheelTimer[] = [];
    const moved: WheelTimer[] = [];
    for (let tick = from; tick <= current; tick += 1) {
      let timer = this.#slots[tick % SLOTS];
      while (timer !== undefined) {
        const next: WheelTimer | undefined = timer.next;
        if (timer.deadline <= now) {
          this.#unlink(timer);
          due.push(timer);
        } else if (Math.ceil(timer.deadline / TICK) % SLOTS !== timer.slot) {
          this.#unlink(timer);
          moved.push(timer);
        }
        timer = next;
      }
    }
    for (const timer of moved) this.#link(timer);
    if (this.#linked > 0) this.#sleepUntil(this.#nextOccupied());
    for (const timer of due) {
      if (!timer.running || timer.deadline > now || timer.slot >= 0) continue;
      timer.running = false;
      timer.target.timerFired(timer.kind);
    }
  };

  #nextOccupied(): number {
    for (let tick = this.#handled + 1; tick < this.#handled + SLOTS; tick += 1) {
      if (this.#slots[tick % SLOTS] !== undefined) return tick;
    }
    return this.#handled + SLOTS;
  }
}
