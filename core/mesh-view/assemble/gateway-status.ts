/** What is said about a Gateway and its listeners (Gateway API, GatewayStatus and ListenerStatus). */
import { GATEWAY_NAME_LABEL, type ListenerSet, objectName, type Workload } from '../../resources/index.ts';
import type { WorkloadRow } from '../rows.ts';
import { formatIp } from '../../kernel/index.ts';
import { type GatewayDraft, letsInEverybody, type ListenerDraft } from './gateways.ts';
import { keyOf } from './objects.ts';
import { ROUTE_GROUP } from './route-kinds.ts';
import {
  condition,
  type ConditionDraft,
  finding,
  type Fault,
  type ListenerDraftStatus,
  type ObjectStatus,
} from './status.ts';

/** The processes of each Gateway, by its key: workloads of its namespace that say so and have its name as their account. */
export function servingWorkloads(
  workloads: readonly Workload[],
  rows: ReadonlyMap<string, WorkloadRow>,
): ReadonlyMap<string, readonly WorkloadRow[]> {
  const serving = new Map<string, WorkloadRow[]>();
  for (const workload of workloads) {
    const name = workload.metadata.labels[GATEWAY_NAME_LABEL];
    const row = rows.get(keyOf(workload));
    if (name === undefined || row === undefined || workload.spec.account !== name) continue;
    const key = `${workload.metadata.namespace}/${name}`;
    serving.set(key, [...(serving.get(key) ?? []), row]);
  }
  return serving;
}

export function gatewayStatus(
  draft: GatewayDraft,
  serving: readonly WorkloadRow[],
  attached: ReadonlyMap<string, number>,
): ObjectStatus {
  const { gateway, rejections, brokenRefs, ignored, row } = draft;
  const { generation, name, namespace } = gateway.metadata;
  const listeners = draft.listeners.filter(({ owner }) => owner.kind === 'Gateway');
  const wanted = row?.addresses.map(formatIp) ?? [];
  const there = [...new Set(serving.flatMap(({ addresses }) => addresses.map(({ ip }) => formatIp(ip))))].sort();
  const addresses = wanted.length === 0 ? there : there.filter((address) => wanted.includes(address));
  const unserved = unservedBy(serving, wanted, addresses, name, namespace);
  const states = listeners.map((listener) =>
    listenerState(listener, row?.listeners.some(({ key }) => key === listener.key) ?? false),
  );
  const invalid = states.some(({ good }) => !good);
  const accepted: ConditionDraft =
    rejections.length > 0
      ? make('Accepted', 'False', rejections[0]?.reason ?? 'Invalid', rejections, generation)
      : make(
          'Accepted',
          row === undefined ? 'False' : 'True',
          invalid ? 'ListenersNotValid' : 'Accepted',
          [],
          generation,
        );
  const programmed: ConditionDraft | undefined =
    row === undefined
      ? make('Programmed', 'False', 'Invalid', rejections, generation)
      : unserved === undefined
        ? undefined
        : make('Programmed', 'False', unserved.reason, [unserved], generation);
  const resolved: readonly ConditionDraft[] =
    gateway.spec.tls?.backend?.clientCertificateRef === undefined
      ? []
      : [condition('ResolvedRefs', generation, brokenRefs)];
  const faults = [
    ...rejections,
    ...brokenRefs,
    ...listeners.flatMap(({ rejections: own, conflicts, brokenRefs: broken }) => [...own, ...conflicts, ...broken]),
  ];
  const insecure = unverified(draft);
  const warnings = [...ignored, ...insecure, ...(unserved === undefined || row === undefined ? [] : [unserved])];
  return {
    apiVersion: gateway.apiVersion,
    kind: gateway.kind,
    namespace,
    name,
    conditions: [
      accepted,
      ...resolved,
      ...(programmed === undefined ? [] : [programmed]),
      ...(insecure.length > 0
        ? [make('InsecureFrontendValidationMode', 'True', 'ConfigurationChanged', insecure, generation)]
        : []),
      ...(ignored.length > 0 ? [make('InfrastructureIgnored', 'True', 'Ignored', ignored, generation)] : []),
    ],
    parents: [],
    findings: [
      ...faults.map((fault) => finding(gateway, fault)),
      ...warnings.map((fault) => ({ ...finding(gateway, fault), severity: 'warning' as const })),
    ],
    addresses,
    attachedListenerSets: draft.sets.length,
    listeners: statusesOf(states, attached, generation, programmed),
  };
}

/** Ports of HTTPS where everybody is let in, at the field that says so. */
function unverified({ gateway, listeners }: GatewayDraft): Fault[] {
  const ports = new Set(listeners.filter(({ protocol }) => protocol === 'https').map(({ spec }) => spec.port));
  const own = gateway.spec.tls?.frontend?.perPort?.map(({ port }) => port) ?? [];
  return [...ports]
    .filter((port) => letsInEverybody(gateway, port))
    .map((port) => ({
      reason: 'ClientsUnverified',
      path: `spec.tls.frontend.${own.includes(port) ? `perPort[${own.indexOf(port)}].tls` : 'default'}.validation.mode`,
      message: `port ${port} lets in everybody, whatever certificate they have: nobody has an identity there`,
      remedy:
        'write `AllowValidOnly`; `weft.dev/client-certificates: Optional` among `tls.options` lets in who shows none',
    }));
}

