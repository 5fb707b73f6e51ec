/**
 * Services that are seen in other meshes as well: those whose annotation `weft.dev/export-to` names them, or by `spiffe://` a foreign trust domain,
 * whose workloads find the service by themselves and are let in. An export is explicit and goes one way:
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
  const homes = new Set([...meshes.values()].map(({ trustDomain }) => trustDomain));
  const findings: Diagnostic[] = [...meshes.values()].flatMap((mesh) => ownFederated(mesh, meshes));
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
      if (name.startsWith(FOREIGN)) {
        const domain = name.slice(FOREIGN.length);
        if (own.federated.includes(domain) && !homes.has(domain)) domains.add(domain);
        else findings.push(unfederated(service, domain, own.name));
        continue;
      }
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

/** Before a foreign trust domain among the names of meshes. */
const FOREIGN = 'spiffe://';

/** Trust domains of this control plane's meshes are verified by their own roots, whatever a bundle says. */
function ownFederated(mesh: MeshRow, meshes: ReadonlyMap<string, MeshRow>): Diagnostic[] {
  return mesh.federated.flatMap((domain, index): Diagnostic[] => {
    const home = [...meshes.values()].find(({ trustDomain }) => trustDomain === domain);
    if (home === undefined) return [];
    return [
      {
        severity: 'warning',
        code: 'shared-trust-domain',
        message: `mesh ${home.name} of this control plane has the trust domain ${domain}: its own roots count, the bundle does not`,
        place: { object: mesh.source, path: `spec.federation[${index}].trustDomain` },
        remedy: 'leave it out: services are exported to meshes by their names',
      },
    ];
  });
}

const unfederated = ({ metadata: { namespace, name } }: Service, domain: string, own: string): Diagnostic => ({
  severity: 'warning',
  code: 'export-nowhere',
  message: `mesh ${own} knows no bundle of the trust domain ${domain.slice(0, 255)}: nobody of it is let in`,
  place: { object: objectName('Service', namespace, name), path: `metadata.annotations["${EXPORT_ANNOTATION}"]` },
  remedy: 'write it into `spec.federation` of the Mesh; `weft check` tells when its bundle cannot be fetched',
});

const unknown = ({ metadata: { namespace, name } }: Service, mesh: string, own: string): Diagnostic => ({
  severity: 'warning',
  code: 'export-nowhere',
  message:
    mesh === own ? `the service is in mesh ${own} already` : `there is no mesh ${mesh}: the service is not seen there`,
  place: { object: objectName('Service', namespace, name), path: `metadata.annotations["${EXPORT_ANNOTATION}"]` },
  remedy: 'name meshes that there are, with commas between them',
});
