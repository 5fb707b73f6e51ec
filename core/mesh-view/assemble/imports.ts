/** Services of other meshes in a view, and whom the workloads behind exported ones let in. */
import { byName, portKey } from '../keys.ts';
import type { ServiceRow, WorkloadRow } from '../rows.ts';
import type { MeshView } from '../view.ts';
import type { Exports } from './exports.ts';
import type { Memory } from './memory.ts';

/** Whom the workloads behind exported services let in. */
export function guestsOf(
  memory: Memory,
  { guests }: Exports,
  selected: ReadonlyMap<string, readonly WorkloadRow[]>,
): ReadonlyMap<string, readonly string[]> {
  const found = new Map<string, Set<string>>();
  for (const [service, domains] of guests)
    for (const { key } of selected.get(service) ?? []) found.set(key, new Set([...(found.get(key) ?? []), ...domains]));
  return new Map(
    [...found].map(([key, domains]) => {
      const list = [...domains].sort(byName);
      return [key, memory.remember(`guests ${key}`, list, () => list)];
    }),
  );
}

/** What stands behind a service of another mesh is what its own mesh says. */
export function withImports(
  memory: Memory,
  name: string,
  view: MeshView,
  imported: ReadonlyMap<string, ServiceRow> | undefined,
  meshes: ReadonlyMap<string, { readonly view: MeshView }>,
): MeshView {
  if (imported === undefined) return view;
  const endpoints = new Map(view.endpoints);
  const identities = new Map(view.identities);
  const direct = new Map(view.direct);
  const unenforced = new Map(view.unenforced);
  const portMtls = new Map(view.portMtls);
  const localityLabels = new Map(view.localityLabels);
  for (const { key, ports, home } of imported.values()) {
    const from = meshes.get(home?.mesh ?? '')?.view;
    for (const { port } of ports) {
      const at = portKey(key, port);
      const [behind, known, open] = [from?.endpoints.get(at), from?.identities.get(at), from?.unenforced.get(at)];
      const unproxied = from?.direct.get(at);
      if (behind !== undefined) endpoints.set(at, behind);
      for (const { workload } of behind ?? []) {
        const labels = from?.localityLabels.get(workload);
        if (labels !== undefined) localityLabels.set(workload, labels);
      }
      if (known !== undefined) identities.set(at, known);
      if (unproxied !== undefined) direct.set(at, unproxied);
      if (open !== undefined) unenforced.set(at, open);
      const mode = from?.portMtls.get(at);
      if (mode !== undefined) portMtls.set(at, mode);
    }
  }
  return {
    ...view,
    endpoints: memory.table(`${name} imports endpoints`, endpoints),
    identities: memory.table(`${name} imports identities`, identities),
    direct: memory.table(`${name} imports direct`, direct),
    unenforced: memory.table(`${name} imports unenforced`, unenforced),
    portMtls: memory.table(`${name} imports portMtls`, portMtls),
    localityLabels: memory.table(`${name} imports localityLabels`, localityLabels),
  };
}
