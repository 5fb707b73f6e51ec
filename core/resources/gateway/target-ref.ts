/** What a policy is about (Gateway API policy attachment, LocalPolicyTargetReferenceWithSectionName). */
import { WEFT_GROUP } from '../kind.ts';
import { dnsSubdomain, group } from '../schema/formats.ts';
import type { Complete, Report } from '../schema/schema.ts';
import { array, defaulted, object, oneOf, optional, required, string } from '../schema/schema.ts';

const targetRef = object(
  {
    group: optional(
      string({ format: group, minLength: 0 }),
      `The target’s API group: \`""\` for Service and Namespace, \`${WEFT_GROUP}\` for Mesh. Absent: that of \`kind\`.`,
    ),
    kind: defaulted(
      oneOf(['Service', 'Namespace', 'Mesh']),
      'Service',
      '`Service`: one of the policy’s namespace. `Namespace`: all services of the policy’s namespace. `Mesh`: all services of the mesh that the policy’s namespace belongs to.',
    ),
    name: required(
      string({ format: dnsSubdomain }),
      'The target’s name. For `Namespace` the policy’s own namespace, for `Mesh` the mesh of that namespace.',
    ),
    sectionName: optional(
      string({ format: dnsSubdomain }),
      'With `Service`: the name of one of its ports. Absent: all ports.',
    ),
  },
  ({ group: given, kind, sectionName }, report) => {
    const own = kind === 'Mesh' ? WEFT_GROUP : '';
    if (given !== undefined && given !== own) {
      report(
        ['group'],
        'invalid-value',
        `expected \`${own === '' ? '""' : own}\` for a ${kind}`,
        'correct or remove it',
      );
    }
    if (sectionName !== undefined && kind !== 'Service') {
      report(['sectionName'], 'exclusive-fields', `a ${kind} has no sections`, 'remove it');
    }
  },
);

export type TargetRef = Complete<typeof targetRef>;

export const targetRefs = array(targetRef, { minItems: 1, maxItems: 16, uniqueBy: ['kind', 'name', 'sectionName'] });

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
