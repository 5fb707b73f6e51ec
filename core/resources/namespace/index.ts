/** core/v1 Namespace: in exactly one mesh (DESIGN, Reserved). */
import { defineKind } from '../kind.ts';
import type { StoredObject } from '../object.ts';
import { dnsLabel } from '../schema/formats.ts';
import type { Complete } from '../schema/schema.ts';
import { array, object, optional, string } from '../schema/schema.ts';
import type { NamespaceStatus } from '../status.ts';

const spec = object({
  finalizers: optional(
    array(string({ maxLength: 317 }), { maxItems: 16 }),
    'Written by Kubernetes; kept, without effect here.',
  ),
});

export type NamespaceSpec = Complete<typeof spec>;
export type Namespace = StoredObject<NamespaceSpec, NamespaceStatus>;

/** The label that says which mesh a namespace belongs to. */
export const MESH_LABEL = 'weft.dev/mesh';

/** On a Service: names of meshes, with commas between them, that it is seen in beside its own. */
export const EXPORT_ANNOTATION = 'weft.dev/export-to';

/** The mesh of a namespace without that label. */
export const DEFAULT_MESH = 'default';

/** The name of the mesh a namespace belongs to. */
export const meshOf = (namespace: {
  readonly metadata: { readonly labels: Readonly<Record<string, string>> };
}): string => namespace.metadata.labels[MESH_LABEL] ?? DEFAULT_MESH;

export const NAMESPACE = defineKind({
  group: '',
  kind: 'Namespace',
  plural: 'namespaces',
  singular: 'namespace',
  shortNames: ['ns'],
  scope: 'Cluster',
  doc: 'Holds the objects of one team or application, and belongs to exactly one mesh. What is in another mesh can be neither called nor seen.',
  name: dnsLabel,
  spec,
  specOptional: true,
  example: undefined,
  status: 'phase',
  labels: {
    [MESH_LABEL]: `The Mesh this namespace belongs to, by name. Without it: \`${DEFAULT_MESH}\`.`,
  },
  check({ labels }, report) {
    const mesh = labels[MESH_LABEL];
    if (mesh !== undefined && !dnsLabel.accepts(mesh)) {
      report(['metadata', 'labels', MESH_LABEL], 'invalid-value', `expected the name of a Mesh: ${dnsLabel.expected}`);
    }
  },
  columns: [
    {
      name: 'Mesh',
      type: 'string',
      doc: 'The mesh the namespace belongs to.',
      priority: 0,
      value: meshOf,
    },
  ],
});
