/**
 * What one change of the log did to the configuration of one proxy: the state before and after it, compiled side by side. Nothing is kept for
 * it, so that it costs nothing until somebody asks, and reaches as far back as the log does. Whoever runs now is taken for whoever ran then.
 */
import { isDeepStrictEqual } from 'node:util';
import { compile } from '@weft/compile/incremental';
import type { RowChange } from '@weft/core/documents';
import { err, ok, type Result } from '@weft/core/kernel';
import { assemble, type Proxy, type WorkloadLiveness } from '@weft/core/mesh-view';
import { EMPTY_PROXY_CONFIG, type ProxyConfig } from '@weft/core/proxy-config';
import { keyOf, type StoredObject } from '@weft/core/resources';
import type { Store, StoreError } from '../store/index.ts';
import { ObjectSet } from './object-set.ts';

export interface ConfigChangeParts {
  readonly store: Pick<Store, 'list' | 'revision'>;
  readonly liveness: WorkloadLiveness;
  /** What objects name and others serve is filled in. */
  readonly filled: (object: StoredObject) => StoredObject;
}

/** By table, then by name; an error when the log does not reach so far back, or not yet so far. */
export async function configChange(
  parts: ConfigChangeParts,
  proxy: Proxy,
  revision: number,
): Promise<Result<readonly RowChange[], StoreError>> {
  if (revision < 1 || revision > parts.store.revision())
    return err({
      code: 'unavailable',
      message: `there is no revision ${revision}: the newest is ${parts.store.revision()}`,
    });
  const before = await configAt(parts, proxy, revision - 1);
  if (!before.ok) return before;
  const after = await configAt(parts, proxy, revision);
  return after.ok ? ok(rowChanges(before.value, after.value)) : after;
}

async function configAt(
  { store, liveness, filled }: ConfigChangeParts,
  proxy: Proxy,
  revision: number,
): Promise<Result<ProxyConfig, StoreError>> {
  const listed = await store.list({}, revision);
  if (!listed.ok) return listed;
  const objects = new ObjectSet();
  for (const item of listed.value.items) objects.set(keyOf(item), item);
  const view = assemble([...objects.objects].map(filled), liveness).views.get(proxy.mesh);
  return ok(view === undefined ? EMPTY_PROXY_CONFIG : compile(view, proxy).config);
}

const TABLES = ['listeners', 'routes', 'scopes', 'clusters', 'endpoints', 'trustBundles'] as const;

export function rowChanges(before: ProxyConfig, after: ProxyConfig): RowChange[] {
  return TABLES.flatMap((table) => {
    const [old, now]: readonly ReadonlyMap<string, unknown>[] = [before[table], after[table]];
    const names = [...new Set([...(old?.keys() ?? []), ...(now?.keys() ?? [])])].sort();
    return names.flatMap((name): RowChange[] => {
      const [was, is] = [old?.get(name), now?.get(name)];
      return isDeepStrictEqual(was, is) ? [] : [{ table, name, before: was, after: is }];
    });
  });
}
