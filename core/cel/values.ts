/** Values of the Common Expression Language (cel-spec, "Values"): what expressions are made of and what they become. */

/** int is a bigint, double a number. */
export type CelValue =
  | null
  | boolean
  | bigint
  | number
  | string
  | CelUint
  | CelDuration
  | CelTimestamp
  | CelList
  | CelMap
  | CelError;

export class CelUint {
  readonly value: bigint;
  constructor(value: bigint) {
    this.value = value;
  }
}

export class CelDuration {
  readonly nanoseconds: bigint;
  constructor(nanoseconds: bigint) {
    this.nanoseconds = nanoseconds;
  }
}

export class CelTimestamp {
  /** Since 1970. */
  readonly nanoseconds: bigint;
  constructor(nanoseconds: bigint) {
    this.nanoseconds = nanoseconds;
  }
}

export class CelList {
  readonly items: readonly CelValue[];
  constructor(items: readonly CelValue[]) {
    this.items = items;
  }
}

/** Whatever can be asked for by a text. */
export interface CelLookup {
  get(key: string): CelValue | undefined;
  /** Number of entries; -1: nobody knows. */
  readonly size: number;
}

export class CelMap {
  readonly lookup: CelLookup;
  constructor(lookup: CelLookup) {
    this.lookup = lookup;
  }
}

/** Nothing can be said; it goes through every operator but `&&` and `||` where the other side decides. */
export class CelError {
  readonly message: string;
  constructor(message: string) {
    this.message = message;
  }
}

export const NO_OVERLOAD = new CelError('no such overload');
export const NO_KEY = new CelError('no such key');

const INT_LEAST = -(1n << 63n);
const INT_MOST = (1n << 63n) - 1n;
const UINT_MOST = (1n << 64n) - 1n;
const OVERFLOW = new CelError('integer overflow');

export const intOf = (value: bigint): CelValue => (value < INT_LEAST || value > INT_MOST ? OVERFLOW : value);
export const uintOf = (value: bigint): CelValue => (value < 0n || value > UINT_MOST ? OVERFLOW : new CelUint(value));

/** A number of any kind, comparable; undefined: it is none. */
const numeric = (value: CelValue): bigint | number | undefined =>
  typeof value === 'bigint' || typeof value === 'number' ? value : value instanceof CelUint ? value.value : undefined;

/** Of different kinds: not equal, but for numbers, which are compared as numbers. */
export function equal(left: CelValue, right: CelValue): boolean | CelError {
  if (left instanceof CelError) return left;
  if (right instanceof CelError) return right;
  const [first, second] = [numeric(left), numeric(right)];
  // A bigint and a number of the same value are equal.
  if (first !== undefined && second !== undefined) return first <= second && first >= second;
  if (left instanceof CelDuration && right instanceof CelDuration) return left.nanoseconds === right.nanoseconds;
  if (left instanceof CelTimestamp && right instanceof CelTimestamp) return left.nanoseconds === right.nanoseconds;
  if (left instanceof CelList && right instanceof CelList) return equalLists(left.items, right.items);
  if (left instanceof CelMap || right instanceof CelMap) return NO_OVERLOAD;
  return left === right;
}

function equalLists(left: readonly CelValue[], right: readonly CelValue[]): boolean | CelError {
  if (left.length !== right.length) return false;
  for (const [index, item] of left.entries()) {
    const same = equal(item, right[index] as CelValue);
    if (same !== true) return same;
  }
  return true;
}

/** Negative, 0, positive; NaN: neither, as with a double that is none. */
export function order(left: CelValue, right: CelValue): number | CelError {
  if (left instanceof CelError) return left;
  if (right instanceof CelError) return right;
  const [first, second] = [ordered(left), ordered(right)];
  if (first === undefined || second === undefined || kindOf(left) !== kindOf(right)) return NO_OVERLOAD;
  return first < second ? -1 : first > second ? 1 : first >= second ? 0 : Number.NaN;
}

const kindOf = (value: CelValue): string =>
  value instanceof CelDuration
    ? 'duration'
    : value instanceof CelTimestamp
      ? 'timestamp'
      : numeric(value) === undefined
        ? typeof value
        : 'number';

function ordered(value: CelValue): bigint | number | string | undefined {
  if (value instanceof CelDuration || value instanceof CelTimestamp) return value.nanoseconds;
  if (typeof value === 'boolean') return Number(value);
  return typeof value === 'string' ? value : numeric(value);
}

/** `\d+(\.\d+)?` of h, m, s, ms, us, ns, one after the other; undefined: it is no duration. */
export function durationOf(text: string): CelDuration | undefined {
  const match = /^(-?)((?:\d+(?:\.\d+)?(?:h|ms|us|ns|m|s))+)$/.exec(text);
  if (match === null || text.length > 64) return undefined;
  let sum = 0n;
  for (const [, whole = '', fraction = '', unit = ''] of (match[2] ?? '').matchAll(
    /(\d+)(?:\.(\d+))?(h|ms|us|ns|m|s)/g,
  )) {
    const size = UNITS[unit] as bigint;
    sum += BigInt(whole) * size + (BigInt(fraction || '0') * size) / 10n ** BigInt(fraction.length);
  }
  return new CelDuration(match[1] === '-' ? -sum : sum);
}

const UNITS: Readonly<Record<string, bigint>> = {
  h: 3_600_000_000_000n,
  m: 60_000_000_000n,
  s: 1_000_000_000n,
  ms: 1_000_000n,
  us: 1000n,
  ns: 1n,
};
