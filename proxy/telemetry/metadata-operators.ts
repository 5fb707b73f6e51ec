/**
 * `%DYNAMIC_METADATA(NAMESPACE:KEY:...)%` and `%METADATA(TYPE:NAMESPACE:KEY:...)%`: a text as it is, other values as JSON with the keys of
 * objects in order.
 */
import { metadataAt, type MetadataView } from '@weft/core/decide';
import type { MetadataValue } from '@weft/core/proxy-config';
import type { ExchangeRecord } from '../ports.ts';
import { jsonText } from './json-text.ts';
import { type Operator, type OperatorValue, WrittenJson } from './operator.ts';

export const dynamicMetadata = (argument: string): Operator | undefined => at(argument, ({ metadata }) => metadata);

/** DYNAMIC and ROUTE are known here. */
export function metadata(argument: string): Operator | undefined {
  const colon = argument.indexOf(':');
  const rest = argument.slice(colon + 1);
  if (colon < 0) return undefined;
  switch (argument.slice(0, colon)) {
    case 'DYNAMIC':
      return dynamicMetadata(rest);
    case 'ROUTE':
      return at(rest, ({ routeMetadata }) => routeMetadata);
    default:
      return undefined;
  }
}

function at(argument: string, of: (record: ExchangeRecord) => MetadataView | undefined): Operator | undefined {
  const [namespace = '', ...path] = argument.split(':');
  if (namespace === '') return undefined;
  return (record) => written(metadataAt(of(record), namespace, path));
}

function written(value: MetadataValue | undefined): OperatorValue {
  if (value === undefined || value === null) return undefined;
  return typeof value === 'string' ? value : new WrittenJson(json(value));
}

function json(value: MetadataValue): string {
  if (typeof value === 'string') return jsonText(value);
  if (value === null || typeof value !== 'object') return JSON.stringify(value);
  if (Array.isArray(value)) return `[${(value as readonly MetadataValue[]).map(json).join(',')}]`;
  const fields = Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1));
  return `{${fields.map(([key, inner]) => `${jsonText(key)}:${json(inner)}`).join(',')}}`;
}
