/**
 * `%DYNAMIC_METADATA(NAMESPACE:KEY:...)%` and `%METADATA(TYPE:NAMESPACE:KEY:...)%`: a text as it is, other values as JSON with the keys of
 * objects in order.
 */
import { metadataAt, type MetadataView } from '@weft/core/decide';
import type { MetadataValue } from '@weft/core/proxy-config';
import type { ExchangeRecord } from '../ports.ts';
import { sortedJson } from './json-text.ts';
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
  return typeof value === 'string' ? value : new WrittenJson(sortedJson(value));
}
