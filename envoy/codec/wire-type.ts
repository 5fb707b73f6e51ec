/** How kinds of fields travel, and what protobuf leaves out: facts that reader and writer share. */
import type { Field, FieldKind } from '../tables/index.ts';

type WireType = 0 | 1 | 2 | 5;

const WIRE_TYPES: Readonly<Record<FieldKind, WireType>> = {
  message: 2,
  string: 2,
  bytes: 2,
  fixed32: 5,
  sfixed32: 5,
  float: 5,
  fixed64: 1,
  sfixed64: 1,
  double: 1,
  bool: 0,
  enum: 0,
  int32: 0,
  uint32: 0,
  sint32: 0,
  int64: 0,
  uint64: 0,
  sint64: 0,
};

/** 0 varint, 1 eight bytes, 2 length-delimited, 5 four bytes. */
export const wireOf = (kind: FieldKind): WireType => WIRE_TYPES[kind];

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