/** Of a set: it was let in, and what its listeners fare. undefined `draft`: nobody let it in. */
export function listenerSetStatus(
  set: ListenerSet,
  draft: GatewayDraft | undefined,
  gateway: string,
  serving: readonly WorkloadRow[],
  attached: ReadonlyMap<string, number>,
): ObjectStatus {
  const { generation } = set.metadata;
  const base = {
    apiVersion: set.apiVersion,
    kind: set.kind,
    namespace: set.metadata.namespace,
    name: set.metadata.name,
    parents: [],
  };
  if (draft === undefined || !draft.sets.some((one) => keyOf(one) === keyOf(set))) {
    const fault: Fault =
      draft === undefined
        ? {
            reason: 'ParentNotAccepted',
            path: 'spec.parentRef.name',
            message: `there is no Gateway ${gateway} that Weft serves`,
            remedy: 'create it, or correct the name',
          }
        : {
            reason: 'NotAllowed',
            path: 'spec.parentRef.name',
            message: `Gateway ${gateway} lets in no ListenerSet of namespace ${set.metadata.namespace}`,
            remedy: 'widen its `allowedListeners`',
          };
    return {
      ...base,
      conditions: [condition('Accepted', generation, [fault]), make('Programmed', 'False', 'Invalid', [], generation)],
      findings: [finding(set, fault)],
      listeners: [],
    };
  }
  const listeners = draft.listeners.filter(({ owner }) => owner.kind === 'ListenerSet' && keyOf(owner) === keyOf(set));
  const states = listeners.map((listener) =>
    listenerState(listener, draft.row?.listeners.some(({ key }) => key === listener.key) ?? false),
  );
  const served = states.some(({ good }) => good) && draft.row !== undefined;
  const programmed =
    !served || serving.length === 0
      ? make('Programmed', 'False', served ? 'ParentNotProgrammed' : 'ListenersNotValid', [], generation)
      : undefined;
  const faults = listeners.flatMap(({ rejections, conflicts, brokenRefs }) => [
    ...rejections,
    ...conflicts,
    ...brokenRefs,
  ]);
  return {
    ...base,
    conditions: [
      make(
        'Accepted',
        served ? 'True' : 'False',
        states.every(({ good }) => good) ? 'Accepted' : 'ListenersNotValid',
        [],
        generation,
      ),
      ...(programmed === undefined ? [] : [programmed]),
    ],
    findings: faults.map((fault) => finding(set, fault)),
    listeners: statusesOf(states, attached, generation, programmed),
  };
}

const statusesOf = (
  states: readonly ListenerState[],
  attached: ReadonlyMap<string, number>,
  generation: number,
  programmed: ConditionDraft | undefined,
): ListenerDraftStatus[] =>
  states.map(
    ({ listener, conditions }, index): ListenerDraftStatus => ({
      name: listener.spec.name,
      supportedKinds: listener.supportedKinds.map((kind) => ({ group: ROUTE_GROUP, kind })),
      attachedRoutes: attached.get(listener.key) ?? 0,
      conditions: [
        ...conditions(generation),
        ...(programmed === undefined || states[index]?.good !== true ? [] : [programmed]),
      ],
    }),
  );

/** Nobody runs what would serve it, or nobody who does has an address that it names. */
function unservedBy(
  serving: readonly WorkloadRow[],
  wanted: readonly string[],
  addresses: readonly string[],
  name: string,
  namespace: string,
): Fault | undefined {
  if (serving.length === 0)
    return {
      reason: 'NoGatewayProcess',
      path: 'metadata.name',
      message: `nobody serves ${objectName('Gateway', namespace, name)}: its ports are closed`,
      remedy: `start \`weft gateway --name ${name}${namespace === 'default' ? '' : ` --namespace ${namespace}`}\``,
    };
  if (wanted.length > 0 && addresses.length === 0)
    return {
      reason: 'AddressNotUsable',
      path: 'spec.addresses',
      message: `no process of the gateway has the address ${wanted.join(' or ')}`,
      remedy: 'start one with `--address`, or remove the address',
    };
  return undefined;
}

interface ListenerState {
  readonly listener: ListenerDraft;
  /** It is served as it says. */
  readonly good: boolean;
  readonly conditions: (generation: number) => ConditionDraft[];
}

function listenerState(listener: ListenerDraft, served: boolean): ListenerState {
  const { rejections, conflicts, brokenRefs } = listener;
  const against = [...rejections, ...conflicts];
  const good = against.length === 0 && brokenRefs.length === 0;
  return {
    listener,
    good,
    conditions: (generation) => [
      make('Accepted', against.length === 0 ? 'True' : 'False', against[0]?.reason ?? 'Accepted', against, generation),
      make(
        'Conflicted',
        conflicts.length === 0 ? 'False' : 'True',
        conflicts[0]?.reason ?? 'NoConflicts',
        conflicts,
        generation,
      ),
      make(
        'ResolvedRefs',
        brokenRefs.length === 0 ? 'True' : 'False',
        brokenRefs[0]?.reason ?? 'ResolvedRefs',
        brokenRefs,
        generation,
      ),
      ...(served ? [] : [make('Programmed', 'False', 'Invalid', [], generation)]),
    ],
  };
}

const make = (
  type: string,
  status: ConditionDraft['status'],
  reason: string,
  faults: readonly Fault[],
  observedGeneration: number,
): ConditionDraft => ({
  type,
  status,
  reason,
  message: faults.map(({ path, message }) => `${path}: ${message}`).join('; '),
  observedGeneration,
});
