/** What a policy is about (Gateway API policy attachment, LocalPolicyTargetReferenceWithSectionName). */
import { GATEWAY_GROUP, WEFT_GROUP } from '../kind.ts';
import { dnsLabel, dnsSubdomain, group } from '../schema/formats.ts';
import type { Complete, Report } from '../schema/schema.ts';
import { array, defaulted, object, oneOf, optional, required, string } from '../schema/schema.ts';

type TargetKind =
  | 'Service'
  | 'ExternalService'
  | 'Subset'
  | 'Namespace'
  | 'Mesh'
  | 'Gateway'
  | 'HTTPRoute'
  | 'GRPCRoute';

const GROUPS: Readonly<Record<TargetKind, string>> = {
  Service: '',
  ExternalService: WEFT_GROUP,
  Subset: WEFT_GROUP,
  Namespace: '',
  Mesh: WEFT_GROUP,
  Gateway: GATEWAY_GROUP,
  HTTPRoute: GATEWAY_GROUP,
  GRPCRoute: GATEWAY_GROUP,
};
const SECTIONED: Partial<Record<TargetKind, string>> = {
  Service: 'ports',
  ExternalService: 'ports',
  Subset: 'ports',
  Gateway: 'listeners',
  HTTPRoute: 'rules',
  GRPCRoute: 'rules',
};

const KIND_DOC =
  '`Service`: one of the policy’s namespace. `Namespace`: all services of the policy’s namespace. `Mesh`: all services of the mesh that the policy’s namespace belongs to.';
const GATEWAY_DOC = `${KIND_DOC} \`Gateway\`: one of the policy’s namespace, what enters there.`;

const base = {
  group: optional(
    string({ format: group, minLength: 0 }),
    'The target’s API group: `""` for Service and Namespace, `weft.dev` for Mesh, `gateway.networking.k8s.io` for Gateways and routes. Absent: that of `kind`.',
  ),
  name: required(
    string({ format: dnsSubdomain }),
    'The target’s name. For `Namespace` the policy’s own namespace, for `Mesh` the mesh of that namespace.',
  ),
};

const section = (doc: string) => optional(string({ format: dnsSubdomain }), `${doc} Absent: all.`);
const PORTS_DOC = 'With `Service`: the name of one of its ports.';
const LISTENERS_DOC = 'With `Gateway`: the name of one of its listeners.';

const serviceTargetRef = object(
  {
    ...base,
    kind: defaulted(oneOf(['Service', 'Namespace', 'Mesh']), 'Service', KIND_DOC),
    sectionName: section(PORTS_DOC),
  },
  checkTargetRef,
);

const targetRef = object(
  {
    ...base,
    kind: defaulted(oneOf(['Service', 'Namespace', 'Mesh', 'Gateway']), 'Service', GATEWAY_DOC),
    sectionName: section(`${PORTS_DOC} ${LISTENERS_DOC}`),
  },
  checkTargetRef,
);

/** Of policies that routes can have too. */
const routeTargetRef = object(
  {
    ...base,
    kind: defaulted(
      oneOf(['Service', 'ExternalService', 'Subset', 'Namespace', 'Mesh', 'Gateway', 'HTTPRoute', 'GRPCRoute']),
      'Service',
      `${GATEWAY_DOC} \`ExternalService\`, \`Subset\`: one of the policy’s namespace. \`HTTPRoute\`, \`GRPCRoute\`: one of the policy’s namespace, wherever it is attached.`,
    ),
    sectionName: section(
      `With a service: the name of one of its ports. With a route: the name of one of its rules. ${LISTENERS_DOC}`,
    ),
  },
  checkTargetRef,
);

