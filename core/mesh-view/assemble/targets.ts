/** What a policy's targetRefs mean in its mesh (Gateway API, GEP-713). */
import type { TargetRef } from '../../resources/index.ts';
import { objectKey } from '../keys.ts';
import type { ServicePortRow, ServiceRow } from '../rows.ts';
import type { Services } from './backends.ts';
import type { Fault } from './status.ts';

export type Target =
  | { readonly kind: 'mesh'; readonly path: string }
  | { readonly kind: 'namespace'; readonly namespace: string; readonly path: string }
  | {
      readonly kind: 'service';
      readonly service: ServiceRow;
      readonly port: ServicePortRow | undefined;
      readonly path: string;
    };

export interface Targets {
  readonly found: readonly Target[];
  readonly faults: readonly Fault[];
}

export function targetsOf(refs: readonly TargetRef[], namespace: string, mesh: string, services: Services): Targets {
  const found: Target[] = [];
  const faults: Fault[] = [];
  for (const [index, { kind, name, sectionName }] of refs.entries()) {
    const path = `spec.targetRefs[${index}]`;
    const absent = (field: string, message: string, remedy: string): void => {
      faults.push({ reason: 'TargetNotFound', path: `${path}.${field}`, message, remedy });
    };
    if (kind === 'Mesh') {
      if (name === mesh) found.push({ kind: 'mesh', path });
      else absent('name', `namespace ${namespace} belongs to mesh ${mesh}, not ${name}`, `write \`${mesh}\``);
    } else if (kind === 'Namespace') {
      if (name === namespace) found.push({ kind: 'namespace', namespace, path });
      else
        absent(
          'name',
          `a policy in namespace ${namespace} cannot speak for namespace ${name}`,
          `write \`${namespace}\``,
        );
    } else {
      const service = services.get(objectKey(namespace, name));
      const port = service?.ports.find((candidate) => candidate.name === sectionName);
      if (service === undefined) {
        absent('name', `there is no Service ${name} in namespace ${namespace}`, 'create it, or correct the name');
      } else if (sectionName !== undefined && port === undefined) {
        const there = service.ports.map((candidate) => candidate.name).join(', ');
        absent('sectionName', `Service ${name} has no port named ${sectionName}`, `its ports are ${there}`);
      } else found.push({ kind: 'service', service, port, path });
    }
  }
  return { found, faults };
}
