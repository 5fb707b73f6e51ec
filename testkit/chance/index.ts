/** What chance may do to a count: bounds for shares that are drawn at random. */

/** Of each side. Some hundred shares are judged in a run of all tests: less than one run in a million fails by chance. */
const UNLIKELY = 1e-9;

/** The least and the most that `count` draws of probability `share` give, but for one time in 10^9 each: the quantiles of the binomial distribution. */
export function boundsOfShare(count: number, share: number): readonly [least: number, most: number] {
  if (share <= 0) return [0, 0];
  if (share >= 1) return [count, count];
  const least = quantile(count, share);
  return [least, count - quantile(count, 1 - share)];
}

/** The least number of hits whose probability, with that of fewer ones, is above UNLIKELY. */
function quantile(count: number, share: number): number {
  let logarithm = count * Math.log1p(-share);
  let sum = Math.exp(logarithm);
  let hits = 0;
  while (sum <= UNLIKELY) {
    logarithm += Math.log((count - hits) / (hits + 1)) + Math.log(share) - Math.log1p(-share);
    hits += 1;
    sum += Math.exp(logarithm);
  }
  return hits;
}
