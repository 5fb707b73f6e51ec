/** Which patches a proxy's messages get, and in which order: about the mesh, its namespace, its labels; at a gateway those about it. */
import { namespaceOf, targetKey, type Proxy } from '@weft/core/mesh-view';
import type { ResourcePatch } from '@weft/core/proxy-config';
import type { Query } from '../incremental/query.ts';

/** A proxyless client understands too little for a patch to mean anything: it gets none. */
export const enginePatches: Query<Proxy, readonly ResourcePatch[]> = {
  name: 'engine-patches',
  keyOf: ({ id, role, engine, gateway }) => `${id} ${role} ${engine.name} ${gateway}`,
  compute(context, { id, role, engine, gateway }) {
    if (role !== 'sidecar' && role !== 'gateway') return NONE;
    const targets =
      gateway === ''
        ? [targetKey.mesh, targetKey.namespace(namespaceOf(id)), targetKey.workload(id)]
        : [targetKey.gateway(gateway)];
    const rows = targets.flatMap((target) => context.read('enginePatches', target) ?? []);
    if (rows.length === 0) return NONE;
    return rows.flatMap((row) => (row.engine === undefined || row.engine === engine.name ? row.patches : []));
  },
};

const NONE: readonly ResourcePatch[] = [];
