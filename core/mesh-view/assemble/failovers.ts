/** `failover` of TrafficPolicies, by the service ports that it is about: who answers in their place, and what of it has no effect. */
import { objectName, type Failover, type TrafficPolicy, WEFT_GROUP } from '../../resources/index.ts';
import { objectKey, portKey } from '../keys.ts';
import type { FailoverRow, ServicePortRow } from '../rows.ts';
import { serviceOfKind } from './backends.ts';
import { type Grants, permits } from './grants.ts';
import type { Memory } from './memory.ts';
import { byAge, keyOf } from './objects.ts';
import type { Fault } from './status.ts';
import { keyOfTarget, type Target, type Targetable, targetsOf } from './targets.ts';

export interface Failovers {
  /** By port key; of a Subset what holds for its Service, where nobody speaks of the Subset. */
  readonly byPort: ReadonlyMap<string, FailoverRow>;
  /** What of it has no effect, by the key of its TrafficPolicy. */
  readonly faults: ReadonlyMap<string, readonly Fault[]>;
}

interface StandIn {
  /** Port key. */
  readonly key: string;
  readonly port: ServicePortRow;
  readonly path: string;
}

interface Attached {
  readonly to: readonly StandIn[];
  readonly source: string;
}

/** `policies`: those with `failover`. The most specific counts: port, service; of equals the oldest. */
export function assembleFailovers(
  memory: Memory,
  policies: readonly TrafficPolicy[],
  there: Targetable,
  grants: Grants,
): Failovers {
  const byTarget = new Map<string, Attached>();
  const faults = new Map<string, readonly Fault[]>();
  for (const policy of policies.toSorted(byAge)) {
    const { failover, targetRefs } = policy.spec;
    if (failover === undefined) continue;
    const { namespace, name } = policy.metadata;
    const { to, broken } = resolve(failover, namespace, there, grants);
    const attached = { to, source: `${objectName('TrafficPolicy', namespace, name)}#spec.failover` };
    const told = targetsOf(targetRefs, namespace, there).found.flatMap((target) => {
      if (target.kind !== 'service') return [];
      const winner = byTarget.get(keyOfTarget(target));
      if (winner === undefined) byTarget.set(keyOfTarget(target), attached);
      return [...(winner === undefined ? [] : [lost(winner, target)]), ...unfit(target, to)];
    });
    const all = [...broken, ...told];
    if (all.length > 0)
      faults.set(
        keyOf(policy),
        memory.remember(`failover faults ${keyOf(policy)}`, [JSON.stringify(all)], () => all),
      );
  }
  const byPort = new Map<string, FailoverRow>();
  if (byTarget.size > 0)
    for (const service of there.services.values())
      for (const port of service.ports) {
        const whole = service.subsetOf === undefined ? undefined : there.services.get(service.subsetOf);
        const found = [service, ...(whole === undefined ? [] : [whole])]
          .flatMap((one) =>
            [port, undefined].map((at) => ({ kind: 'service', service: one, port: at, path: '' }) as const),
          )
          .flatMap((target) => byTarget.get(keyOfTarget(target)) ?? [])[0];
        if (found === undefined) continue;
        const key = portKey(service.key, port.port);
        const row = {
          to: found.to.filter((one) => one.key !== key && carries(one.port, port)).map((one) => one.key),
          source: found.source,
        };
        if (row.to.length > 0)
          byPort.set(
            key,
            memory.remember(`failover ${key}`, [JSON.stringify(row)], () => row),
          );
      }
  return { byPort, faults };
}

/** Datagrams and connections do not stand in for one another. */
const carries = (a: ServicePortRow, b: ServicePortRow): boolean => (a.protocol === 'udp') === (b.protocol === 'udp');

const lost = ({ source }: Attached, { path }: Target): Fault => ({
  reason: 'Conflicted',
  path: 'spec.failover',
  message: `an older policy says the same section for ${path}: ${source}`,
  remedy: 'merge the two policies',
});

/** Stand-ins that a target cannot have. */
const unfit = ({ service, port: only }: Extract<Target, { kind: 'service' }>, to: readonly StandIn[]): Fault[] =>
  (only === undefined ? service.ports : [only]).flatMap((port) =>
    to.flatMap((one): Fault[] => {
      if (one.key === portKey(service.key, port.port))
        return [
          {
            reason: 'Invalid',
            path: one.path,
            message: `${service.key}:${port.port} does not stand in for itself`,
            remedy: 'name another service',
          },
        ];
      return carries(one.port, port)
        ? []
        : [
            {
              reason: 'UnsupportedProtocol',
              path: `${one.path}.port`,
              message: `port ${port.port} of ${service.key} and its stand-in do not both carry UDP`,
              remedy: 'name a port of the same protocol, or one port of the service in `sectionName`',
            },
          ];
    }),
  );

function resolve(
  { to }: Failover,
  own: string,
  { services }: Targetable,
  grants: Grants,
): { readonly to: readonly StandIn[]; readonly broken: readonly Fault[] } {
  const found: StandIn[] = [];
  const broken: Fault[] = [];
  for (const [index, { kind, name, namespace = own, port: number }] of to.entries()) {
    const path = `spec.failover.to[${index}]`;
    const key = objectKey(namespace, name);
    const service = serviceOfKind(services, kind, key);
    const port = service?.ports.find((candidate) => candidate.port === number);
    const permitted =
      // Who exports a service to a mesh lets all of that mesh refer to it.
      service?.home !== undefined ||
      permits(
        grants,
        { group: WEFT_GROUP, kind: 'TrafficPolicy', namespace: own },
        { group: kind === 'Service' ? '' : WEFT_GROUP, kind, namespace, name },
      );
    if (!permitted)
      broken.push({
        reason: 'RefNotPermitted',
        path: `${path}.namespace`,
        message: `no ReferenceGrant in namespace ${namespace} permits a TrafficPolicy of ${own} to refer to ${kind} ${name}`,
        remedy: 'make one there, or name a service of the policy’s namespace',
      });
    else if (service === undefined)
      broken.push({
        reason: 'BackendNotFound',
        path: `${path}.name`,
        message: `there is no ${kind} ${name} in namespace ${namespace}`,
        remedy: 'create it, or correct the name',
      });
    else if (port === undefined)
      broken.push({
        reason: 'BackendNotFound',
        path: `${path}.port`,
        message: `${kind} ${name} has no port ${number}`,
        remedy: `its ports are ${service.ports.map((candidate) => candidate.port).join(', ')}`,
      });
    else found.push({ key: portKey(key, number), port, path });
  }
  return { to: found, broken };
}
