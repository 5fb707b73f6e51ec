/**
 * The two clocks of the project. Timers and leases use the monotonic one, certificates and logs the wall clock; nothing else may
 * ask the time. `testkit` has fakes for both.
 */
export interface MonotonicClock {
  /** Milliseconds since an arbitrary start; never goes back. */
  now(): number;
  /** Calls `callback` once, at least `delayMs` milliseconds from now. The returned timer does not keep a process alive. */
  after(delayMs: number, callback: () => void): Timer;
}

export interface Timer {
  /** Idempotent. After it the callback will not run. */
  cancel(): void;
}

export interface WallClock {
  /** Milliseconds since 1970-01-01T00:00:00Z. */
  now(): number;
}
