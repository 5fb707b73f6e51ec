/**
 * Services that are seen in other meshes as well: those whose annotation `weft.dev/export-to` names them. An export is explicit and goes one way:
 * callers of the other mesh see the service and are let in by its sidecars (AccessPolicies hold for them as for others); nothing else of a mesh
 * is seen.
 */
import type { Diagnostic } from '../../kernel/index.ts';
import { EXPORT_ANNOTATION, objectName, type Service } from '../../resources/index.ts';
import { byName } from '../keys.ts';
import type { MeshRow, ServiceRow } from '../rows.ts';
import type { Memory } from './memory.ts';
import { keyOf } from './objects.ts';
import { serviceRow } from './rows.ts';

export interface Exports {
  /** Services of other meshes as rows of this one, by mesh and key. */
  readonly into: ReadonlyMap<string, ReadonlyMap<string, ServiceRow>>;
  /** By service key: trust domains of the meshes that it is exported to, sorted. */
  readonly guests: ReadonlyMap<string, readonly string[]>;
  /** By trust domain: those that its workloads call or are called by, sorted. */
  readonly neighbours: ReadonlyMap<string, readonly string[]>;
  readonly findings: readonly Diagnostic[];
}

export function assembleExports(
  memory: Memory,
  services: readonly Service[],
  meshes: ReadonlyMap<string, MeshRow>,
  meshOf: (namespace: string) => string | undefined,
): Exports {
  const into = new Map<string, Map<string, ServiceRow>>();
  const guests = new Map<string, readonly string[]>();
  const neighbours = new Map<string, Set<string>>();
  const findings: Diagnostic[] = [];
  const meet = (a: string, b: string): void => {
    const known = neighbours.get(a) ?? new Set();
    known.add(b);
    neighbours.set(a, known);
  };
  for (const service of services) {
    const named = service.metadata.annotations[EXPORT_ANNOTATION];
    const own = meshes.get(meshOf(service.metadata.namespace) ?? '');
    if (named === undefined || own === undefined) continue;
    const key = keyOf(service);
    const domains = new Set<string>();
    for (const name of new Set(named.split(',').map((text) => text.trim()))) {
      if (name === '') continue;
      const mesh = meshes.get(name);
      if (mesh === undefined || mesh === own) {
        findings.push(unknown(service, name, own.name));
        continue;
      }
      const home = memory.remember(`home ${own.name}`, [own], () => ({
        mesh: own.name,
        trustDomain: own.trustDomain,
        mtls: own.mtls,
      }));
      const row = memory.remember(`export ${name} ${key}`, [service, home], () => ({ ...serviceRow(service), home }));
      into.set(name, (into.get(name) ?? new Map<string, ServiceRow>()).set(key, row));
      if (mesh.trustDomain === own.trustDomain) continue;
      domains.add(mesh.trustDomain);
      meet(own.trustDomain, mesh.trustDomain);
      meet(mesh.trustDomain, own.trustDomain);
    }
    if (domains.size > 0) guests.set(key, [...domains].sort(byName));
  }
  const sorted = [...neighbours].map(([domain, others]) => [domain, [...others].sort(byName)] as const);
  return { into, guests, neighbours: new Map(sorted), findings };
}

const unknown = ({ metadata: { namespace, name } }: Service, mesh: string, own: string): Diagnostic => ({
  severity: 'warning',
  code: 'export-nowhere',
  message:
    mesh === own ? `the service is in mesh ${own} already` : `there is no mesh ${mesh}: the service is not seen there`,
  place: { object: objectName('Service', namespace, name), path: `metadata.annotations["${EXPORT_ANNOTATION}"]` },
  remedy: 'name meshes that there are, with commas between them',
});
