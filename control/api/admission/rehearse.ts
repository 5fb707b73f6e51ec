/** What a write would store, without storing it: `dryRun=All`. Uses the store's own rules; takes no revision. */
import { ok, type Result } from '@weft/core/kernel';
import type { StoredObject } from '@weft/core/resources';
import { type Change, frozenChange, settle, type Store, type StoreError } from '../../store/index.ts';

export async function rehearse(store: Store, change: Change, time: number): Promise<Result<StoredObject, StoreError>> {
  const before = await store.get(change.key);
  const settled = settle(before, frozenChange(change), {
    revision: 0,
    time,
    uid: '00000000-0000-0000-0000-000000000000',
  });
  if (!settled.ok) return settled;
  if (settled.value === undefined) throw new Error('a deletion is not rehearsed');
  const { metadata } = settled.value;
  return ok({ ...settled.value, metadata: { ...metadata, resourceVersion: before?.metadata.resourceVersion ?? '' } });
}
