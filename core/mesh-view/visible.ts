/** Which services a caller's proxy knows (kind Visibility). */
import { nameOf, namespaceOf, objectKey, ONLY, targetKey } from './keys.ts';
import type { VisibilityRow } from './policy-rows.ts';
import type { Proxy } from './proxy.ts';
import type { ViewReader } from './view.ts';

/** Key of the Visibility that counts for a workload, the most specific; '': none, everything is visible. */
export const visibilityOfWorkload = (reader: ViewReader, workload: string): string =>
  reader.read('visibilityOf', targetKey.workload(workload)) ??
  reader.read('visibilityOf', targetKey.namespace(namespaceOf(workload))) ??
  reader.read('visibilityOf', targetKey.mesh) ??
  '';

/** The same for a proxy. What a gateway knows is what its routes lead to. */
export const visibilityOf = (reader: ViewReader, { id, role, gateway }: Proxy): string =>
  gateway === '' && (role === 'sidecar' || role === 'grpc') ? visibilityOfWorkload(reader, id) : '';

type Entry = VisibilityRow['services'][number];

const matches = ({ namespace, name }: Entry, own: string, service: string): boolean =>
  (namespace === '*' || (namespace ?? own) === namespaceOf(service)) &&
  (name === undefined || name === nameOf(service));

/** Whether callers of the namespace `own` know a service. */
export const isVisible = ({ services }: VisibilityRow, own: string, service: string): boolean =>
  services.some((entry) => matches(entry, own, service));

/** Keys of the services that callers of the namespace `own` know. Reads no list of services that it does not need. */
export function visibleServices(reader: ViewReader, visibility: string, own: string): readonly string[] {
  const row = visibility === '' ? undefined : reader.read('visibility', visibility);
  if (row === undefined) return reader.read('catalog', ONLY) ?? [];
  return [
    ...new Set(
      row.services.flatMap((entry) => {
        const { namespace = own, name } = entry;
        if (namespace === '*')
          return (reader.read('catalog', ONLY) ?? []).filter((service) => matches(entry, own, service));
        return name === undefined ? (reader.read('catalog', namespace) ?? []) : [objectKey(namespace, name)];
      }),
    ),
  ];
}
