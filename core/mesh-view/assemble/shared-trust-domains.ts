/** Meshes of one control plane that have one trust domain. */
import type { Diagnostic } from '../../kernel/index.ts';
import { objectName } from '../../resources/index.ts';
import { byName } from '../keys.ts';
import type { MeshRow } from '../rows.ts';

/** Identities are told apart by their trust domain alone: every mesh has its certificates from one authority. */
export function sharedTrustDomains(meshes: ReadonlyMap<string, MeshRow>): Diagnostic[] {
  const first = new Map<string, string>();
  return [...meshes.keys()].sort(byName).flatMap((name): Diagnostic[] => {
    const domain = meshes.get(name)?.trustDomain ?? '';
    const other = first.get(domain);
    if (other === undefined) first.set(domain, name);
    if (other === undefined) return [];
    return [
      {
        severity: 'warning',
        code: 'shared-trust-domain',
        message: `mesh ${other} has the trust domain ${domain} too: workloads of either pass the mutual TLS of the other`,
        place: { object: objectName('Mesh', '', name), path: 'spec.trustDomain' },
        remedy: 'make the mesh anew with a trust domain of its own',
      },
    ];
  });
}
