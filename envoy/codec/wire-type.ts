/** How kinds of fields travel, and what protobuf leaves out: facts that reader and writer share. */
import type { Field } from '../tables/index.ts';

/** 0 varint, 1 eight bytes, 2 length-delimited, 5 four bytes. */
export function wireOf(kind: Field['kind']): number {
  switch (kind) {
    case 'message':
    case 'string':
    case 'bytes':
      return 2;
    case 'fixed32':
    case 'sfixed32':
    case 'float':
      return 5;
    case 'fixed64':
    case 'sfixed64':
    case 'double':
      return 1;
    default:
      return 0;
  }
}

/** Whether a value is the one that an absent field of that kind has. */
export const isDefault = (field: Field, value: unknown): boolean =>
  value === '' ||
  Object.is(value, 0) ||
  value === 0n ||
  value === false ||
  (value instanceof Uint8Array && value.length === 0) ||
  (field.kind === 'enum' && typeof value === 'string' && field.enumeration.numbers.get(value) === 0);

const RANGES: Readonly<Record<string, readonly [bigint, bigint]>> = {
  int32: [-(2n ** 31n), 2n ** 31n - 1n],
  sint32: [-(2n ** 31n), 2n ** 31n - 1n],
  sfixed32: [-(2n ** 31n), 2n ** 31n - 1n],
  uint32: [0n, 2n ** 32n - 1n],
  fixed32: [0n, 2n ** 32n - 1n],
  int64: [-(2n ** 63n), 2n ** 63n - 1n],
  sint64: [-(2n ** 63n), 2n ** 63n - 1n],
  sfixed64: [-(2n ** 63n), 2n ** 63n - 1n],
  uint64: [0n, 2n ** 64n - 1n],
  fixed64: [0n, 2n ** 64n - 1n],
};

/** Whether an integer kind can hold `value`. */
export function fits(kind: string, value: unknown): value is number | bigint {
  if (typeof value === 'number') {
    if (!Number.isInteger(value)) return false;
    if (value >= 0 && value <= 0x7fffffff) return true;
  } else if (typeof value !== 'bigint') return false;
  const range = RANGES[kind];
  return range !== undefined && value >= range[0] && value <= range[1];
}
