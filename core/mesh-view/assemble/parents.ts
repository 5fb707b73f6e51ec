/** The parents of a route: in a mesh the services whose callers it serves (Gateway API for mesh, GEP-1294, GEP-1426). */
import type { ParentRef } from '../../resources/index.ts';
import { objectKey, portKey } from '../keys.ts';
import type { Protocol, ServicePortRow } from '../rows.ts';
import type { Services } from './backends.ts';
import type { Fault } from './status.ts';

export interface Attachment {
  readonly parentRef: ParentRef;
  /** `spec.parentRefs[i]` */
  readonly path: string;
  /** Port keys the route is attached to by this reference. */
  readonly ports: readonly string[];
  readonly faults: readonly Fault[];
}

export function attach(
  parentRef: ParentRef,
  index: number,
  namespace: string,
  services: Services,
  carries: (protocol: Protocol) => boolean,
): Attachment {
  const path = `spec.parentRefs[${index}]`;
  const refused = (field: string, reason: string, message: string, remedy: string): Attachment => ({
    parentRef,
    path,
    ports: [],
    faults: [{ reason, path: `${path}.${field}`, message, remedy }],
  });
  const { group, kind, name, port, sectionName } = parentRef;
  if (group !== '' || kind !== 'Service') {
    return refused(
      'kind',
      'NoMatchingParent',
      `a ${kind} is no parent in a mesh`,
      'write `group: ""` and `kind: Service`',
    );
  }
  if (parentRef.namespace !== undefined && parentRef.namespace !== namespace) {
    return refused(
      'namespace',
      'UnsupportedValue',
      `the service is in namespace ${parentRef.namespace}: a route serves services of its own namespace`,
      `put the route into namespace ${parentRef.namespace}`,
    );
  }
  const service = services.get(objectKey(namespace, name));
  if (service === undefined) {
    return refused(
      'name',
      'NoMatchingParent',
      `there is no Service ${name} in namespace ${namespace}`,
      'create it, or correct the name',
    );
  }
  const meant = (candidate: ServicePortRow): boolean =>
    (port === undefined || candidate.port === port) && (sectionName === undefined || candidate.name === sectionName);
  const ports = service.ports.filter(meant);
  const there = `its ports are ${service.ports.map((candidate) => `${candidate.port} (${candidate.name})`).join(', ')}`;
  if (ports.length === 0) {
    return refused(
      port === undefined ? 'sectionName' : 'port',
      'NoMatchingParent',
      `Service ${name} has no such port`,
      there,
    );
  }
  const carried = ports.filter((candidate) => carries(candidate.protocol));
  if (carried.length === 0) {
    const spoken = ports.map((candidate) => `${candidate.port} speaks ${candidate.protocol}`).join(', ');
    return refused(
      'name',
      'NoMatchingParent',
      `no port of Service ${name} fits: ${spoken}`,
      'set `appProtocol` on the Service’s port',
    );
  }
  return { parentRef, path, ports: carried.map((candidate) => portKey(service.key, candidate.port)), faults: [] };
}
