/** Values, ids and times of OpenTelemetry's messages, as all its signals have them. */
import type { LogValue } from '@weft/core/proxy-config';
import type { Messages } from '../tables/index.ts';

type KeyValue = Messages['opentelemetry.proto.common.v1.KeyValue'];
type AnyValue = Messages['opentelemetry.proto.common.v1.AnyValue'];

export const pairOf = ([key, value]: readonly [string, LogValue]): KeyValue => ({ key, value: anyValue(value) });

export function anyValue(value: LogValue): AnyValue {
  if (typeof value === 'string') return { string_value: value };
  return value.kind === 'list'
    ? { array_value: { values: value.items.map(anyValue) } }
    : { kvlist_value: { values: value.fields.map(pairOf) } };
}

/** Whole microseconds: a double holds no more of a date. */
export const nanoseconds = (ms: number): bigint => BigInt(Math.round(ms * 1000)) * 1000n;

export function octets(hex: string): Uint8Array {
  const bytes = new Uint8Array(hex.length / 2);
  for (let i = 0; i < bytes.length; i += 1) bytes[i] = Number.parseInt(hex.slice(2 * i, 2 * i + 2), 16);
  return bytes;
}
