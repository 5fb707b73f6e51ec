/**
 * `%DYNAMIC_METADATA(NAMESPACE:KEY:...)%` and `%METADATA(TYPE:NAMESPACE:KEY:...)%`: a text as it is, other values as JSON with the keys of
 * objects in order.
 */
import { metadataAt, type MetadataView } from '@weft/core/decide';
import type { MetadataValue, StaticMetadata } from '@weft/core/proxy-config';
import type { ExchangeRecord } from '../ports.ts';
import { sortedJson } from './json-text.ts';
import { type Operator, type OperatorValue, WrittenJson } from './operator.ts';

export const dynamicMetadata = (argument: string): Operator | undefined => at(argument, ({ metadata }) => metadata);

/** DYNAMIC, ROUTE, VIRTUAL_HOST, CLUSTER, UPSTREAM_HOST and LISTENER are known here. */
export function metadata(argument: string): Operator | undefined {
  const colon = argument.indexOf(':');
  const rest = argument.slice(colon + 1);
  if (colon < 0) return undefined;
  switch (argument.slice(0, colon)) {
    case 'DYNAMIC':
      return dynamicMetadata(rest);
    case 'ROUTE':
      return at(rest, ({ routeMetadata }) => routeMetadata);
    case 'VIRTUAL_HOST':
      return at(rest, ({ virtualHostMetadata }) => viewOf(virtualHostMetadata));
    case 'CLUSTER':
      return at(rest, ({ cluster, endpoint }) => viewOf((cluster ?? endpoint?.cluster)?.config.metadata));
    case 'UPSTREAM_HOST':
      return at(rest, ({ endpoint }) => viewOf(endpoint?.endpoint.metadata));
    case 'LISTENER':
      return at(rest, ({ downstream }) => viewOf(downstream.listener.metadata));
    default:
      return undefined;
  }
}

/** A row's own; made once. */
function viewOf(metadata: StaticMetadata | undefined): MetadataView | undefined {
  if (metadata === undefined) return undefined;
  let view = VIEWS.get(metadata);
  if (view === undefined) VIEWS.set(metadata, (view = new Map(metadata)));
  return view;
}

const VIEWS = new WeakMap<StaticMetadata, MetadataView>();

function at(argument: string, of: (record: ExchangeRecord) => MetadataView | undefined): Operator | undefined {
  const [namespace = '', ...path] = argument.split(':');
  if (namespace === '') return undefined;
  return (record) => written(metadataAt(of(record), namespace, path));
}

function written(value: MetadataValue | undefined): OperatorValue {
  if (value === undefined || value === null) return undefined;
  return typeof value === 'string' ? value : new WrittenJson(sortedJson(value));
}
