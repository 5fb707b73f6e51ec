/** References of a route to services: which exist, which may be used, what is said about the others (Gateway API, RouteConditionReason). */
import type { BackendRef, ParentRef } from '../../resources/index.ts';
import { GATEWAY_GROUP, WEFT_GROUP } from '../../resources/index.ts';
import { objectKey } from '../keys.ts';
import type { ServiceRow } from '../rows.ts';
import { type Grants, permits } from './grants.ts';
import type { Fault } from './status.ts';

/** Services of the mesh by key. */
export type Services = ReadonlyMap<string, ServiceRow>;

/** Service, or one of ours that stands for one. */
export const isServiceKind = ({ group, kind }: { readonly group: string; readonly kind: string }): boolean =>
  (group === '' && kind === 'Service') || (group === WEFT_GROUP && (kind === 'ExternalService' || kind === 'Subset'));

/** A name says nothing about the kind: what is there must be of the kind that is meant. */
export function serviceOfKind(services: Services, kind: string, key: string): ServiceRow | undefined {
  const row = services.get(key);
  return row !== undefined && kindOfService(row) === kind ? row : undefined;
}

const kindOfService = ({ external, subsetOf }: ServiceRow): string =>
  external !== undefined ? 'ExternalService' : subsetOf !== undefined ? 'Subset' : 'Service';

export type Resolved =
  | { readonly ok: true; readonly service: string; readonly port: number }
  | { readonly ok: false; readonly fault: Fault };

/** What refers: a route of that kind and namespace. */
export interface Referrer {
  readonly kind: string;
  readonly namespace: string;
  readonly services: Services;
  readonly grants: Grants;
  /** Key of the service that it is attached to, where there is one parent and no other; undefined: something else. */
  readonly parent?: string | undefined;
}

/** `Referrer.parent` of a route. */
export function onlyParent(parentRefs: readonly ParentRef[] | undefined, namespace: string): string | undefined {
  const keys = new Set(
    (parentRefs ?? []).map((ref) => (isServiceKind(ref) ? objectKey(ref.namespace ?? namespace, ref.name) : '')),
  );
  const [key] = keys;
  return keys.size === 1 && key !== '' ? key : undefined;
}

/** `path` is the reference's field path in its route. */
export function resolveBackend(ref: Omit<BackendRef, 'weight'>, path: string, from: Referrer): Resolved {
  const { kind, namespace: own, services, grants } = from;
  const namespace = ref.namespace ?? own;
  const fault = (field: string, reason: string, message: string, remedy?: string): Resolved => ({
    ok: false,
    fault: { reason, path: `${path}.${field}`, message, remedy },
  });
  if (!isServiceKind(ref)) {
    return fault('kind', 'InvalidKind', `a ${ref.kind} cannot be a backend`, 'refer to a Service');
  }
  const to = { group: ref.group, kind: ref.kind, namespace, name: ref.name };
  // Who exports a service to a mesh lets all of that mesh refer to it.
  const exported = services.get(objectKey(namespace, ref.name))?.home !== undefined;
  if (!exported && !permits(grants, { group: GATEWAY_GROUP, kind, namespace: own }, to)) {
    return fault(
      'namespace',
      'RefNotPermitted',
      `no ReferenceGrant in namespace ${namespace} permits a ${kind} of ${own} to refer to Service ${ref.name}`,
      `make one there, or put the route into namespace ${namespace}`,
    );
  }
  const service = serviceOfKind(services, ref.kind, objectKey(namespace, ref.name));
  if (service === undefined) {
    return fault(
      'name',
      'BackendNotFound',
      `there is no ${ref.kind} ${ref.name} in namespace ${namespace}`,
      'create it, or correct the name',
    );
  }
  // Where the caller chooses the host, nothing but what the ExternalService names may come there: whoever comes by another name may have any Host.
  if (service.external !== undefined && service.external.endpoints === undefined && from.parent !== service.key) {
    return fault(
      'name',
      'InvalidKind',
      `ExternalService ${ref.name} is each host that a caller names, and this route is not about it alone`,
      'refer to one with a single `host` or with `endpoints`, or make it the only parent of the route',
    );
  }
  const port = service.ports.find((candidate) => candidate.port === ref.port);
  if (port === undefined) {
    const there = service.ports.map((candidate) => candidate.port).join(', ');
    return fault(
      'port',
      'BackendNotFound',
      `Service ${ref.name} has no port ${ref.port ?? ''}`.trimEnd(),
      `its ports are ${there}`,
    );
  }
  if ((kind === 'UDPRoute') !== (port.protocol === 'udp')) {
    return fault(
      'port',
      'UnsupportedProtocol',
      `port ${port.port} of Service ${ref.name} carries ${port.protocol === 'udp' ? 'UDP' : 'TCP'}, which a ${kind} does not`,
      kind === 'UDPRoute' ? 'refer to a port with `protocol: UDP`' : 'refer to another port, or write a UDPRoute',
    );
  }
  return { ok: true, service: service.key, port: port.port };
}
