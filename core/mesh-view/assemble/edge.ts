/** Policies about Gateways by the listeners that they are about: what is asked of whoever enters there. */
import type { Diagnostic } from '../../kernel/index.ts';
import type { AccessPolicy } from '../../resources/index.ts';
import type { WorkloadAccessRow } from '../access-rows.ts';
import type { ForwardedForRow, GatewayListenerRow, ProxyHeadersRow, TrafficPolicyRow } from '../rows.ts';
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

export interface EdgeArrivals {
  readonly headers: ReadonlyMap<string, ProxyHeadersRow>;
  readonly forwarded: ReadonlyMap<string, ForwardedForRow>;
  readonly findings: readonly Diagnostic[];
}

interface Arriving {
  readonly headers: ProxyHeadersRow;
  readonly forwarded: ForwardedForRow | undefined;
}

/**
 * What `arrivals` say, by listener key. A PROXY header comes before anything that tells the listeners of a port apart: what is said of one
 * of them holds for all, the policy about a listener before the one about the Gateway. A policy that says from nobody overrules those that
 * come after it. `policies`: the oldest first.
 */
export function arrivalsAtPorts(
  policies: readonly AttachedPolicy<TrafficPolicyRow>[],
  gateways: Gateways,
): EdgeArrivals {
  const saying = policies.flatMap(({ row: { proxyHeaders: headers, forwardedFor: forwarded }, targets }) =>
    headers === undefined ? [] : [{ row: { headers, forwarded } satisfies Arriving, targets }],
  );
  const byListener = new Map<string, { readonly row: Arriving; readonly listener: string | undefined }>();
  const findings: Diagnostic[] = [];
  for (const whole of [false, true])
    for (const { row, targets } of saying)
      for (const target of targets) {
        if (target.kind !== 'gateway' || (target.listener === undefined) !== whole) continue;
        const said = new Set(listenersOf(target, gateways).map(({ key }) => key));
        const served = gateways.get(target.gateway)?.row?.listeners ?? [];
        const named = served.filter(({ key }) => said.has(key));
        if (!whole) findings.push(...withoutEffect(row, named, target.path));
        const ports = new Set(named.flatMap(({ port, protocol }) => (protocol === 'udp' ? [] : [port])));
        for (const { key, port, protocol } of served) {
          if (protocol === 'udp' || !ports.has(port)) continue;
          const winner = byListener.get(key);
          if (winner === undefined) byListener.set(key, { row, listener: target.listener });
          else if (!whole && said.has(key) && winner.listener !== target.listener && !takesSame(winner.row, row))
            findings.push(overruled(row.headers, winner.row.headers, port, target.path));
        }
      }
  const requests = new Set(
    [...gateways.values()].flatMap(({ row }) =>
      (row?.listeners ?? []).flatMap(({ key, protocol }) => (hasRequests(protocol) ? [key] : [])),
    ),
  );
  return {
    headers: new Map(
      [...byListener].flatMap(([key, { row }]) => (row.headers.from.length > 0 ? [[key, row.headers] as const] : [])),
    ),
    forwarded: new Map(
      [...byListener].flatMap(
        ([
          key,
          {
            row: { forwarded },
          },
        ]) => (forwarded !== undefined && requests.has(key) ? [[key, forwarded] as const] : []),
      ),
    ),
    findings,
  };
}

/** Whoever says it. */
const takesSame = (a: Arriving, b: Arriving): boolean =>
  JSON.stringify([a.headers.from, a.forwarded?.from, a.forwarded?.hops]) ===
  JSON.stringify([b.headers.from, b.forwarded?.from, b.forwarded?.hops]);

const hasRequests = (protocol: GatewayListenerRow['protocol']): boolean => protocol === 'http' || protocol === 'https';

/** Of listeners that a policy names: what it says and they cannot do. */
function withoutEffect(
  { headers, forwarded }: Arriving,
  named: readonly GatewayListenerRow[],
  path: string,
): readonly Diagnostic[] {
  const [first] = named;
  if (first === undefined) return [];
  if (named.every(({ protocol }) => protocol === 'udp'))
    return headers.from.length === 0 ? [] : [withoutHeaders(headers, path)];
  return forwarded === undefined || named.some(({ protocol }) => hasRequests(protocol))
    ? []
    : [withoutRequests(forwarded, first.port)];
}

const withoutRequests = ({ source }: ForwardedForRow, port: number): Diagnostic => ({
  severity: 'warning',
  code: 'rule-about-requests',
  message: `port ${port} carries streams, without requests: nobody tells addresses in x-forwarded-for there`,
  place: { object: objectOf(source), path: 'spec.arrivals.xForwardedFor' },
  remedy: 'name listeners of HTTP or HTTPS in `targetRefs`',
});

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
