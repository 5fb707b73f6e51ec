/** A stored object as a client sees it: Kubernetes' JSON form in the version asked for. `origin` stays inside. Pure. */
import { apiVersionOf, type AnyKind, bodyOf, REDACTED, type StoredObject } from '@weft/core/resources';
import type { JsonObject } from '../patch/merge-patch.ts';

export function wireObject(object: StoredObject, kind: AnyKind, version: string): JsonObject {
  const { status } = object;
  const spec = redacted(object.spec, kind);
  const base = { apiVersion: apiVersionOf(kind.group, version), kind: kind.kind, metadata: wireMetadata(object) };
  const wire = { ...base, ...bodyOf(kind, spec) };
  return (status === undefined ? wire : { ...wire, status }) as JsonObject;
}

/** `spec` without its confidential values. */
function redacted(spec: unknown, { confidential }: AnyKind): object {
  const fields = spec as Readonly<Record<string, object>>;
  if (confidential.length === 0) return fields;
  const hide = (values: object): object => Object.fromEntries(Object.keys(values).map((key) => [key, REDACTED]));
  return Object.fromEntries(
    Object.entries(fields).map(([name, value]) => [name, confidential.includes(name) ? hide(value) : value]),
  );
}

/** meta.v1.ObjectMeta: empty maps and the namespace of cluster-scoped kinds are left out, as Kubernetes does. */
export function wireMetadata({ metadata }: StoredObject): JsonObject {
  const { name, namespace, uid, resourceVersion, generation, creationTimestamp, labels, annotations } = metadata;
  const some = (map: Readonly<Record<string, string>>) => (Object.keys(map).length === 0 ? undefined : map);
  const all = {
    name,
    namespace: namespace === '' ? undefined : namespace,
    uid,
    resourceVersion,
    generation,
    creationTimestamp,
    labels: some(labels),
    annotations: some(annotations),
  };
  return Object.fromEntries(Object.entries(all).filter(([, value]) => value !== undefined)) as JsonObject;
}

/** meta.v1.PartialObjectMetadata */
export const partialObject = (object: StoredObject): JsonObject => ({
  apiVersion: 'meta.k8s.io/v1',
  kind: 'PartialObjectMetadata',
  metadata: wireMetadata(object),
});
