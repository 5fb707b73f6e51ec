/** The objects of one kind, of one namespace or all, now or at a revision: what lists answer and watches begin with. */
import { ok, type Result } from '@weft/core/kernel';
import { subjectOf, type Target } from '../catalog.ts';
import type { Listing } from '../../store/index.ts';
import { type Status, storeFailure } from '../status.ts';
import type { Call } from './call.ts';

export async function listKind(call: Call, target: Target, at: number | undefined): Promise<Result<Listing, Status>> {
  const { kind, namespace } = target;
  const selection = { group: kind.group, kind: kind.kind, ...(namespace === '' ? {} : { namespace }) };
  const listing = await call.context.resources.store.list(selection, at);
  return listing.ok ? ok(listing.value) : { ok: false, error: storeFailure(subjectOf(target), listing.error) };
}
