/**
 * Where a compiled rule comes from, as filter metadata `dev.weft` (core/proxy-config Source). Other metadata is read by
 * access rules and logs where it stands with clusters, listeners, virtual hosts and routes, and refused elsewhere.
 */
import type { MetadataStruct, Source, StaticMetadata } from '@weft/core/proxy-config';
import type { JsonValue, Messages } from '../../tables/index.ts';
import { readingTexts, type Cursor } from './cursor.ts';

type Metadata = Messages['envoy.config.core.v3.Metadata'];

/** Namespace of our filter metadata. */
export const WEFT_METADATA = 'dev.weft';

/** The namespaces of an endpoint's metadata: those in `known`, and the others in order. */
export function takeSplitMetadata(
  cursor: Cursor<{ readonly metadata?: Metadata | undefined }>,
  known: readonly string[],
): { readonly known: ReadonlyMap<string, MetadataStruct>; readonly others: StaticMetadata } {
  const found = [...(cursor.within('metadata', (metadata) => metadata.take('filter_metadata')) ?? [])];
  return {
    known: new Map(found.filter(([name]) => known.includes(name))),
    others: found.filter(([name]) => !known.includes(name)).toSorted(([a], [b]) => (a < b ? -1 : 1)),
  };
}

/** The namespaces of a metadata field; those that are not in `known` are refused. */
export function takeMetadata(
  cursor: Cursor<{ readonly metadata?: Metadata | undefined }>,
  known: readonly string[],
): ReadonlyMap<string, JsonValue> {
  const found = cursor.within('metadata', (metadata) => metadata.take('filter_metadata'));
  const path = cursor.at('metadata').field('filter_metadata');
  for (const name of found?.keys() ?? []) {
    if (known.includes(name)) continue;
    cursor.report.fault(path.key(name), 'unsupported-field', 'filter metadata that nothing here reads');
  }
  return found ?? new Map<string, JsonValue>();
}

export function takeSource(cursor: Cursor<{ readonly metadata?: Metadata | undefined }>): Source | undefined {
  const value = takeMetadata(cursor, [WEFT_METADATA]).get(WEFT_METADATA);
  if (value === undefined) return undefined;
  const path = cursor.at('metadata').field('filter_metadata').key(WEFT_METADATA);
  return readingTexts(value, ['source'], path, cursor.report).source;
}

/** Of a virtual host, which has no source of its own. */
export function takeHostMetadata(cursor: Cursor<{ readonly metadata?: Metadata | undefined }>): {
  readonly metadata?: StaticMetadata;
} {
  const { metadata, source } = takeOwnMetadata(cursor);
  if (source !== undefined) cursor.fault('metadata', 'unsupported-value', 'a virtual host says no source');
  return metadata === undefined ? {} : { metadata };
}

/** As `takeRouteMetadata`, for rows that mostly have none. */
export function takeOwnMetadata(cursor: Cursor<{ readonly metadata?: Metadata | undefined }>): {
  readonly metadata?: StaticMetadata;
  readonly source: Source | undefined;
} {
  const { metadata, source } = takeRouteMetadata(cursor);
  return metadata.length === 0 ? { source } : { metadata, source };
}

/** The metadata of a route: all namespaces but ours are for whoever asks. */
export function takeRouteMetadata(cursor: Cursor<{ readonly metadata?: Metadata | undefined }>): {
  readonly metadata: StaticMetadata;
  readonly source: Source | undefined;
} {
  const found = cursor.within('metadata', (metadata) => metadata.take('filter_metadata'));
  const path = cursor.at('metadata').field('filter_metadata');
  const metadata: (readonly [string, MetadataStruct])[] = [];
  let source: Source | undefined;
  for (const [namespace, value] of found ?? []) {
    if (namespace !== WEFT_METADATA) metadata.push([namespace, value]);
    else ({ source } = readingTexts(value, ['source'], path.key(WEFT_METADATA), cursor.report));
  }
  return { metadata: metadata.toSorted(([a], [b]) => (a < b ? -1 : 1)), source };
}

export function routeMetadata({
  metadata = [],
  source,
}: {
  readonly metadata?: StaticMetadata;
  readonly source: Source | undefined;
}): Metadata | undefined {
  const own = source === undefined ? [] : [[WEFT_METADATA, { source }] as const];
  return metadata.length + own.length === 0 ? undefined : { filter_metadata: new Map([...metadata, ...own]) };
}

export const sourceMetadata = (source: Source | undefined): Metadata | undefined =>
  source === undefined ? undefined : { filter_metadata: new Map([[WEFT_METADATA, { source }]]) };
