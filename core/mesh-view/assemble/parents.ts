/** The parents of a route: services whose callers it serves (Gateway API for mesh, GEP-1294, GEP-1426), and Gateways. */
import type { AskRow } from '../policy-rows.ts';
import { GATEWAY_GROUP, type ParentRef, type RouteFilter } from '../../resources/index.ts';
import { objectKey, portKey } from '../keys.ts';
import type { Protocol, ServicePortRow } from '../rows.ts';
import { isServiceKind, serviceOfKind, type Services } from './backends.ts';
import { attachToGateway, type Attaching, type GatewayParents } from './gateway-parents.ts';
import type { Fault } from './status.ts';

export interface Attachment {
  readonly parentRef: ParentRef;
  /** `spec.parentRefs[i]` */
  readonly path: string;
  /** Port keys the route is attached to by this reference. */
  readonly ports: readonly string[];
  /** Listeners of a Gateway, each with the name (`*`: any) that it and the route both have. */
  readonly hosts: readonly { readonly listener: string; readonly name: string }[];
  readonly faults: readonly Fault[];
}

/** All that routes may be attached to. */
export interface Parents extends GatewayParents {
  readonly services: Services;
  /** What filters of routes may name, by key. */
  readonly extensions: ReadonlyMap<string, AskRow>;
  readonly routeFilters: ReadonlyMap<string, RouteFilter>;
}

/** `carries`: the service ports that a route of the kind can serve. */
export function attach(
  parentRef: ParentRef,
  index: number,
  route: Attaching,
  parents: Parents,
  carries: (protocol: Protocol) => boolean,
): Attachment {
  if (parentRef.group === GATEWAY_GROUP && (parentRef.kind === 'Gateway' || parentRef.kind === 'ListenerSet'))
    return attachToGateway(parentRef, index, route, parents);
  const { namespace } = route;
  const { services } = parents;
  const path = `spec.parentRefs[${index}]`;
  const refused = (field: string, reason: string, message: string, remedy: string): Attachment => ({
    parentRef,
    path,
    ports: [],
    hosts: [],
    faults: [{ reason, path: `${path}.${field}`, message, remedy }],
  });
  const { group, kind, name, port, sectionName } = parentRef;
  if (!isServiceKind({ group, kind })) {
    return refused(
      'kind',
      'NoMatchingParent',
      `a ${kind} is no parent`,
      'write `kind: Gateway`, or `group: ""` and `kind: Service`',
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
  const service = serviceOfKind(services, kind, objectKey(namespace, name));
  if (service === undefined) {
    return refused(
      'name',
      'NoMatchingParent',
      `there is no ${kind} ${name} in namespace ${namespace}`,
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
  return {
    parentRef,
    path,
    ports: carried.map((candidate) => portKey(service.key, candidate.port)),
    hosts: [],
    faults: [],
  };
}
