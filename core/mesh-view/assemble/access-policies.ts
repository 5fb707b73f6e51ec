/** AccessPolicies by the workloads they are about. They add up; none replaces another. */
import type { Diagnostic } from '../../kernel/index.ts';
import { objectName, type AccessPolicy, type AccessRule, type Destination } from '../../resources/index.ts';
import { objectKey } from '../keys.ts';
import type { ExtensionRow } from '../policy-rows.ts';
import type { DestinationRow, MeshRow, WorkloadAccessRow, WorkloadRow } from '../rows.ts';
import { type PortNames, ruleRow } from './access-rules.ts';
import type { Memory } from './memory.ts';
import { keyOf } from './objects.ts';
import { reach, type ReachInput } from './reach.ts';
import { condition, type Fault, statusOf, type ObjectStatus } from './status.ts';
import { targetsOf, type Targetable } from './targets.ts';

export interface AccessPolicies {
  readonly byWorkload: ReadonlyMap<string, readonly WorkloadAccessRow[]>;
  readonly statuses: readonly ObjectStatus[];
  readonly findings: readonly Diagnostic[];
}

export interface AccessInput extends ReachInput {
  readonly mesh: MeshRow;
  readonly there: Targetable;
  readonly extensions: ReadonlyMap<string, ExtensionRow>;
  /** Labels of each workload. */
  readonly labels: ReadonlyMap<string, Readonly<Record<string, string>>>;
}

export function assembleAccessPolicies(
  memory: Memory,
  policies: readonly AccessPolicy[],
  input: AccessInput,
): AccessPolicies {
  const byWorkload = new Map<string, WorkloadAccessRow[]>();
  const statuses = policies.map((policy) => {
    const { namespace, name, generation } = policy.metadata;
    const { found, faults } = targetsOf(policy.spec.targetRefs, namespace, input.there);
    for (const [workload, ports] of reach(found, input)) {
      if (!carries(input.labels.get(workload.key), policy.spec.workloadSelector)) continue;
      if (answers(policy, workload, input)) continue;
      const key = `access ${keyOf(policy)} ${workload.key}`;
      const inputs = [policy, workload, input.mesh.trustDomain, ports?.join(' ')];
      const row = memory.remember(key, inputs, () => accessRow(policy, workload, ports, input.mesh.trustDomain));
      const rows = byWorkload.get(workload.key);
      if (rows === undefined) byWorkload.set(workload.key, [row]);
      else rows.push(row);
    }
    const all = [...faults, ...absent(policy, input.extensions)];
    const status = statusOf(policy, [condition('Accepted', generation, all)], [], all);
    return memory.remember(`access-policy-status ${namespace}/${name}`, [status], () => status);
  });
  const kept = [...byWorkload].map(
    ([key, rows]) => [key, memory.remember(`access-policies ${key}`, rows, () => rows)] as const,
  );
  const findings = [
    ...(input.mesh.mtls === 'disabled' ? policies.flatMap(nobody) : []),
    ...policies.flatMap((policy) => withoutRequests(policy, input.workloads, byWorkload)),
  ];
  return { byWorkload: new Map(kept), statuses, findings };
}

const extensionKey = ({ metadata: { namespace }, spec: { extension } }: AccessPolicy): string =>
  extension === undefined ? '' : objectKey(namespace, extension);

/** Who is asked is not asked about itself. */
function answers(policy: AccessPolicy, workload: WorkloadRow, { extensions, selected }: AccessInput): boolean {
  const asked = extensions.get(extensionKey(policy))?.service.service;
  return asked !== undefined && selected.get(asked)?.includes(workload) === true;
}

function absent(policy: AccessPolicy, extensions: AccessInput['extensions']): readonly Fault[] {
  const key = extensionKey(policy);
  if (key === '' || extensions.has(key)) return [];
  const message = `there is no Extension ${policy.spec.extension} in namespace ${policy.metadata.namespace}: what the rules match is refused`;
  return [{ reason: 'ExtensionNotFound', path: 'spec.extension', message, remedy: 'create it, or correct the name' }];
}

