/** Functions over a range of samples. Windows are open at their start and closed at their end, as in Prometheus 3. */

/** Samples of one series within one window: those from `first` to before `last`. Times in milliseconds, ascending. */
export interface Window {
  readonly times: ArrayLike<number>;
  readonly values: ArrayLike<number>;
  readonly first: number;
  readonly last: number;
  readonly from: number;
  readonly to: number;
}

/** Undefined: no value at this step. */
export type RangeFunction = (window: Window, parameter: number) => number | undefined;

const time = ({ times }: Window, index: number): number => times[index] ?? Number.NaN;
const value = ({ values }: Window, index: number): number => values[index] ?? Number.NaN;
const count = ({ first, last }: Window): number => last - first;

/**
 * The growth within the window, spread to its borders unless the samples end well before them; a counter is not spread below zero.
 * As Prometheus' `extrapolatedRate`.
 */
function growth(window: Window, counter: boolean, perSecond: boolean): number | undefined {
  if (count(window) < 2) return undefined;
  const { first, last } = window;
  const firstValue = value(window, first);
  let grown = value(window, last - 1) - firstValue;
  if (counter) {
    for (let index = first + 1; index < last; index += 1) {
      const before = value(window, index - 1);
      if (value(window, index) < before) grown += before;
    }
  }
  const sampled = (time(window, last - 1) - time(window, first)) / 1000;
  const between = sampled / (count(window) - 1);
  const spread = (gap: number): number => (gap >= between * 1.1 ? between / 2 : gap);
  let toStart = spread((time(window, first) - window.from) / 1000);
  const toEnd = spread((window.to - time(window, last - 1)) / 1000);
  if (counter && grown > 0 && firstValue >= 0) toStart = Math.min(toStart, sampled * (firstValue / grown));
  const whole = (grown * (sampled + toStart + toEnd)) / sampled;
  return perSecond ? whole / ((window.to - window.from) / 1000) : whole;
}

function lastStep(window: Window, counter: boolean): { grown: number; seconds: number } | undefined {
  if (count(window) < 2) return undefined;
  const before = value(window, window.last - 2);
  const after = value(window, window.last - 1);
  const seconds = (time(window, window.last - 1) - time(window, window.last - 2)) / 1000;
  return { grown: counter && after < before ? after : after - before, seconds };
}

function fold(window: Window, start: number, step: (sum: number, value: number) => number): number | undefined {
  if (count(window) === 0) return undefined;
  let folded = start;
  for (let index = window.first; index < window.last; index += 1) folded = step(folded, value(window, index));
  return folded;
}

function pairs(window: Window, counts: (before: number, after: number) => boolean): number | undefined {
  if (count(window) === 0) return undefined;
  let found = 0;
  for (let index = window.first + 1; index < window.last; index += 1)
    if (counts(value(window, index - 1), value(window, index))) found += 1;
  return found;
}

const sum = (window: Window): number | undefined => fold(window, 0, (a, b) => a + b);

/** The smaller of both; of NaN and a number the number. */
export const smaller = (a: number, b: number): number => (b < a || Number.isNaN(a) ? b : a);
export const larger = (a: number, b: number): number => (b > a || Number.isNaN(a) ? b : a);

/** Quantile by interpolation between the ranks next to it. Below 0 and above 1: minus and plus infinity. */
export function quantileOf(values: readonly number[], q: number): number {
  if (values.length === 0 || Number.isNaN(q)) return Number.NaN;
  if (q < 0) return Number.NEGATIVE_INFINITY;
  if (q > 1) return Number.POSITIVE_INFINITY;
  const sorted = values.toSorted((a, b) => (Number.isNaN(a) ? -1 : Number.isNaN(b) ? 1 : a - b));
  const rank = q * (sorted.length - 1);
  const lower = sorted[Math.floor(rank)] ?? Number.NaN;
  const upper = sorted[Math.min(sorted.length - 1, Math.floor(rank) + 1)] ?? Number.NaN;
  const weight = rank - Math.floor(rank);
  return lower * (1 - weight) + upper * weight;
}

export const RANGE_FUNCTIONS: Readonly<Record<string, RangeFunction>> = {
  rate: (window) => growth(window, true, true),
  increase: (window) => growth(window, true, false),
  delta: (window) => growth(window, false, false),
  irate: (window) => {
    const step = lastStep(window, true);
    return step && step.grown / step.seconds;
  },
  idelta: (window) => lastStep(window, false)?.grown,
  resets: (window) => pairs(window, (before, after) => after < before),
  changes: (window) =>
    pairs(window, (before, after) => after !== before && !(Number.isNaN(before) && Number.isNaN(after))),
  sum_over_time: sum,
  avg_over_time: (window) => {
    const whole = sum(window);
    return whole === undefined ? undefined : whole / count(window);
  },
  min_over_time: (window) => fold(window, Number.NaN, smaller),
  max_over_time: (window) => fold(window, Number.NaN, larger),
  count_over_time: (window) => (count(window) === 0 ? undefined : count(window)),
  last_over_time: (window) => (count(window) === 0 ? undefined : value(window, window.last - 1)),
  present_over_time: (window) => (count(window) === 0 ? undefined : 1),
  quantile_over_time: (window, q) => {
    if (count(window) === 0) return undefined;
    const values: number[] = [];
    for (let index = window.first; index < window.last; index += 1) values.push(value(window, index));
    return quantileOf(values, q);
  },
};
