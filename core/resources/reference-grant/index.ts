/** Gateway API ReferenceGrant: a namespace permits others to refer to objects of its own. */
import { defineKind, GATEWAY_GROUP } from '../kind.ts';
import type { StoredObject } from '../object.ts';
import { dnsLabel, dnsSubdomain, group, kindName } from '../schema/formats.ts';
import type { Complete } from '../schema/schema.ts';
import { array, object, optional, required, string } from '../schema/schema.ts';

const spec = object({
  from: required(
    array(
      object({
        group: required(string({ format: group, minLength: 0 }), 'The group of what refers.'),
        kind: required(string({ format: kindName }), 'The kind of what refers, such as `HTTPRoute` or `Gateway`.'),
        namespace: required(string({ format: dnsLabel }), 'The namespace of what refers.'),
      }),
      { minItems: 1, maxItems: 16 },
    ),
    'Who may refer: any one of these.',
  ),
  to: required(
    array(
      object({
        group: required(
          string({ format: group, minLength: 0 }),
          'The group of what is referred to; `""` for Service and Secret.',
        ),
        kind: required(string({ format: kindName }), 'The kind of what is referred to, such as `Service` or `Secret`.'),
        name: optional(string({ format: dnsSubdomain }), 'Its name. Absent: every one of the kind.'),
      }),
      { minItems: 1, maxItems: 16 },
    ),
    'What may be referred to, in this object’s namespace: any one of these.',
  ),
});

export type ReferenceGrantSpec = Complete<typeof spec>;
export type ReferenceGrant = StoredObject<ReferenceGrantSpec>;

export const REFERENCE_GRANT = defineKind({
  group: GATEWAY_GROUP,
  versions: ['v1', 'v1beta1', 'v1alpha2'],
  kind: 'ReferenceGrant',
  plural: 'referencegrants',
  singular: 'referencegrant',
  shortNames: ['refgrant'],
  categories: ['gateway-api'],
  scope: 'Namespaced',
  doc: 'Permits routes and Gateways of other namespaces to refer to Services, Secrets and ConfigMaps of this one. Without it such a reference is refused.',
  name: dnsSubdomain,
  spec,
  example: {
    from: [{ group: GATEWAY_GROUP, kind: 'HTTPRoute', namespace: 'edge' }],
    to: [{ group: '', kind: 'Service' }],
  },
  status: 'conditions',
  columns: [
    {
      name: 'From',
      type: 'string',
      doc: 'Who may refer.',
      priority: 0,
      value: ({ spec: { from } }) => from.map(({ kind, namespace }) => `${namespace}/${kind}`).join(','),
    },
    {
      name: 'To',
      type: 'string',
      doc: 'To what.',
      priority: 0,
      value: ({ spec: { to } }) => to.map(({ kind, name }) => `${kind}/${name ?? '*'}`).join(','),
    },
  ],
});
