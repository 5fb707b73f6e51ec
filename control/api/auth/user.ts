/** Who asks, and what they may. Roles are bound to a namespace or, with `*`, to everything, cluster-scoped kinds included. */
export const ROLES = ['admin', 'edit', 'view'] as const;
export type Role = (typeof ROLES)[number];

export interface Binding {
  readonly role: Role;
  /** A namespace, or `*`: all of them and what belongs to none. */
  readonly namespace: string;
}

export interface User {
  /** Written into the log as the author of a change. */
  readonly name: string;
  readonly bindings: readonly Binding[];
}

/** Kubernetes' request verbs. */
export type Verb = 'get' | 'list' | 'watch' | 'create' | 'update' | 'patch' | 'delete';

/** What a verb is about. */
export interface AccessObject {
  readonly group: string;
  readonly plural: string;
  /** '' for cluster-scoped kinds and for all namespaces. */
  readonly namespace: string;
  readonly name: string;
  /** '' for the object itself. */
  readonly subresource: string;
}

const READING: readonly Verb[] = ['get', 'list', 'watch'];

/**
 * view reads; edit also writes objects; admin also writes `status`. A role in a namespace reaches its objects and, reading only, the
 * Namespace itself.
 */
export function authorize(user: User, verb: Verb, object: AccessObject): boolean {
  const reading = READING.includes(verb);
  return user.bindings.some(({ role, namespace }) => {
    if (role === 'view' && !reading) return false;
    if (role === 'edit' && !reading && (object.subresource === 'status' || object.namespace === '')) return false;
    if (namespace === '*') return true;
    if (object.namespace !== '') return object.namespace === namespace;
    return (
      reading && verb !== 'list' && object.plural === 'namespaces' && object.group === '' && object.name === namespace
    );
  });
}

/** Why not, in Kubernetes' words. */
export function refusal(user: User, verb: Verb, { group, plural, namespace, subresource }: AccessObject): string {
  const what = `${plural}${subresource === '' ? '' : `/${subresource}`}`;
  const where = namespace === '' ? 'at the cluster scope' : `in the namespace "${namespace}"`;
  return `user "${user.name}" cannot ${verb} resource "${what}" in API group "${group}" ${where}`;
}
