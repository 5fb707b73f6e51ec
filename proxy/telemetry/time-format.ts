/**
 * Times in a log (`%START_TIME(%Y/%m/%d %H:%M:%S.%3f)%`), in UTC: strftime's letters, and Envoy's `%s` (seconds since 1970), `%f` (nanoseconds)
 * and `%1f` to `%9f` (so many digits of the second's fraction). Compiled once.
 */
type Piece = string | ((at: Date) => string);

const DAYS = ['Sunday', 'Monday', 'Tuesday', 'Wednesday', 'Thursday', 'Friday', 'Saturday'];
const MONTHS = [
  'January',
  'February',
  'March',
  'April',
  'May',
  'June',
  'July',
  'August',
  'September',
  'October',
  'November',
  'December',
];

const two = (value: number): string => String(value).padStart(2, '0');
const day = (at: Date): string => DAYS[at.getUTCDay()] ?? '';
const month = (at: Date): string => MONTHS[at.getUTCMonth()] ?? '';
const date = (at: Date): string => at.toISOString().slice(0, 10);
const time = (at: Date): string => at.toISOString().slice(11, 19);
const fraction =
  (digits: number) =>
  (at: Date): string =>
    String(at.getUTCMilliseconds()).padStart(3, '0').padEnd(9, '0').slice(0, digits);

const LETTERS: Readonly<Record<string, (at: Date) => string>> = {
  Y: (at) => String(at.getUTCFullYear()),
  y: (at) => two(at.getUTCFullYear() % 100),
  m: (at) => two(at.getUTCMonth() + 1),
  d: (at) => two(at.getUTCDate()),
  e: (at) => String(at.getUTCDate()).padStart(2, ' '),
  H: (at) => two(at.getUTCHours()),
  I: (at) => two(at.getUTCHours() % 12 || 12),
  M: (at) => two(at.getUTCMinutes()),
  S: (at) => two(at.getUTCSeconds()),
  p: (at) => (at.getUTCHours() < 12 ? 'AM' : 'PM'),
  a: (at) => day(at).slice(0, 3),
  A: day,
  b: (at) => month(at).slice(0, 3),
  B: month,
  F: date,
  T: time,
  z: () => '+0000',
  Z: () => 'UTC',
  s: (at) => String(Math.floor(at.getTime() / 1000)),
  f: fraction(9),
  '%': () => '%',
};

/** Undefined when the format has a letter that is not known. `''`: as Envoy does without a format, RFC 3339 with milliseconds. */
export function compileTime(format: string): ((wallMs: number) => string | number) | undefined {
  if (format === '' || format === '%Y-%m-%dT%H:%M:%S.%3fZ') return isoTime;
  if (format === '%s') return (wallMs) => Math.floor(wallMs / 1000);
  const pieces: Piece[] = [];
  let at = 0;
  for (const match of format.matchAll(/%(?:([1-9])f|(.))/gs)) {
    if (match.index > at) pieces.push(format.slice(at, match.index));
    at = match.index + match[0].length;
    const [, digits, letter = ''] = match;
    const piece = digits !== undefined ? fraction(Number(digits)) : LETTERS[letter];
    if (piece === undefined) return undefined;
    pieces.push(piece);
  }
  if (at < format.length) {
    if (format.slice(at).includes('%')) return undefined;
    pieces.push(format.slice(at));
  }
  return (wallMs) => {
    const instant = new Date(wallMs);
    let text = '';
    for (const piece of pieces) text += typeof piece === 'string' ? piece : piece(instant);
    return text;
  };
}

let second = Number.NaN;
let secondText = '';

/** As Date's toISOString; the text of a second is made once. */
function isoTime(wall: number): string {
  const whole = Math.floor(wall / 1000);
  if (whole !== second) {
    second = whole;
    secondText = new Date(whole * 1000).toISOString().slice(0, -4);
  }
  const rest = Math.floor(wall - whole * 1000);
  return `${secondText}${rest < 10 ? '00' : rest < 100 ? '0' : ''}${rest}Z`;
}
