/** weft.dev AccessPolicy: who may call a workload. It acts in the called workload's proxy, on the identity its certificate proves. */
import { checkTargetNamespaces, targetRefs } from '../gateway/target-ref.ts';
import { defineKind, WEFT_GROUP } from '../kind.ts';
import type { StoredObject } from '../object.ts';
import { dnsSubdomain, portName } from '../schema/formats.ts';
import type { Complete } from '../schema/schema.ts';
import { array, defaulted, intOrString, object, oneOf, optional, required } from '../schema/schema.ts';
import type { ConditionsStatus } from '../status.ts';
import { ruleName } from '../gateway/rule-name.ts';
import { checkRuleNames } from '../gateway/rule-name.ts';
import { caller } from './callers.ts';

export { type Caller, patternsOf } from './callers.ts';

const destination = object({
  ports: required(
    array(intOrString(1, 65_535, portName), { minItems: 1, maxItems: 32 }),
    'Ports of the workload, by the number the application listens on (a Service’s `targetPort`, not its `port`) or by name.',
  ),
});

const rule = object({
  name: ruleName,
  from: optional(
    array(caller, { minItems: 1, maxItems: 64 }),
    'Who calls; any entry. Absent: everyone, in a permissive mesh also callers without a certificate.',
  ),
  to: optional(array(destination, { minItems: 1, maxItems: 16 }), 'What is called; any entry. Absent: every port.'),
});

const spec = object(
  {
    targetRefs: required(
      targetRefs,
      'Whose callers the policy is about: the workloads of a Service, of the policy’s namespace, or of the mesh. Policies add up: they never replace one another.',
    ),
    action: defaulted(
      oneOf(['ALLOW', 'DENY']),
      'ALLOW',
      '`DENY`: what a rule matches is refused, whatever else allows it. `ALLOW`: what a rule matches is allowed, and what no rule of any `ALLOW` policy about the workload matches is refused.',
    ),
    rules: defaulted(
      array(rule, { maxItems: 64 }),
      [],
      'Any one that matches. A rule matches when `from` and `to` do. None at all: an `ALLOW` policy allows nobody, a `DENY` policy denies nobody.',
    ),
  },
  ({ rules }, report) => checkRuleNames(rules, report),
);

export type AccessPolicySpec = Complete<typeof spec>;
export type AccessRule = AccessPolicySpec['rules'][number];
export type AccessPolicy = StoredObject<AccessPolicySpec, ConditionsStatus>;

export const ACCESS_POLICY = defineKind({
  group: WEFT_GROUP,
  versions: ['v1alpha1'],
  kind: 'AccessPolicy',
  plural: 'accesspolicies',
  singular: 'accesspolicy',
  shortNames: ['ap'],
  categories: ['weft'],
  scope: 'Namespaced',
  doc: 'Who may call a workload, by identity and port. A refused connection is closed without a word; the reason is in the log and the metrics of the called side.',
  name: dnsSubdomain,
  spec,
  example: {
    targetRefs: [{ kind: 'Service', name: 'payments' }],
    rules: [{ from: [{ accounts: ['orders'] }], to: [{ ports: ['http'] }] }],
  },
  status: 'conditions',
  check({ namespace, spec: value }, report) {
    checkTargetNamespaces(value.targetRefs, namespace, report);
    if (value.action === 'DENY' && value.rules.length === 0) {
      report(['spec', 'rules'], 'no-effect', 'a `DENY` policy without rules denies nobody', 'add a rule', 'warning');
    }
  },
  columns: [
    { name: 'Action', type: 'string', doc: 'spec.action', priority: 0, value: ({ spec: { action } }) => action },
    {
      name: 'Targets',
      type: 'string',
      doc: 'Whose callers it is about.',
      priority: 0,
      value: ({ spec: { targetRefs: refs } }) => refs.map(({ kind, name }) => `${kind}/${name}`).join(','),
    },
    {
      name: 'Rules',
      type: 'integer',
      doc: 'How many rules.',
      priority: 0,
      value: ({ spec: { rules } }) => rules.length,
    },
  ],
});