/** Without mutual TLS nobody has an identity: a rule about callers matches none of them. */
const nobody = ({ metadata: { namespace, name }, spec }: AccessPolicy): Diagnostic[] =>
  spec.rules.flatMap(({ from }, index) =>
    from?.some(asksMore) !== true
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

/** Rules about requests that reach a port without any: said once a rule. */
function withoutRequests(
  { metadata: { namespace, name }, spec }: AccessPolicy,
  workloads: readonly WorkloadRow[],
  byWorkload: ReadonlyMap<string, readonly WorkloadAccessRow[]>,
): Diagnostic[] {
  const always = spec.action === 'EXTERNAL' || spec.action === 'AUDIT';
  if (!always && !spec.rules.some(({ to }) => to?.some(asksMore) === true)) return [];
  const source = objectName('AccessPolicy', namespace, name);
  return spec.rules.flatMap((_, index): Diagnostic[] => {
    for (const workload of workloads) {
      const row = byWorkload.get(workload.key)?.find((candidate) => candidate.source === source);
      const port = row === undefined ? undefined : opaquePort(row, index, workload, always);
      if (port === undefined) continue;
      return [
        {
          severity: 'warning',
          code: 'rule-about-requests',
          message: `port ${port} of Workload/${workload.key} carries TCP, without requests: there the rule ${EFFECTS[spec.action]}`,
          place: { object: source, path: `spec.rules[${index}].to` },
          remedy: 'name the ports that carry HTTP in `ports`, or state the port’s protocol',
        },
      ];
    }
    return [];
  });
}

const EFFECTS = {
  ALLOW: 'allows nothing',
  DENY: 'refuses whatever its callers send',
  EXTERNAL: 'refuses whatever its callers send',
  AUDIT: 'writes nothing',
} as const;

/** `always`: the action is about requests whatever the rule asks. */
const opaquePort = (
  row: WorkloadAccessRow,
  index: number,
  workload: WorkloadRow,
  always: boolean,
): number | undefined =>
  workload.ports.find(
    ({ port, protocol }) =>
      (protocol === 'tcp' || protocol === 'udp') &&
      (row.ports === undefined || row.ports.includes(port)) &&
      (row.rules[index]?.to ?? (always ? [EVERYTHING] : [])).some(
        ({ ports, notPorts, request }) =>
          (always || request !== undefined) &&
          (ports === undefined || ports.includes(port)) &&
          !notPorts.includes(port),
      ),
  )?.port;

const EVERYTHING: DestinationRow = { ports: undefined, notPorts: [], request: undefined };

const CONNECTION_FIELDS = ['ports', 'notPorts', 'ipBlocks', 'notIpBlocks'];

/** Whether it asks for more than a connection shows without a certificate. */
const asksMore = (entry: Destination | NonNullable<AccessRule['from']>[number]): boolean =>
  Object.entries(entry).some(([field, value]) => value !== undefined && !CONNECTION_FIELDS.includes(field));

/** `owner`: of the ports that the policy calls by name. */
export function accessRow(
  policy: AccessPolicy,
  owner: PortNames,
  ports: readonly number[] | undefined,
  trustDomain: string,
): WorkloadAccessRow {
  const { namespace, name } = policy.metadata;
  const source = objectName('AccessPolicy', namespace, name);
  return {
    policy: keyOf(policy),
    action: policy.spec.action,
    extension: extensionKey(policy),
    ports,
    shadow: policy.spec.enforcement === 'Shadow',
    rules: policy.spec.rules.map((rule, index) =>
      ruleRow(rule, owner, { trustDomain, namespace }, `${source}#spec.rules[${index}]`),
    ),
    source,
  };
}

const carries = (
  labels: Readonly<Record<string, string>> | undefined,
  wanted: Readonly<Record<string, string>> | undefined,
): boolean => Object.entries(wanted ?? {}).every(([key, value]) => labels?.[key] === value);
