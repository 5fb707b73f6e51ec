/** What a URL of the API names: an object of a kind, or the objects of a kind. */
import { type AnyKind, type ObjectKey, type StoredObject } from '@weft/core/resources';
import type { Subject } from './status.ts';

/** One object or, with name '', the objects of a kind, in the version that a client speaks. */
export interface Target {
  readonly kind: AnyKind;
  readonly version: string;
  /** '' for cluster-scoped kinds, and for all namespaces. */
  readonly namespace: string;
  readonly name: string;
}

export const keyOfTarget = ({ kind, namespace, name }: Target): ObjectKey => ({
  group: kind.group,
  kind: kind.kind,
  namespace,
  name,
});

export const subjectOf = ({ kind, name }: Pick<Target, 'kind' | 'name'>): Subject => ({
  group: kind.group,
  plural: kind.plural,
  name,
});

export const targetOf = (kind: AnyKind, object: StoredObject): Target => ({
  kind,
  version: kind.versions[0],
  namespace: object.metadata.namespace,
  name: object.metadata.name,
});
