/** Policies about Gateways by the listeners that they are about: what is asked of whoever enters there. */
import type { Diagnostic } from '../../kernel/index.ts';
import type { AccessPolicy } from '../../resources/index.ts';
import type { WorkloadAccessRow } from '../access-rows.ts';
import type { ProxyHeadersRow, TrafficPolicyRow } from '../rows.ts';
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

export interface EdgeHeaders {
  readonly byListener: ReadonlyMap<string, ProxyHeadersRow>;
  readonly findings: readonly Diagnostic[];
}

/**
 * From whom PROXY headers are taken, by listener key. A header comes before anything that tells the listeners of a port apart: what is said
 * of one of them holds for all, the policy about a listener before the one about the Gateway. A policy that says from nobody overrules those
 * that come after it. `policies`: the oldest first.
 */
export function headersAtPorts(policies: readonly AttachedPolicy<TrafficPolicyRow>[], gateways: Gateways): EdgeHeaders {
  const saying = policies.flatMap(({ row: { proxyHeaders: row }, targets }) =>
    row === undefined ? [] : [{ row, targets }],
  );
  const byListener = new Map<string, ProxyHeadersRow>();
  const ownerOf = new Map<string, string | undefined>();
  const findings: Diagnostic[] = [];
  for (const whole of [false, true])
    for (const { row, targets } of saying)
      for (const target of targets) {
        if (target.kind !== 'gateway' || (target.listener === undefined) !== whole) continue;
        const said = new Set(listenersOf(target, gateways).map(({ key }) => key));
        const served = gateways.get(target.gateway)?.row?.listeners ?? [];
        const ports = new Set(
          served.flatMap(({ key, port, protocol }) => (said.has(key) && protocol !== 'udp' ? [port] : [])),
        );
        if (!whole && ports.size === 0 && served.some(({ key }) => said.has(key)))
          findings.push(withoutHeaders(row, target.path));
        for (const { key, port, protocol } of served) {
          if (protocol === 'udp' || !ports.has(port)) continue;
          const winner = byListener.get(key);
          if (winner === undefined) {
            byListener.set(key, row);
            ownerOf.set(key, target.listener);
          } else if (!whole && said.has(key) && ownerOf.get(key) !== target.listener && winner !== row)
            findings.push(overruled(row, winner, port, target.path));
        }
      }
  return { byListener: new Map([...byListener].filter(([, { from }]) => from.length > 0)), findings };
}

const objectOf = (source: string): string => source.split('#', 1)[0] ?? source;

const withoutHeaders = ({ source }: ProxyHeadersRow, path: string): Diagnostic => ({
  severity: 'warning',
  code: 'datagrams-without-headers',
  message: 'datagrams have no PROXY headers: `arrivals` does nothing at a listener of UDP',
  place: { object: objectOf(source), path },
  remedy: 'name a listener of another protocol',
});

const overruled = ({ source }: ProxyHeadersRow, winner: ProxyHeadersRow, port: number, path: string): Diagnostic => ({
  severity: 'warning',
  code: 'conflicted',
  message: `listeners of port ${port} share its socket, and ${winner.source} says from whom PROXY headers are taken there`,
  place: { object: objectOf(source), path },
  remedy: 'say the same of all listeners of the port, or give them ports of their own',
});

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