/** Of policies that callers may have of their own. */
const trafficTargetRef = object(
  {
    ...base,
    kind: defaulted(
      oneOf(['Service', 'ExternalService', 'Subset', 'Namespace', 'Mesh', 'Gateway', 'HTTPRoute', 'GRPCRoute']),
      'Service',
      `${GATEWAY_DOC} \`ExternalService\`, \`Subset\`: one of the policy’s namespace. \`HTTPRoute\`, \`GRPCRoute\`: one of the policy’s namespace, wherever it is attached.`,
    ),
    namespace: optional(
      string({ format: dnsLabel }),
      'With `Service`, `ExternalService` or `Subset`: the target’s namespace, where it is another one. The policy then holds for callers of its own namespace alone. Absent: the policy’s own.',
    ),
    sectionName: section(
      `With a service: the name of one of its ports. With a route: the name of one of its rules. ${LISTENERS_DOC}`,
    ),
  },
  (value, report) => {
    checkTargetRef(value, report);
    if (value.namespace !== undefined && !['Service', 'ExternalService', 'Subset'].includes(value.kind))
      report(['namespace'], 'exclusive-fields', `a ${value.kind} is one of the policy’s own namespace`, 'remove it');
  },
);

/** Of policies about callers. */
const callerTargetRef = object(
  {
    ...base,
    kind: defaulted(
      oneOf(['Namespace', 'Mesh']),
      'Namespace',
      '`Namespace`: the policy’s own. `Mesh`: the one that the policy’s namespace belongs to.',
    ),
  },
  checkTargetRef,
);

/** Of policies about proxies. */
const patchTargetRef = object(
  {
    ...base,
    kind: defaulted(
      oneOf(['Namespace', 'Mesh', 'Gateway']),
      'Namespace',
      '`Namespace`: the policy’s own. `Mesh`: the one that the policy’s namespace belongs to. `Gateway`: one of the policy’s namespace.',
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

export type TargetRef = Complete<typeof routeTargetRef> & { readonly namespace?: string | undefined };

const LIST = { minItems: 1, maxItems: 16, uniqueBy: ['kind', 'name', 'sectionName'] };

/** Of called workloads alone. */
export const serviceTargetRefs = array(serviceTargetRef, LIST);
/** Of whatever is called, or entered. */
export const targetRefs = array(targetRef, LIST);
export const callerTargetRefs = array(callerTargetRef, { minItems: 1, maxItems: 2, uniqueBy: ['kind', 'name'] });
export const patchTargetRefs = array(patchTargetRef, { minItems: 1, maxItems: 16, uniqueBy: ['kind', 'name'] });
export const routeTargetRefs = array(routeTargetRef, LIST);
export const trafficTargetRefs = array(trafficTargetRef, {
  ...LIST,
  uniqueBy: ['kind', 'namespace', 'name', 'sectionName'],
});

const backendKind = required(
  oneOf(['Service', 'ExternalService']),
  '`Service`, or `ExternalService` of the group `weft.dev`, of the policy’s namespace.',
);
const backendBase = {
  group: required(string({ format: group, minLength: 0 }), 'The target’s API group: `""` for a Service.'),
  kind: backendKind,
  name: required(string({ format: dnsSubdomain }), 'The target’s name.'),
};

/** Gateway API LocalPolicyTargetReference of policies about backends: whole services. */
export const backendTargetRefs = array(object(backendBase, checkTargetRef), {
  minItems: 1,
  maxItems: 16,
  uniqueBy: ['group', 'kind', 'name'],
});

/** LocalPolicyTargetReferenceWithSectionName: of one target several times each names a section, and none twice. */
export const backendPortTargetRefs = array(
  object({ ...backendBase, sectionName: section(PORTS_DOC) }, checkTargetRef),
  { minItems: 1, maxItems: 16, uniqueBy: ['group', 'kind', 'name', 'sectionName'] },
);

/** Gateway API: "sectionName must be specified when targetRefs includes 2 or more references to the same target". */
export function checkSections(
  refs: readonly { readonly kind: string; readonly name: string; readonly sectionName?: string | undefined }[],
  report: Report,
): void {
  for (const [index, { kind, name, sectionName }] of refs.entries())
    if (
      sectionName === undefined &&
      refs.some((other, at) => at !== index && other.kind === kind && other.name === name)
    )
      report(
        ['targetRefs', index],
        'missing-field',
        'the same target stands there with a `sectionName`',
        'name a port in each, or remove one',
      );
}

/** A policy speaks for its own namespace: it cannot name another. Paths are from the object's root. */
export function checkTargetNamespaces(
  refs: readonly Pick<TargetRef, 'kind' | 'name'>[],
  namespace: string,
  report: Report,
): void {
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
