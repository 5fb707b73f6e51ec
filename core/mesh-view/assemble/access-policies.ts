/** AccessPolicies by the workloads they are about. They add up; none replaces another. */
import type { Diagnostic } from '../../kernel/index.ts';
import {
  objectName,
  type AccessPolicy,
  type AccessRule,
  type Destination,
  type RuleLines,
} from '../../resources/index.ts';
import { objectKey, workloadPortKey } from '../keys.ts';
import type { AskRow, MtlsRow } from '../policy-rows.ts';
import type { AccessRuleRow, DestinationRow, WorkloadAccessRow } from '../access-rows.ts';
import type { MeshRow, WorkloadRow } from '../rows.ts';
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
  readonly extensions: ReadonlyMap<string, AskRow>;
  /** By `workloadPortKey`: where mutual TLS is not as the mesh says. */
  readonly modes: ReadonlyMap<string, MtlsRow>;
  /** Labels of each workload. */
  readonly labels: ReadonlyMap<string, Readonly<Record<string, string>>>;
}

export function assembleAccessPolicies(
  memory: Memory,
  policies: readonly AccessPolicy[],
  input: AccessInput,
): AccessPolicies {
  const { mesh, there, extensions, modes, workloads, labels, selected } = input;
  const inputs = [mesh, there, extensions, modes, workloads, labels, selected];
  const each = policies.map((policy) =>
    memory.group(`access ${keyOf(policy)}`, [policy, ...inputs], (own) => assembleOne(own, policy, input)),
  );
  const byWorkload = new Map<string, WorkloadAccessRow[]>();
  for (const { reached } of each)
    for (const { workload, row } of reached) {
      const rows = byWorkload.get(workload.key);
      if (rows === undefined) byWorkload.set(workload.key, [row]);
      else rows.push(row);
    }
  const kept = [...byWorkload].map(([key, rows]) => [key, memory.list(`access-policies ${key}`, rows)] as const);
  return {
    byWorkload: new Map(kept),
    statuses: each.map(({ status }) => status),
    findings: each.flatMap(({ findings }) => findings),
  };
}

interface OnePolicy {
  readonly reached: readonly Reached[];
  readonly status: ObjectStatus;
  readonly findings: readonly Diagnostic[];
}

function assembleOne(memory: Memory, policy: AccessPolicy, input: AccessInput): OnePolicy {
  const { namespace, generation } = policy.metadata;
  const { found, faults } = targetsOf(policy.spec.targetRefs, namespace, input.there);
  const reached: Reached[] = [];
  for (const [workload, ports] of reach(found, input)) {
    if (!carries(input.labels.get(workload.key), policy.spec.workloadSelector)) continue;
    if (answers(policy, workload, input)) continue;
    const inputs = [policy, workload, input.mesh.trustDomain, ports?.join(' ')];
    const row = memory.remember(workload.key, inputs, () => accessRow(policy, workload, ports, input.mesh.trustDomain));
    reached.push({ workload, row });
  }
  const all = [...faults, ...absent(policy, input.extensions)];
  const status = statusOf(policy, [condition('Accepted', generation, all)], [], all);
  return {
    reached,
    status: memory.remember('status', [status], () => status),
    findings: [...nobody(policy, reached, input), ...withoutRequests(policy, reached)],
  };
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
  if (key === '' || extensions.get(key)?.kind === 'authorization') return [];
  const what = extensions.has(key) ? 'Extension with `authorization`' : 'Extension';
  const message = `there is no ${what} ${policy.spec.extension} in namespace ${policy.metadata.namespace}: what the rules match is refused`;
  return [{ reason: 'ExtensionNotFound', path: 'spec.extension', message, remedy: 'create it, or correct the name' }];
}

/** Without mutual TLS nobody has an identity: a rule about callers matches none of them. */
function nobody(
  { metadata: { namespace, name }, spec }: AccessPolicy,
  reached: readonly Reached[],
  { mesh, modes }: AccessInput,
): Diagnostic[] {
  const open = reached
    .flatMap(({ workload, row }) =>
      workload.ports
        .filter(({ port }) => row.ports === undefined || row.ports.includes(port))
        .map(({ port }) => ({ workload: workload.key, port, said: modes.get(workloadPortKey(workload.key, port)) })),
    )
    .find(({ said }) => (said?.mode ?? mesh.mtls) === 'disabled');
  if (open === undefined && (reached.length > 0 || mesh.mtls !== 'disabled')) return [];
  const told =
    open?.said === undefined
      ? {
          message: 'the mesh’s `mtls.mode` is `Disabled`: no caller has an identity, the rule matches nobody',
          remedy: 'write `Strict` or `Permissive` in the Mesh',
        }
      : {
          message: `mutual TLS is off at port ${open.port} of Workload/${open.workload}, by ${open.said.source}: no caller has an identity there, the rule matches nobody`,
          remedy: 'write `Strict` or `Permissive` there',
        };
  const object = objectName('AccessPolicy', namespace, name);
  return spec.rules.flatMap(({ from }, index) =>
    from?.some(asksMore) === true
      ? [{ severity: 'warning', code: 'no-identity', ...told, place: { object, path: `spec.rules[${index}].from` } }]
      : [],
  );
}

/** A policy as it applies to one workload. */
interface Reached {
  readonly workload: WorkloadRow;
  readonly row: WorkloadAccessRow;
}

/** Rules about requests that reach a port without any: said once a rule. */
function withoutRequests(
  { metadata: { namespace, name }, spec }: AccessPolicy,
  reached: readonly Reached[],
): Diagnostic[] {
  const always = spec.action === 'EXTERNAL' || spec.action === 'AUDIT';
  if (!always && !spec.rules.some(({ to }) => to?.some(asksMore) === true)) return [];
  const source = objectName('AccessPolicy', namespace, name);
  return spec.rules.flatMap((_, index): Diagnostic[] => {
    for (const { workload, row } of reached) {
      const port = opaquePort(row, index, workload, always);
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

const CONNECTION_FIELDS = ['ports', 'notPorts', 'ipBlocks', 'notIpBlocks', 'remoteIpBlocks', 'notRemoteIpBlocks'];

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
      ruleRow(rule, owner, {
        trustDomain,
        namespace,
        source: `${source}#spec.rules[${index}]`,
        place: placeOf(policy.ruleLines, index),
      }),
    ),
    source,
  };
}

function placeOf(known: RuleLines | undefined, index: number): AccessRuleRow['place'] {
  const line = known?.lines[index];
  return known === undefined || line === undefined ? undefined : { file: known.file, line };
}

const carries = (
  labels: Readonly<Record<string, string>> | undefined,
  wanted: Readonly<Record<string, string>> | undefined,
): boolean => Object.entries(wanted ?? {}).every(([key, value]) => labels?.[key] === value);
