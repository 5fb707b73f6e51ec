/** Durations in Gateway API's form (GEP-2257): up to four of `h`, `m`, `s`, `ms` in that order, one to five digits each. */
const FORM = /^(?:(\d{1,5})h)?(?:(\d{1,5})m)?(?:(\d{1,5})s)?(?:(\d{1,5})ms)?$/;

/** Milliseconds, or undefined when `text` is not a GEP-2257 duration. `0s` is 0. */
export function parseDuration(text: string): number | undefined {
  const match = FORM.exec(text);
  if (match === null || text === '') return undefined;
  const [, h = '0', m = '0', s = '0', ms = '0'] = match;
  return Number(h) * 3_600_000 + Number(m) * 60_000 + Number(s) * 1000 + Number(ms);
}

/** The shortest GEP-2257 text of a whole, non-negative number of milliseconds. */
export function formatDuration(ms: number): string {
  const parts: string[] = [];
  let rest = ms;
  for (const [unit, size] of [
    ['h', 3_600_000],
    ['m', 60_000],
    ['s', 1000],
    ['ms', 1],
  ] as const) {
    const count = Math.floor(rest / size);
    if (count > 0) parts.push(`${count}${unit}`);
    rest -= count * size;
  }
  return parts.length === 0 ? '0s' : parts.join('');
}
