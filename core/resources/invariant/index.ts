/** weft.dev Invariant: what must hold whatever routes and policies say. It changes no proxy; `plan`, `apply` and `check` test it. */
import { caller } from '../access-policy/callers.ts';
import { checkTargetNamespaces, serviceTargetRefs, targetsColumn } from '../gateway/target-ref.ts';
import { METHODS } from '../http-route/match.ts';
import { defineKind, WEFT_GROUP } from '../kind.ts';
import type { StoredObject } from '../object.ts';
import { dnsLabel, dnsSubdomain, labelValue } from '../schema/formats.ts';
import type { Complete } from '../schema/schema.ts';
import type { ConditionsStatus } from '../status.ts';
import { array, boolean, defaulted, object, oneOf, optional, required, string } from '../schema/schema.ts';

const regions = array(string({ format: labelValue }), { minItems: 1, maxItems: 32 });

const request = object(
  {
    method: defaulted(oneOf(METHODS), 'GET', 'The method.'),
    path: defaulted(string({ maxLength: 1024 }), '/', 'The path with its query.'),
  },
  ({ path }, report) => {
    if (!path.startsWith('/')) report(['path'], 'invalid-value', 'a path begins with `/`', `write \`/${path}\``);
  },
);

const never = object(
  {
    from: optional(
      array(caller, { minItems: 1, maxItems: 64 }),
      'Who never gets through; any entry, in the words of AccessPolicy without addresses. Absent: nobody does, not even callers outside the mesh.',
    ),
    regions: optional(regions, 'Of these only workloads in such regions (`locality.region`).'),
    notRegions: optional(regions, 'Of these only workloads outside such regions.'),
    requests: defaulted(
      array(request, { minItems: 1, maxItems: 64 }),
      [{}],
      'With which requests. On a port that carries TCP they do not matter.',
    ),
  },
  ({ from }, report) => {
    for (const [index, entry] of (from ?? []).entries())
      for (const field of ['ipBlocks', 'notIpBlocks', 'remoteIpBlocks', 'notRemoteIpBlocks'] as const)
        if (entry[field] !== undefined)
          report(['from', index, field], 'unsupported-value', 'an invariant is about identities', 'write identities');
  },
);

const spec = object(
  {
    description: optional(string({ maxLength: 500 }), 'What it protects, for those who break it.'),
    targetRefs: required(
      serviceTargetRefs,
      'What is protected: a Service of the invariant’s namespace (or one of its ports), all services of the namespace, or all of the mesh.',
    ),
    encrypted: defaulted(
      boolean(),
      false,
      '`true`: calls to it travel under mutual TLS, and nobody without a certificate gets an answer.',
    ),
    never: defaulted(
      array(never, { maxItems: 64 }),
      [],
      'Calls that the called side must refuse, whatever the routes of the caller’s proxy say; each entry by itself.',
    ),
    outside: optional(
      object({
        reach: required(
          oneOf(['Never', 'WithToken']),
          '`Never`: nobody outside gets through, whatever is sent. `WithToken`: nobody gets through without a token that an Authentication, at the Gateway or at the Service, verified.',
        ),
        except: defaulted(
          array(
            object({
              namespace: required(string({ format: dnsLabel }), 'The Gateway’s namespace.'),
              name: required(string({ format: dnsSubdomain }), 'The Gateway’s name.'),
            }),
            { maxItems: 16, uniqueBy: ['namespace', 'name'] },
          ),
          [],
          'Gateways that are not meant.',
        ),
      }),
      'What of those who come from outside (an address such as 203.0.113.1, no certificate) through a Gateway gets through to it. Each route to it is tried; one that cannot be tried by a request (a match by expression, a listener that asks for certificates) counts as let in unless the Service refuses the gateway itself.',
    ),
  },
  ({ encrypted, never: refused, outside }, report) => {
    if (!encrypted && refused.length === 0 && outside === undefined)
      report([], 'no-effect', 'the invariant says nothing', 'add `encrypted`, `never` or `outside`', 'warning');
  },
);

export type InvariantSpec = Complete<typeof spec>;
export type NeverRule = InvariantSpec['never'][number];
export type Invariant = StoredObject<InvariantSpec, ConditionsStatus>;

export const INVARIANT = defineKind({
  group: WEFT_GROUP,
  versions: ['v1alpha1'],
  kind: 'Invariant',
  plural: 'invariants',
  singular: 'invariant',
  shortNames: ['inv'],
  categories: ['weft'],
  scope: 'Namespaced',
  doc: 'What must hold whatever routes and policies say. `weft plan` and `weft apply` refuse a change that breaks one, `weft check` reports one that does not hold. It changes no proxy.',
  name: dnsSubdomain,
  spec,
  example: {
    description: 'cardholder data',
    targetRefs: [{ kind: 'Service', name: 'payments' }],
    encrypted: true,
    never: [{ from: [{ notIdentities: ['shop/orders'] }] }, { notRegions: ['eu'] }],
  },
  status: 'conditions',
  check({ namespace, spec: value }, report) {
    checkTargetNamespaces(value.targetRefs, namespace, report);
  },
  columns: [
    targetsColumn('What is protected.'),
    {
      name: 'Encrypted',
      type: 'string',
      doc: 'spec.encrypted',
      priority: 0,
      value: ({ spec: { encrypted } }) => String(encrypted),
    },
    {
      name: 'Never',
      type: 'integer',
      doc: 'How many rules.',
      priority: 0,
      value: ({
        spec: {
          never: { length },
        },
      }) => length,
    },
  ],
});
