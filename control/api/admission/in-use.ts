/** Whether a Namespace or a Mesh still holds others. Such an object is not deleted: the answer is 409 and says what is in it. */
import { meshOf, type ObjectKey } from '@weft/core/resources';
import type { Store } from '../../store/index.ts';

/** Why `key` cannot be deleted now, undefined when it can. */
export async function inUse(store: Store, key: ObjectKey): Promise<string | undefined> {
  if (key.group === '' && key.kind === 'Namespace') {
    const listing = await store.list({ namespace: key.name });
    if (!listing.ok || listing.value.items.length === 0) return undefined;
    const counts = new Map<string, number>();
    for (const { kind } of listing.value.items) counts.set(kind, (counts.get(kind) ?? 0) + 1);
    const held = [...counts].map(([kind, count]) => `${count} ${kind}`).join(', ');
    return `it still holds ${held}: delete these first`;
  }
  if (key.group === 'weft.dev' && key.kind === 'Mesh') {
    const listing = await store.list({ group: '', kind: 'Namespace' });
    if (!listing.ok) return undefined;
    const members = listing.value.items.filter((item) => meshOf(item) === key.name);
    if (members.length === 0) return undefined;
    const names = members.slice(0, 5).map(({ metadata }) => metadata.name);
    const more = members.length > names.length ? ` and ${members.length - names.length} more` : '';
    return `it still has the namespaces ${names.join(', ')}${more}: delete or move these first`;
  }
  return undefined;
}

/** Kinds whose deletion must run alone. */
export const holdsOthers = ({ group, kind }: ObjectKey): boolean =>
  (group === '' && kind === 'Namespace') || (group === 'weft.dev' && kind === 'Mesh');
