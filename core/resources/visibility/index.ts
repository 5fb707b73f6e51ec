/** weft.dev Visibility: which services the proxies of callers know. It narrows what they are configured with; who may call is AccessPolicy's. */
import { namespaceOrAny } from '../gateway/callers.ts';
import { callerTargetRefs, checkTargetNamespaces, targetsColumn } from '../gateway/target-ref.ts';
import { defineKind, WEFT_GROUP } from '../kind.ts';
import type { StoredObject } from '../object.ts';
import { dnsSubdomain, labelKey, labelValue } from '../schema/formats.ts';
import type { Complete } from '../schema/schema.ts';
import { array, map, object, optional, required, string } from '../schema/schema.ts';
import type { ConditionsStatus } from '../status.ts';

const known = object({
  namespace: optional(
    string({ format: namespaceOrAny }),
    'Namespace of the services; `*`: every one of the mesh. Absent: the caller’s own.',
  ),
  name: optional(
    string({ format: dnsSubdomain }),
    'A Service, ExternalService or Subset. Absent: all of the namespace.',
  ),
});

const spec = object({
  targetRefs: required(
    callerTargetRefs,
    'Whose callers it is about: the workloads of the policy’s namespace, or of the mesh.',
  ),
  workloadSelector: optional(
    map(string({ format: labelValue, minLength: 0 }), { keys: labelKey, maxEntries: 64 }),
    'Only workloads of the namespace that carry all these labels. Goes before what is about the whole namespace. Absent: all of them.',
  ),
  services: required(
    array(known, { maxItems: 256, uniqueBy: ['namespace', 'name'] }),
    'What they know: any entry. Where the routes of these services lead comes along. None: nothing.',
  ),
});

export type VisibilitySpec = Complete<typeof spec>;
export type Visibility = StoredObject<VisibilitySpec, ConditionsStatus>;

export const VISIBILITY = defineKind({
  group: WEFT_GROUP,
  versions: ['v1alpha1'],
  kind: 'Visibility',
  plural: 'visibilities',
  singular: 'visibility',
  categories: ['weft'],
  scope: 'Namespaced',
  doc: 'Which services workloads know: their proxies are configured with nothing else. Where a mesh has many services, a forward proxy and a proxyless gRPC client need less memory and hear of fewer changes. It is no access control: it acts in the calling proxies, which AccessPolicy does not trust. Gateways know what their routes lead to.',
  name: dnsSubdomain,
  spec,
  example: {
    targetRefs: [{ kind: 'Namespace', name: 'shop' }],
    services: [{ namespace: 'default' }, { namespace: 'bank', name: 'ledger' }],
  },
  status: 'conditions',
  check({ namespace, spec: { targetRefs, workloadSelector } }, report) {
    checkTargetNamespaces(targetRefs, namespace, report);
    if (workloadSelector !== undefined && targetRefs.some(({ kind }) => kind === 'Mesh'))
      report(
        ['spec', 'workloadSelector'],
        'exclusive-fields',
        'is not allowed beside a target of kind Mesh: it selects workloads of the policy’s namespace',
        'write `kind: Namespace`',
      );
  },
  columns: [
    targetsColumn('Whose callers it is about.'),
    {
      name: 'Services',
      type: 'string',
      doc: 'spec.services',
      priority: 0,
      value: ({ spec: { services } }) =>
        services.map(({ namespace = '.', name = '*' }) => `${namespace}/${name}`).join(','),
    },
  ],
});
