/** Permissions to refer across namespaces (Gateway API, ReferenceGrant). Within a namespace no permission is needed. */
import type { ReferenceGrant } from '../../resources/index.ts';

export interface GrantedObject {
  readonly group: string;
  readonly kind: string;
  readonly namespace: string;
}

/** By the namespace that permits. Plain data: assembling compares it. */
export type Grants = ReadonlyMap<string, readonly ReferenceGrant['spec'][]>;

export const grantsOf = (grants: readonly ReferenceGrant[]): Grants =>
  new Map(
    [...Map.groupBy(grants, ({ metadata }) => metadata.namespace)].map(([namespace, list]) => [
      namespace,
      list.map(({ spec }) => spec),
    ]),
  );

export function permits(grants: Grants, from: GrantedObject, to: GrantedObject & { readonly name: string }): boolean {
  if (from.namespace === to.namespace) return true;
  return (grants.get(to.namespace) ?? []).some(
    (spec) =>
      spec.from.some(
        ({ group, kind, namespace }) => group === from.group && kind === from.kind && namespace === from.namespace,
      ) &&
      spec.to.some(
        ({ group, kind, name }) => group === to.group && kind === to.kind && (name === undefined || name === to.name),
      ),
  );
}
