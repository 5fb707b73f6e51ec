/** A route's attachment to a Gateway: which listeners take it, under which names (Gateway API, ParentReference and AllowedRoutes). */
import { type LabelSelector, objectName, type ParentRef } from '../../resources/index.ts';
import { objectKey } from '../keys.ts';
import type { NamespaceRow } from '../rows.ts';
import type { GatewayDraft, ListenerDraft } from './gateways.ts';
import { sharedNames } from '../host-names.ts';
import { keyOf } from './objects.ts';
import type { Attachment } from './parents.ts';

/** What a route may be attached to beside services. */
export interface GatewayParents {
  readonly gateways: ReadonlyMap<string, GatewayDraft>;
  readonly namespaces: ReadonlyMap<string, NamespaceRow>;
}

export interface Attaching {
  readonly kind: string;
  readonly namespace: string;
  /** undefined for kinds without host names. */
  readonly hostnames: readonly string[] | undefined;
}

export function attachToGateway(
  parentRef: ParentRef,
  index: number,
  route: Attaching,
  parents: GatewayParents,
): Attachment {
  const path = `spec.parentRefs[${index}]`;
  const refused = (field: string, reason: string, message: string, remedy: string): Attachment => ({
    parentRef,
    path,
    ports: [],
    hosts: [],
    faults: [{ reason, path: `${path}.${field}`, message, remedy }],
  });
  const namespace = parentRef.namespace ?? route.namespace;
  const { name, port, sectionName } = parentRef;
  const { kind } = parentRef;
  const own = listenersOfParent(kind, objectKey(namespace, name), parents.gateways);
  if (own === undefined)
    return refused(
      'name',
      'NoMatchingParent',
      `there is no ${kind} ${name} in namespace ${namespace}${kind === 'Gateway' ? '' : ' that a Gateway let in'}`,
      'create it, or correct the name',
    );
  const meant = own.filter(
    ({ spec }) =>
      (port === undefined || spec.port === port) && (sectionName === undefined || spec.name === sectionName),
  );
  if (meant.length === 0) {
    const there = own.map(({ spec }) => `${spec.name} (${spec.port})`).join(', ');
    const field = sectionName === undefined ? 'port' : 'sectionName';
    return refused(field, 'NoMatchingParent', `${kind} ${name} has no such listener`, `its listeners are ${there}`);
  }
  const open = meant.filter((listener) => admits(listener, namespace, route, parents.namespaces));
  if (open.length === 0) {
    const gateway = objectName(kind, namespace, name);
    return refused(
      'name',
      'NotAllowedByListeners',
      `no listener of ${gateway} takes a ${route.kind} of namespace ${route.namespace}`,
      'widen `allowedRoutes` of a listener, or choose another parent',
    );
  }
  const hosts = open.flatMap(({ key, spec }) =>
    sharedNames(spec.hostname ?? '', route.hostnames).map((host) => ({
      listener: key,
      name: host === '' ? '*' : host,
    })),
  );
  if (hosts.length === 0) {
    const there = open.map(({ spec }) => spec.hostname ?? '*').join(', ');
    return refused(
      'name',
      'NoMatchingListenerHostname',
      'no host name of the route is one of the listener',
      `the listeners have ${there}`,
    );
  }
  return { parentRef, path, ports: [], hosts, faults: [] };
}

/** A Gateway's own listeners, or those of a set that one let in. */
function listenersOfParent(
  kind: string,
  key: string,
  gateways: ReadonlyMap<string, GatewayDraft>,
): readonly ListenerDraft[] | undefined {
  if (kind === 'Gateway') return gateways.get(key)?.listeners.filter(({ owner }) => owner.kind === 'Gateway');
  for (const { sets, listeners } of gateways.values())
    if (sets.some((set) => keyOf(set) === key))
      return listeners.filter(({ owner }) => owner.kind === 'ListenerSet' && keyOf(owner) === key);
  return undefined;
}

function admits(
  { spec, supportedKinds }: ListenerDraft,
  gateway: string,
  route: Attaching,
  namespaces: ReadonlyMap<string, NamespaceRow>,
): boolean {
  return (
    supportedKinds.includes(route.kind) &&
    takesFrom(spec.allowedRoutes.namespaces, gateway, route.namespace, namespaces)
  );
}

/** Whether a listener of a Gateway in namespace `gateway` takes what is in namespace `own`. */
export function takesFrom(
  { from, selector }: ListenerDraft['spec']['allowedRoutes']['namespaces'],
  gateway: string,
  own: string,
  namespaces: ReadonlyMap<string, NamespaceRow>,
): boolean {
  if (from === 'All') return true;
  if (from === 'Same') return own === gateway;
  return selector !== undefined && selects(selector, namespaces.get(own)?.labels ?? {}, own);
}

/** Every namespace carries its name as a label (Kubernetes, kubernetes.io/metadata.name). An empty selector selects all. */
export function selects(
  { matchLabels = {}, matchExpressions = [] }: LabelSelector,
  own: Readonly<Record<string, string>>,
  name: string,
): boolean {
  const labels: Readonly<Record<string, string>> = { ...own, 'kubernetes.io/metadata.name': name };
  return (
    Object.entries(matchLabels).every(([key, value]) => labels[key] === value) &&
    matchExpressions.every(({ key, operator, values = [] }) => {
      const value = labels[key];
      switch (operator) {
        case 'In':
          return value !== undefined && values.includes(value);
        case 'NotIn':
          return value === undefined || !values.includes(value);
        case 'Exists':
          return value !== undefined;
        case 'DoesNotExist':
          return value === undefined;
      }
    })
  );
}
