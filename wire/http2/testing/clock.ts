/** For tests: a monotonic clock that stands still. */
import type { MonotonicClock } from '@weft/core/kernel';

export const stillClock: MonotonicClock = { now: () => 0, after: () => ({ cancel() {} }) };
