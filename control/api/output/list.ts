/** Objects as a list in the form a client wants, whole or in chunks (limit, continue). Pure. */
import { apiVersionOf, type AnyKind, type StoredObject } from '@weft/core/resources';
import type { Form } from '../request/accept.ts';
import { encodeContinue, type ListOptions } from '../request/list-options.ts';
import type { JsonObject } from '../patch/merge-patch.ts';
import { partialObject, wireObject } from './object-form.ts';
import { table } from './table.ts';

export interface Rendering {
  readonly kind: AnyKind;
  readonly version: string;
  readonly form: Form;
  readonly now: number;
}

/** `items` in the store's order, of the state at `revision`. */
export function renderList(
  items: readonly StoredObject[],
  revision: number,
  options: ListOptions,
  rendering: Rendering,
): JsonObject {
  const { from, limit } = options;
  const wanted = items.filter((item) => options.matches(item) && (from === undefined || isBehind(item, from)));
  const chunk = limit > 0 ? wanted.slice(0, limit) : wanted;
  const last = chunk.at(-1);
  const left = wanted.length - chunk.length;
  const metadata: Record<string, string | number> = { resourceVersion: String(revision) };
  if (left > 0 && last !== undefined) {
    const { namespace, name } = last.metadata;
    metadata['continue'] = encodeContinue({ revision, namespace, name, given: (from?.given ?? 0) + chunk.length });
    if (!options.selective) metadata['remainingItemCount'] = left;
  }
  return renderItems(chunk, metadata, options, rendering);
}

const isBehind = ({ metadata }: StoredObject, from: { readonly namespace: string; readonly name: string }): boolean =>
  metadata.namespace > from.namespace || (metadata.namespace === from.namespace && metadata.name > from.name);

function renderItems(
  items: readonly StoredObject[],
  metadata: JsonObject,
  { includeObject }: ListOptions,
  { kind, version, form, now }: Rendering,
): JsonObject {
  if (form === 'table') return table(items, metadata, { kind, version, includeObject, now });
  if (form === 'partial') {
    return {
      kind: 'PartialObjectMetadataList',
      apiVersion: 'meta.k8s.io/v1',
      metadata,
      items: items.map(partialObject),
    };
  }
  return {
    kind: `${kind.kind}List`,
    apiVersion: apiVersionOf(kind.group, version),
    metadata,
    items: items.map((item) => wireObject(item, kind, version)),
  };
}

/** One object in the form a client wants. */
export function renderObject(
  object: StoredObject,
  { kind, version, form, now }: Rendering,
  options?: ListOptions,
): JsonObject {
  if (form === 'partial') return partialObject(object);
  if (form === 'object') return wireObject(object, kind, version);
  const metadata = { resourceVersion: object.metadata.resourceVersion };
  return table([object], metadata, { kind, version, includeObject: options?.includeObject ?? 'Metadata', now });
}
