/** AccessPolicies by the workloads they are about. They add up; none replaces another. */
import type { Diagnostic } from '../../kernel/index.ts';
import { objectName, patternsOf, type AccessPolicy, type AccessRule } from '../../resources/index.ts';
import type { AccessRuleRow, MeshRow, WorkloadAccessRow, WorkloadRow } from '../rows.ts';
import type { Services } from './backends.ts';
import type { Memory } from './memory.ts';
import { keyOf } from './objects.ts';
import { targetOf } from './selection.ts';
import { condition, statusOf, type ObjectStatus } from './status.ts';
import { targetsOf, type Target } from './targets.ts';

export interface AccessPolicies {
  readonly byWorkload: ReadonlyMap<string, readonly WorkloadAccessRow[]>;
  readonly statuses: readonly ObjectStatus[];
  readonly findings: readonly Diagnostic[];
}

export interface AccessInput {
  readonly mesh: MeshRow;
  readonly services: Services;
  readonly workloads: readonly WorkloadRow[];
  /** Workloads of each service. */
  readonly selected: ReadonlyMap<string, readonly WorkloadRow[]>;
}

export function assembleAccessPolicies(
  memory: Memory,
  policies: readonly AccessPolicy[],
  input: AccessInput,
): AccessPolicies {
  const byWorkload = new Map<string, WorkloadAccessRow[]>();
  const statuses = policies.map((policy) => {
    const { namespace, name, generation } = policy.metadata;
    const { found, faults } = targetsOf(policy.spec.targetRefs, namespace, input.mesh.name, input.services);
    for (const [workload, ports] of reach(found, input)) {
      const key = `access ${keyOf(policy)} ${workload.key}`;
      const inputs = [policy, workload, input.mesh.trustDomain, ports?.join(' ')];
      const row = memory.remember(key, inputs, () => accessRow(policy, workload, ports, input.mesh.trustDomain));
      const rows = byWorkload.get(workload.key);
      if (rows === undefined) byWorkload.set(workload.key, [row]);
      else rows.push(row);
    }
    const status = statusOf(policy, [condition('Accepted', generation, faults)], [], faults);
    return memory.remember(`access-policy-status ${namespace}/${name}`, [status], () => status);
  });
  const kept = [...byWorkload].map(
    ([key, rows]) => [key, memory.remember(`access-policies ${key}`, rows, () => rows)] as const,
  );
  const findings = input.mesh.mtls === 'disabled' ? policies.flatMap(nobody) : [];
  return { byWorkload: new Map(kept), statuses, findings };
}

/** Without mutual TLS nobody has an identity: a rule about callers matches none of them. */
const nobody = ({ metadata: { namespace, name }, spec }: AccessPolicy): Diagnostic[] =>
  spec.rules.flatMap(({ from }, index) =>
    from === undefined
      ? []
      : [
          {
            severity: 'warning',
            code: 'no-identity',
            message: 'the mesh’s `mtls.mode` is `Disabled`: no caller has an identity, the rule matches nobody',
            place: { object: objectName('AccessPolicy', namespace, name), path: `spec.rules[${index}].from` },
            remedy: 'write `Strict` or `Permissive` in the Mesh',
          },
        ],
  );

/** Each workload once, with the ports the targets name; undefined: all of them. */
function reach(targets: readonly Target[], input: AccessInput): Map<WorkloadRow, readonly number[] | undefined> {
  const reached = new Map<WorkloadRow, readonly number[] | undefined>();
  const whole = (workload: WorkloadRow): void => {
    reached.set(workload, undefined);
  };
  for (const target of targets) {
    if (target.kind === 'mesh') input.workloads.forEach(whole);
    else if (target.kind === 'namespace') {
      input.workloads.filter((workload) => workload.namespace === target.namespace).forEach(whole);
    } else {
      for (const workload of input.selected.get(target.service.key) ?? []) {
        if (target.port === undefined) whole(workload);
        else {
          const port = targetOf(target.port, workload)?.port;
          const before = reached.get(workload);
          if (port === undefined || (reached.has(workload) && before === undefined)) continue;
          reached.set(
            workload,
            [...new Set([...(before ?? []), port])].sort((a, b) => a - b),
          );
        }
      }
    }
  }
  return reached;
}

function accessRow(
  policy: AccessPolicy,
  workload: WorkloadRow,
  ports: readonly number[] | undefined,
  trustDomain: string,
): WorkloadAccessRow {
  const { namespace, name } = policy.metadata;
  const source = objectName('AccessPolicy', namespace, name);
  return {
    policy: keyOf(policy),
    action: policy.spec.action,
    ports,
    rules: policy.spec.rules.map(
      (rule, index): AccessRuleRow => ({
        from: rule.from?.flatMap((caller) => patternsOf(caller, { trustDomain, namespace })),
        ports: portsOf(rule, workload),
        source: `${source}#spec.rules[${index}]`,
      }),
    ),
    source,
  };
}

/** A name that the workload has no port of means nothing there. */
function portsOf(rule: AccessRule, workload: WorkloadRow): readonly number[] | undefined {
  if (rule.to === undefined) return undefined;
  const numbers = rule.to.flatMap(({ ports }) =>
    ports.flatMap((port) =>
      typeof port === 'number' ? [port] : workload.ports.flatMap((own) => (own.name === port ? [own.port] : [])),
    ),
  );
  return [...new Set(numbers)].sort((a, b) => a - b);
}
