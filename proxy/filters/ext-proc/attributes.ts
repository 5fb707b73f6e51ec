/** Attributes that the service is told: texts, numbers and truth as they are, times as texts (Envoy's ExpressionManager). */
import { type AttributeName, CelDuration, CelTimestamp, CelUint, type CelValue } from '@weft/core/cel';
import type { MetadataStruct, MetadataValue } from '@weft/core/proxy-config';
import type { Exchange } from '../../http/exchange.ts';
import { RecordAttributes } from '../../telemetry/attributes.ts';

type Told = (exchange: Exchange, isRequest: boolean) => MetadataStruct | undefined;

export function toldOf(request: readonly AttributeName[], response: readonly AttributeName[]): Told {
  return (exchange, isRequest) => {
    const names = isRequest ? request : response;
    if (names.length === 0) return undefined;
    const source = new RecordAttributes(exchange);
    const told: [string, MetadataValue][] = [];
    for (const name of names) {
      const value = source.attribute(name);
      if (value !== undefined) told.push([name, textOf(value)]);
    }
    return Object.fromEntries(told);
  };
}

function textOf(value: CelValue): MetadataValue {
  if (typeof value === 'string' || typeof value === 'boolean') return value;
  if (typeof value === 'bigint') return Number(value);
  if (value instanceof CelUint) return Number(value.value);
  if (value instanceof CelDuration) return `${Number(value.nanoseconds) / 1e9}s`;
  if (!(value instanceof CelTimestamp)) return '';
  return new Date(Number(value.nanoseconds / 1_000_000n)).toISOString().replace(/\.?0*Z$/, '+00:00');
}
