/** What a policy is about (Gateway API policy attachment, LocalPolicyTargetReferenceWithSectionName). */
import { GATEWAY_GROUP, WEFT_GROUP } from '../kind.ts';
import { dnsSubdomain, group } from '../schema/formats.ts';
import type { Complete, Report } from '../schema/schema.ts';
import { array, defaulted, object, oneOf, optional, required, string } from '../schema/schema.ts';

type TargetKind = 'Service' | 'ExternalService' | 'Namespace' | 'Mesh' | 'HTTPRoute' | 'GRPCRoute';

const GROUPS: Readonly<Record<TargetKind, string>> = {
  Service: '',
  ExternalService: WEFT_GROUP,
  Namespace: '',
  Mesh: WEFT_GROUP,
  HTTPRoute: GATEWAY_GROUP,
  GRPCRoute: GATEWAY_GROUP,
};
const SECTIONED: Partial<Record<TargetKind, string>> = {
  Service: 'ports',
  ExternalService: 'ports',
  HTTPRoute: 'rules',
  GRPCRoute: 'rules',
};

const KIND_DOC =
  '`Service`: one of the policy’s namespace. `Namespace`: all services of the policy’s namespace. `Mesh`: all services of the mesh that the policy’s namespace belongs to.';
const GROUP_DOC =
  'The target’s API group: `""` for Service and Namespace, `weft.dev` for Mesh, `gateway.networking.k8s.io` for routes. Absent: that of `kind`.';
const NAME_DOC =
  'The target’s name. For `Namespace` the policy’s own namespace, for `Mesh` the mesh of that namespace.';

const targetRef = object(
  {
    group: optional(string({ format: group, minLength: 0 }), GROUP_DOC),
    kind: defaulted(oneOf(['Service', 'Namespace', 'Mesh']), 'Service', KIND_DOC),
    name: required(string({ format: dnsSubdomain }), NAME_DOC),
    sectionName: optional(
      string({ format: dnsSubdomain }),
      'With `Service`: the name of one of its ports. Absent: all ports.',
    ),
  },
  checkTargetRef,
);

/** Of policies that routes can have too. */
const routeTargetRef = object(
  {
    group: optional(string({ format: group, minLength: 0 }), GROUP_DOC),
    kind: defaulted(
      oneOf(['Service', 'ExternalService', 'Namespace', 'Mesh', 'HTTPRoute', 'GRPCRoute']),
      'Service',
      `${KIND_DOC} \`ExternalService\`: one of the policy’s namespace. \`HTTPRoute\`, \`GRPCRoute\`: one of the policy’s namespace, wherever it is attached.`,
    ),
    name: required(string({ format: dnsSubdomain }), NAME_DOC),
    sectionName: optional(
      string({ format: dnsSubdomain }),
      'With a service: the name of one of its ports. With a route: the name of one of its rules. Absent: all.',
    ),
  },
  checkTargetRef,
);

function checkTargetRef(
  {
    group: given,
    kind,
    sectionName,
  }: { readonly group?: string | undefined; readonly kind: TargetKind; readonly sectionName?: string | undefined },
  report: Report,
): void {
  const own = GROUPS[kind];
  if (given !== undefined && given !== own) {
    report(['group'], 'invalid-value', `expected \`${own === '' ? '""' : own}\` for a ${kind}`, 'correct or remove it');
  }
  if (sectionName !== undefined && SECTIONED[kind] === undefined) {
    report(['sectionName'], 'exclusive-fields', `a ${kind} has no sections`, 'remove it');
  }
}

export type TargetRef = Complete<typeof routeTargetRef>;

export const targetRefs = array(targetRef, { minItems: 1, maxItems: 16, uniqueBy: ['kind', 'name', 'sectionName'] });

export const routeTargetRefs = array(routeTargetRef, {
  minItems: 1,
  maxItems: 16,
  uniqueBy: ['kind', 'name', 'sectionName'],
});

/** A policy speaks for its own namespace: it cannot name another. Paths are from the object's root. */
export function checkTargetNamespaces(refs: readonly TargetRef[], namespace: string, report: Report): void {
  for (const [index, { kind, name }] of refs.entries()) {
    if (kind === 'Namespace' && namespace !== '' && name !== namespace) {
      report(
        ['spec', 'targetRefs', index, 'name'],
        'foreign-namespace',
        `a policy in namespace ${namespace} cannot speak for namespace ${name}`,
        `write \`${namespace}\`, or create the policy in namespace ${name}`,
      );
    }
  }
}

/** What a policy is about, as a column of `get`. */
export const targetsColumn = (doc: string) => ({
  name: 'Targets',
  type: 'string' as const,
  doc,
  priority: 0 as const,
  value: ({ spec }: { readonly spec: { readonly targetRefs: readonly Pick<TargetRef, 'kind' | 'name'>[] } }): string =>
    spec.targetRefs.map(({ kind, name }) => `${kind}/${name}`).join(','),
});
