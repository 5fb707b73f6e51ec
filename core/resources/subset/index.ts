/** weft.dev Subset: those of a Service's workloads that carry certain labels, as a backend of routes and a target of policies. */
import { defineKind, WEFT_GROUP } from '../kind.ts';
import type { StoredObject } from '../object.ts';
import { dns1035Label, labelKey, labelValue } from '../schema/formats.ts';
import type { Complete } from '../schema/schema.ts';
import { map, object, required, string } from '../schema/schema.ts';
import type { ConditionsStatus } from '../status.ts';

const spec = object(
  {
    service: required(string({ format: dns1035Label }), 'A Service of this namespace; the subset has its ports.'),
    labels: required(
      map(string({ format: labelValue, minLength: 0 }), { keys: labelKey, maxEntries: 16 }),
      'The service’s workloads that carry all these labels are the subset’s endpoints. At least one.',
    ),
  },
  ({ labels }, report) => {
    if (Object.keys(labels).length === 0)
      report(['labels'], 'missing-field', 'a subset needs a label', 'add one, or refer to the Service');
  },
);

export type SubsetSpec = Complete<typeof spec>;
export type Subset = StoredObject<SubsetSpec, ConditionsStatus>;

export const SUBSET = defineKind({
  group: WEFT_GROUP,
  versions: ['v1alpha1'],
  kind: 'Subset',
  plural: 'subsets',
  singular: 'subset',
  shortNames: [],
  categories: ['weft'],
  scope: 'Namespaced',
  doc: 'A part of a Service by labels, such as one version of it: a backend of routes, and a target of policies. What a policy says about the Service holds for it where none speaks of the subset itself.',
  name: dns1035Label,
  spec,
  example: { service: 'orders', labels: { version: 'v2' } },
  status: 'conditions',
  columns: [
    { name: 'Service', type: 'string', doc: 'spec.service', priority: 0, value: ({ spec: { service } }) => service },
    {
      name: 'Labels',
      type: 'string',
      doc: 'spec.labels',
      priority: 0,
      value: ({ spec: { labels } }) =>
        Object.entries(labels)
          .map(([key, value]) => `${key}=${value}`)
          .join(','),
    },
  ],
});
