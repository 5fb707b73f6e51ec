/** The time-outs of one exchange towards the upstream: of the whole, of a try, of a try's silence, and the wait before the next one. Made when first needed. */
import type { ReusableTimer, TimerTarget, TimerWheel } from '../ports.ts';

export const TIMER_ROUTE = 1;
export const TIMER_TRY = 2;
export const TIMER_BACK_OFF = 3;
export const TIMER_TRY_IDLE = 4;

export class TryTimers {
  readonly #wheel: TimerWheel;
  readonly #target: TimerTarget;
  readonly #route: ReusableTimer;
  #try: ReusableTimer | undefined;
  #tryIdle: ReusableTimer | undefined;
  #backOff: ReusableTimer | undefined;

  constructor(wheel: TimerWheel, target: TimerTarget) {
    this.#wheel = wheel;
    this.#target = target;
    this.#route = wheel.create(target, TIMER_ROUTE);
  }

  startRoute(ms: number): void {
    this.#route.start(ms);
  }

  /** 0: none. */
  startTry(ms: number): void {
    if (ms === 0) return;
    this.#try ??= this.#wheel.create(this.#target, TIMER_TRY);
    this.#try.start(ms);
  }

  /** Something moved on the try: its idle time-out starts again. 0: none. */
  tryMoved(ms: number): void {
    if (ms === 0) return;
    this.#tryIdle ??= this.#wheel.create(this.#target, TIMER_TRY_IDLE);
    this.#tryIdle.start(ms);
  }

  startBackOff(ms: number): void {
    this.#backOff ??= this.#wheel.create(this.#target, TIMER_BACK_OFF);
    this.#backOff.start(ms);
  }

  get backingOff(): boolean {
    return this.#backOff?.running === true;
  }

  stopBackOff(): void {
    this.#backOff?.stop();
  }

  /** The try's answer is there: only its silence counts. */
  answered(): void {
    this.#try?.stop();
  }

  tryOver(): void {
    this.#try?.stop();
    this.#tryIdle?.stop();
  }

  stop(): void {
    this.#route.stop();
    this.#try?.stop();
    this.#tryIdle?.stop();
    this.#backOff?.stop();
  }
}
