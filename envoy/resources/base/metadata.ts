/** Where a compiled rule comes from, as filter metadata `dev.weft` (core/proxy-config Source). Other metadata is refused. */
import type { Source } from '@weft/core/proxy-config';
import type { JsonValue, Messages } from '../../tables/index.ts';
import { readingTexts, type Cursor } from './cursor.ts';

type Metadata = Messages['envoy.config.core.v3.Metadata'];

/** Namespace of our filter metadata. */
export const WEFT_METADATA = 'dev.weft';

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

export const sourceMetadata = (source: Source | undefined): Metadata | undefined =>
  source === undefined ? undefined : { filter_metadata: new Map([[WEFT_METADATA, { source }]]) };
