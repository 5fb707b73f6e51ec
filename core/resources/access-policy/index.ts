/** weft.dev AccessPolicy: who may call a workload. It acts in the called workload's proxy, on the identity its certificate proves. */
import { checkTargetNamespaces, targetRefs, targetsColumn } from '../gateway/target-ref.ts';
import { defineKind, WEFT_GROUP } from '../kind.ts';
import type { StoredObject } from '../object.ts';
import { dnsSubdomain, labelKey, labelValue } from '../schema/formats.ts';
import type { Complete } from '../schema/schema.ts';
import { array, defaulted, map, object, oneOf, optional, required, string } from '../schema/schema.ts';
import type { ConditionsStatus } from '../status.ts';
import { ruleName } from '../gateway/rule-name.ts';
import { checkRuleNames } from '../gateway/rule-name.ts';
import { caller } from './callers.ts';
import { destination } from './destinations.ts';

export { type Caller, excludedBy, patternsOf } from './callers.ts';
export type { Destination } from './destinations.ts';

const rule = object({
  name: ruleName,
  from: optional(
    array(caller, { minItems: 1, maxItems: 64 }),
    'Who calls; any entry. Absent: everyone, in a permissive mesh also callers without a certificate.',
  ),
  to: optional(
    array(destination, { minItems: 1, maxItems: 16 }),
    'What is called; any entry. Absent: everything. On a port that carries TCP there are no requests: an `ALLOW` rule about them matches nothing there, a `DENY` rule whatever its `from` and `ports` say.',
  ),
});

const spec = object(
  {
    targetRefs: required(
      targetRefs,
      'Whose callers the policy is about: the workloads of a Service, of the policy’s namespace, or of the mesh; whoever enters a Gateway or one of its listeners. Policies add up: they never replace one another.',
    ),
    workloadSelector: optional(
      map(string({ format: labelValue, minLength: 0 }), { keys: labelKey, maxEntries: 64 }),
      'Of the workloads that `targetRefs` reach only those that carry all these labels. Absent: all of them.',
    ),
    enforcement: defaulted(
      oneOf(['Enforce', 'Shadow']),
      'Enforce',
      '`Shadow`: nothing is refused by it; what would be is counted (`shadow_denied`) in the called proxies.',
    ),
    action: defaulted(
      oneOf(['ALLOW', 'DENY', 'EXTERNAL', 'AUDIT']),
      'ALLOW',
      '`DENY`: what a rule matches is refused, whatever else allows it. `ALLOW`: what a rule matches is allowed, and what no rule of any `ALLOW` policy about the workload matches is refused. `EXTERNAL`: of what a rule matches, and nothing else refuses, the `extension` is asked; it can refuse, and never allow what others refuse. `AUDIT`: requests that a rule matches are written to the called proxy’s standard error, refused or not; decides nothing.',
    ),
    extension: optional(
      string({ format: dnsSubdomain }),
      'With `EXTERNAL`: an Extension of the policy’s namespace. While there is none, what the rules match is refused.',
    ),
    rules: defaulted(
      array(rule, { maxItems: 64 }),
      [],
      'Any one that matches. A rule matches when `from` and `to` do. None at all: an `ALLOW` policy allows nobody, a `DENY` policy denies nobody.',
    ),
  },
  ({ action, extension, enforcement, rules }, report) => {
    checkRuleNames(rules, report);
    if ((action === 'EXTERNAL') !== (extension !== undefined))
      report(
        ['extension'],
        action === 'EXTERNAL' ? 'missing-field' : 'exclusive-fields',
        action === 'EXTERNAL' ? '`EXTERNAL` asks an Extension' : `\`${action}\` asks nobody`,
        action === 'EXTERNAL' ? 'name it' : 'remove it, or set `action: EXTERNAL`',
      );
    if (action === 'AUDIT' && enforcement === 'Shadow')
      report(['enforcement'], 'exclusive-fields', '`AUDIT` refuses nothing', 'remove it');
  },
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
  doc: 'Who may call a workload, by identity, address and port, and on HTTP by host, method, path and header. Where only identities, addresses and ports are asked about, a refused connection is closed without a word; a request that rules about requests refuse is answered with 403. The reason is in the log and the metrics of the called side.',
  name: dnsSubdomain,
  spec,
  example: {
    targetRefs: [{ kind: 'Service', name: 'payments' }],
    rules: [{ from: [{ accounts: ['orders'] }], to: [{ ports: ['http'], methods: ['POST'], paths: ['/payments/*'] }] }],
  },
  status: 'conditions',
  check({ namespace, spec: value }, report) {
    checkTargetNamespaces(value.targetRefs, namespace, report);
    if (value.workloadSelector !== undefined && value.targetRefs.some(({ kind }) => kind === 'Gateway'))
      report(
        ['spec', 'workloadSelector'],
        'exclusive-fields',
        'is not allowed beside a target of kind Gateway: it is not about workloads',
        'write two policies',
      );
    if (value.targetRefs.some(({ kind }) => kind !== 'Gateway'))
      for (const [at, { from = [] }] of value.rules.entries())
        for (const [index, entry] of from.entries())
          for (const field of ['remoteIpBlocks', 'notRemoteIpBlocks'] as const)
            if (entry[field] !== undefined)
              report(
                ['spec', 'rules', at, 'from', index, field],
                'exclusive-fields',
                'is allowed about Gateways alone: what callers say in `x-forwarded-for` to a workload is theirs to choose',
                'target Gateways in a policy of their own, or write `ipBlocks`',
              );
    if (value.action !== 'ALLOW' && value.rules.length === 0) {
      report(
        ['spec', 'rules'],
        'no-effect',
        `a \`${value.action}\` policy without rules is about nobody`,
        'add a rule',
        'warning',
      );
    }
  },
  columns: [
    { name: 'Action', type: 'string', doc: 'spec.action', priority: 0, value: ({ spec: { action } }) => action },
    targetsColumn('Whose callers it is about.'),
    {
      name: 'Rules',
      type: 'integer',
      doc: 'How many rules.',
      priority: 0,
      value: ({ spec: { rules } }) => rules.length,
    },
  ],
});
