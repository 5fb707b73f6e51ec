/** Policies about Gateways by the listeners that they are about: what is asked of whoever enters there. */
import type { AccessPolicy } from '../../resources/index.ts';
import type { WorkloadAccessRow } from '../access-rows.ts';
import { accessRow } from './access-policies.ts';
import type { AttachedPolicy } from './attached.ts';
import type { GatewayDraft, ListenerDraft } from './gateways.ts';
import type { Memory } from './memory.ts';
import { keyOf } from './objects.ts';
import { type Target, targetsOf, type Targetable } from './targets.ts';

export type Gateways = ReadonlyMap<string, GatewayDraft>;

/** The listeners that a target means; none where it is no Gateway. */
function listenersOf(target: Target, gateways: Gateways): readonly ListenerDraft[] {
  if (target.kind !== 'gateway') return [];
  const all = gateways.get(target.gateway)?.listeners ?? [];
  return target.listener === undefined
    ? all
    : all.filter(({ owner, spec }) => owner.kind === 'Gateway' && spec.name === target.listener);
}

/** By listener key, of policies that replace one another: about the listener, then about its Gateway. `policies`: the oldest first. */
export function atListeners<Row>(
  policies: readonly AttachedPolicy<Row>[],
  gateways: Gateways,
): ReadonlyMap<string, Row> {
  const rows = new Map<string, Row>();
  for (const whole of [false, true])
    for (const { row, targets } of policies)
      for (const target of targets) {
        if (target.kind !== 'gateway' || (target.listener === undefined) !== whole) continue;
        for (const { key } of listenersOf(target, gateways)) if (!rows.has(key)) rows.set(key, row);
      }
  return rows;
}

/** AccessPolicies by listener key. They add up. */
export function accessAtListeners(
  memory: Memory,
  policies: readonly AccessPolicy[],
  there: Targetable,
  gateways: Gateways,
  trustDomain: string,
): ReadonlyMap<string, readonly WorkloadAccessRow[]> {
  if (gateways.size === 0) return new Map();
  const rows = new Map<string, WorkloadAccessRow[]>();
  for (const policy of policies) {
    const { found } = targetsOf(policy.spec.targetRefs, policy.metadata.namespace, there);
    for (const listener of new Set(found.flatMap((target) => listenersOf(target, gateways)))) {
      const { key, spec } = listener;
      const row = memory.remember(`edge-access ${keyOf(policy)} ${key}`, [policy, spec, trustDomain], () =>
        accessRow(policy, { ports: [{ name: spec.name, port: spec.port }] }, undefined, trustDomain),
      );
      const list = rows.get(key);
      if (list === undefined) rows.set(key, [row]);
      else list.push(row);
    }
  }
  return new Map([...rows].map(([key, list]) => [key, memory.remember(`edge-accesses ${key}`, list, () => list)]));
}

/** Names of the listeners of each Gateway, by its key. */
export const listenerNames = (gateways: Gateways): ReadonlyMap<string, readonly string[]> =>
  new Map([...gateways].map(([key, { gateway }]) => [key, gateway.spec.listeners.map(({ name }) => name)]));
