/** The process's two clocks behind core/kernel's ports. Everything below proxy/ asks these and nothing else. */
import type { MonotonicClock, Timer, WallClock } from '@weft/core/kernel';

/** Asked once: as a global it is found by a call of its own each time. */
const { performance } = globalThis;

export const systemMonotonicClock: MonotonicClock = {
  now: () => performance.now(),
  after(delayMs: number, callback: () => void): Timer {
    const handle = setTimeout(callback, Math.min(Math.ceil(delayMs), 2_147_483_647));
    handle.unref();
    return { cancel: () => clearTimeout(handle) };
  },
};

export const systemWallClock: WallClock = { now: () => Date.now() };
