/** Names of objects as map keys. Never shown to users: that is `objectName` of core/resources. */
import { groupOf, type ObjectKey, type StoredObject } from '@weft/core/resources';

export const keyOf = (object: StoredObject): ObjectKey => ({
  group: groupOf(object.apiVersion),
  kind: object.kind,
  namespace: object.metadata.namespace,
  name: object.metadata.name,
});

/** One text a key; NUL cannot occur in a name. */
export const keyText = (key: ObjectKey): string => `${key.group}\0${key.kind}\0${key.namespace}\0${key.name}`;

/** Order of the code units of group, kind, namespace, name: the same on every machine. */
export function compareKeys(a: ObjectKey, b: ObjectKey): number {
  return order(a.group, b.group) || order(a.kind, b.kind) || order(a.namespace, b.namespace) || order(a.name, b.name);
}

const order = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);
