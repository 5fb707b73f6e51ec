/** envoy.extensions.filters.http.set_metadata.v3.Config; typed values have no reader here and are refused. */
import type { SetMetadataFilter } from '@weft/core/proxy-config';
import type { Messages } from '../../tables/index.ts';
import type { Cursor } from '../base/cursor.ts';
import { some } from '../base/encoding.ts';

export const SET_METADATA = 'envoy.extensions.filters.http.set_metadata.v3.Config';

type Entry = SetMetadataFilter['entries'][number];

export function decodeSetMetadata(cursor: Cursor<Messages[typeof SET_METADATA]>): SetMetadataFilter {
  const namespace = cursor.take('metadata_namespace') ?? '';
  const value = cursor.take('value');
  if ((namespace === '') !== (value === undefined))
    cursor.refuse('missing-field', 'metadata_namespace and value say nothing without each other', 'use metadata');
  const own = namespace === '' || value === undefined ? [] : [{ namespace, value, overwrites: true }];
  const listed = cursor.each('metadata', (entry): Entry => {
    const said = entry.take('value');
    if (said === undefined) entry.fault('value', 'missing-field', 'only an untyped value is supported here');
    return {
      namespace: entry.take('metadata_namespace') ?? '',
      value: said ?? {},
      overwrites: entry.take('allow_overwrite') ?? false,
    };
  });
  return { kind: 'set-metadata', entries: [...own, ...listed] };
}

export const encodeSetMetadata = ({ entries }: SetMetadataFilter): Messages[typeof SET_METADATA] => ({
  metadata: some(
    entries.map(({ namespace, value, overwrites }) => ({
      metadata_namespace: namespace,
      value,
      allow_overwrite: overwrites ? true : undefined,
    })),
  ),
});
