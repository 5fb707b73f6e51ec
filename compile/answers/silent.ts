/** Who refused where no rule did: mutual TLS that a port asks for, or what holds of the mesh where nothing allows. */
import { accessDefault, type MeshView, ONLY, parseWorkloadPortKey } from '@weft/core/mesh-view';
import { NOTHING_ALLOWS, type Word } from './arrival.ts';
import { modeAt } from './modes.ts';

/** `at`: `workloadPortKey`. undefined: somebody else; of what no ALLOW rule matches, all the ALLOW policies about the port together. */
export function refusedBy(view: MeshView, at: string, word: Word, hasCertificate: boolean): string | undefined {
  const { workload, port } = parseWorkloadPortKey(at);
  if (word.by === 'transport') return hasCertificate ? undefined : modeAt(view, workload, port).source;
  const [mesh, row] = [view.mesh.get(ONLY), view.workload.get(workload)];
  if (word.reason !== NOTHING_ALLOWS || mesh === undefined || row === undefined) return undefined;
  const allows = (view.accessPolicies.get(workload) ?? []).some(
    ({ action, shadow, ports }) => action === 'ALLOW' && !shadow && (ports === undefined || ports.includes(port)),
  );
  const { denies, source } = accessDefault(mesh, row.namespace);
  return denies && !allows ? source : undefined;
}
