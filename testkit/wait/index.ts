/** Bounded waiting on a condition: what whole-system tests use instead of sleeping. */
import { setTimeout as pause } from 'node:timers/promises';

/**
 * ms that processes get to start, join and answer for the first time. Nobody waits that long: it is when a test gives up on a machine whose
 * cores are all busy, where starting takes ten times what it takes elsewhere.
 */
export const START = 60_000;

export interface WaitOptions {
  /** ms until it gives up; default START. */
  readonly timeout?: number;
  /** Said when it gives up. */
  readonly what?: string;
}

/**
 * Calls `probe` until it returns something other than undefined or false, and returns that. A probe that throws counts as "not yet";
 * its last error is the cause of the failure.
 */
export async function until<T>(
  probe: () => T | undefined | false | Promise<T | undefined | false>,
  options: WaitOptions = {},
): Promise<T> {
  const { timeout = START, what = 'the condition' } = options;
  const end = performance.now() + timeout;
  let last: unknown;
  for (;;) {
    try {
      const value = await probe();
      if (value !== undefined && value !== false) return value;
      last = undefined;
    } catch (error) {
      last = error;
    }
    if (performance.now() >= end) throw new Error(`${what} did not come true within ${timeout} ms`, { cause: last });
    await pause(15);
  }
}
