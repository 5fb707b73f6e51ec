/**
 * Extensions about Services and Gateways: who processes what arrives there. Whom proxies ask themselves is not processed, so that no question
 * asks another one.
 */
import type { Diagnostic } from '../../kernel/index.ts';
import type { Extension, RateLimit } from '../../resources/index.ts';
import { objectKey, parseWorkloadPortKey } from '../keys.ts';
import type { ProcessorRow } from '../policy-rows.ts';
import type { MeshRow, WorkloadRow } from '../rows.ts';
import { arrivals } from './arrivals.ts';
import { attachPolicies, type Policy, type PolicyKind, wholeConflicts } from './attached.ts';
import { atListeners } from './edge.ts';
import { extensionFaults, processorOf } from './extensions.ts';
import type { Gateways } from './edge.ts';
import type { Memory } from './memory.ts';
import type { ObjectStatus } from './status.ts';
import type { Targetable } from './targets.ts';

/** An Extension with targets. */
type Processor = Extension & Policy;

export interface Processors {
  /** By `workloadPortKey`. */
  readonly arriving: ReadonlyMap<string, ProcessorRow>;
  /** By listener key. */
  readonly entering: ReadonlyMap<string, ProcessorRow>;
  readonly statuses: readonly ObjectStatus[];
  readonly findings: readonly Diagnostic[];
}

export interface ProcessorsInput {
  readonly mesh: MeshRow;
  readonly there: Targetable;
  readonly rateLimits: readonly RateLimit[];
  readonly workloads: readonly WorkloadRow[];
  readonly selected: ReadonlyMap<string, readonly WorkloadRow[]>;
  readonly gateways: Gateways;
}

const PROCESSORS: PolicyKind<Processor, ProcessorRow> = {
  name: 'processor',
  conflicts: wholeConflicts,
  faults: (object, { services }) => extensionFaults(object, services),
  rowOf: ({ metadata: { namespace, name }, spec: { processing } }) => {
    if (processing === undefined)
      throw new TypeError('an Extension with targets and without processing passed its check');
    return processorOf(namespace, name, processing);
  },
};

export const hasTargets = (object: Extension): object is Processor => object.spec.targetRefs !== undefined;

export function assembleProcessors(
  memory: Memory,
  extensions: readonly Extension[],
  input: ProcessorsInput,
): Processors {
  const { policies, statuses } = attachPolicies(memory, extensions.filter(hasTargets), input.there, PROCESSORS);
  const asked = askedWorkloads(extensions, input);
  const found = [...arrivals(policies, input)].filter(([key]) => !asked.has(parseWorkloadPortKey(key).workload));
  return {
    arriving: new Map(found),
    entering: atListeners(policies, input.gateways),
    statuses,
    findings: withoutRequests(found, input.workloads),
  };
}

/** Keys of workloads behind services that Extensions and RateLimits name. */
function askedWorkloads(
  extensions: readonly Extension[],
  { mesh, rateLimits, selected }: ProcessorsInput,
): ReadonlySet<string> {
  const services = [
    mesh.limiter?.service,
    ...rateLimits.map(
      ({ metadata, spec }) => spec.global?.limiter && objectKey(metadata.namespace, spec.global.limiter.name),
    ),
    ...extensions.map(({ metadata, spec }) => {
      const service = (spec.authorization ?? spec.processing)?.service;
      return service && objectKey(metadata.namespace, service.name);
    }),
  ];
  return new Set(services.flatMap((key) => (selected.get(key ?? '') ?? []).map((workload) => workload.key)));
}

/** Connections are no requests: said once an Extension. */
function withoutRequests(
  rows: readonly (readonly [string, ProcessorRow])[],
  workloads: readonly WorkloadRow[],
): Diagnostic[] {
  const found = new Map<string, Diagnostic>();
  const byKey = new Map(workloads.map((workload) => [workload.key, workload]));
  for (const [key, { source }] of rows) {
    const at = parseWorkloadPortKey(key);
    const port = byKey.get(at.workload)?.ports.find((candidate) => candidate.port === at.port);
    if (found.has(source) || (port?.protocol !== 'tcp' && port?.protocol !== 'udp')) continue;
    const [object = source] = source.split('#', 1);
    found.set(source, {
      severity: 'warning',
      code: 'rule-about-requests',
      message: `port ${at.port} of Workload/${at.workload} carries TCP, without requests: nothing is processed there`,
      place: { object, path: 'spec.processing' },
      remedy: 'name the ports that carry HTTP in `targetRefs`, or state the port’s protocol',
    });
  }
  return [...found.values()];
}
