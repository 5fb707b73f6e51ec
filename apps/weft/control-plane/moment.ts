/** The objects as they were at a time, as far as the log of changes still knows. */
import type { ChangeLog, Plane } from '@weft/control/plane';
import type { Store } from '@weft/control/store';
import type { ChangeEntry } from '@weft/core/documents';
import { kindOf, type StoredObject } from '@weft/core/resources';

export interface Moment {
  readonly objects: readonly StoredObject[];
  /** `then`: nothing of it changed since, or the log has it; `now`: the log does not reach back, these are today's. */
  readonly of: 'then' | 'now';
  /** Undefined: today's. */
  readonly revision: number | undefined;
  /** The newest change before the moment; a proxy gets it a moment later. */
  readonly changed: ChangeEntry | undefined;
}

export interface MomentParts {
  readonly plane: Plane;
  readonly changes: ChangeLog;
  readonly store: Store;
}

/** `time`: Unix ms. */
export async function momentOf({ plane, changes, store }: MomentParts, time: number): Promise<Moment> {
  const list = changes.list();
  const changed = list.find((entry) => entry.time <= time);
  const next = list.findLast((entry) => entry.time > time);
  const today = { objects: [...plane.objects.objects], revision: undefined, changed };
  if (next === undefined) return { ...today, of: 'then' };
  // Without a change before it nobody can say that none is missing.
  if (changed === undefined) return { ...today, of: 'now' };
  const revision = next.revision - 1;
  const listing = await store.list({}, revision);
  return listing.ok
    ? {
        objects: listing.value.items.filter(({ apiVersion, kind }) => kindOf(groupOf(apiVersion), kind) !== undefined),
        revision,
        changed,
        of: 'then',
      }
    : { ...today, of: 'now' };
}

const groupOf = (apiVersion: string): string => {
  const slash = apiVersion.indexOf('/');
  return slash < 0 ? '' : apiVersion.slice(0, slash);
};
