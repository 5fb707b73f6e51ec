/**
 * Routes of opaque bytes (TCPRoute, TLSRoute, UDPRoute): a connection says nothing to choose by, or its server name alone. Of several routes at
 * one place (a service port, or a name at a listener) the oldest counts.
 */
import { objectName, type StreamRule, type TCPRoute, type TLSRoute, type UDPRoute } from '../../resources/index.ts';
import type { BackendRow, Protocol, TcpRuleRow } from '../rows.ts';
import { resolveBackend } from './backends.ts';
import type { Grants } from './grants.ts';
import type { Memory } from './memory.ts';
import { byAge, keyOf } from './objects.ts';
import { attach, type Attachment, type Parents } from './parents.ts';
import { inputsOf } from './route-inputs.ts';
import { routeStatus, type Outcome } from './route-status.ts';
import type { Fault, ObjectStatus } from './status.ts';

type StreamRoute = TCPRoute | TLSRoute | UDPRoute;

export interface StreamRoutes {
  /** By port key. */
  readonly rules: ReadonlyMap<string, TcpRuleRow>;
  /** By listener key, then by server name. */
  readonly streams: ReadonlyMap<string, ReadonlyMap<string, TcpRuleRow>>;
  /** By listener key. */
  readonly attached: ReadonlyMap<string, number>;
  readonly statuses: readonly ObjectStatus[];
}

interface ResolvedStream extends Outcome {
  readonly rule: TcpRuleRow;
}

const placesOf = ({ ports, hosts }: Attachment): string[] => [
  ...ports,
  ...hosts.map(({ listener, name }) => `${listener} ${name}`),
];

export function assembleStreamRoutes(
  memory: Memory,
  routes: readonly StreamRoute[],
  parents: Parents,
  grants: Grants,
): StreamRoutes {
  const rules = new Map<string, TcpRuleRow>();
  const streams = new Map<string, Map<string, TcpRuleRow>>();
  const attached = new Map<string, number>();
  const winners = new Map<string, StreamRoute>();
  const statuses: ObjectStatus[] = [];
  for (const route of routes.toSorted(byAge)) {
    const name = `${route.kind} ${keyOf(route)}`;
    const resolved = memory.remember(`stream-route ${name}`, inputsOf(route, parents, grants), () =>
      resolveStream(route, parents, grants),
    );
    const lost = new Map<string, StreamRoute>();
    const accepted = resolved.rejections.length === 0;
    for (const place of accepted ? resolved.attachments.flatMap(placesOf) : []) {
      const winner = winners.get(place);
      if (winner !== undefined && winner !== route) lost.set(place, winner);
      else winners.set(place, route);
    }
    const won = (place: string): boolean => winners.get(place) === route;
    for (const attachment of resolved.attachments) {
      for (const port of attachment.ports) if (won(port)) rules.set(port, resolved.rule);
      for (const { listener, name: server } of attachment.hosts) {
        if (!won(`${listener} ${server}`)) continue;
        const servers = streams.get(listener) ?? new Map<string, TcpRuleRow>();
        streams.set(listener, servers.set(server, resolved.rule));
      }
    }
    for (const listener of new Set(resolved.attachments.flatMap(({ hosts }) => hosts.map((host) => host.listener))))
      attached.set(listener, (attached.get(listener) ?? 0) + 1);
    const status = (): ObjectStatus =>
      routeStatus(route, resolved, (attachment) => ({
        conflicts: placesOf(attachment)
          .flatMap((place) => lost.get(place) ?? [])
          .slice(0, 1)
          .map((winner) => overruled(attachment.path, winner)),
        refused: [],
      }));
    statuses.push(
      memory.remember(`stream-status ${name}`, [route, resolved, ...lost.keys(), ...lost.values()], status),
    );
  }
  return { rules, streams, attached, statuses };
}

const overruled = (path: string, winner: StreamRoute): Fault => ({
  reason: 'Conflicted',
  path,
  message: `an older route serves this port: ${objectName(winner.kind, winner.metadata.namespace, winner.metadata.name)}`,
  remedy: 'remove one of the two',
});

const CARRIES: Readonly<Record<string, (protocol: Protocol) => boolean>> = {
  TCPRoute: (protocol) => protocol === 'tcp',
  // At a service nothing ends or reads TLS of the callers.
  TLSRoute: () => false,
  UDPRoute: () => false,
};

function resolveStream(route: StreamRoute, parents: Parents, grants: Grants): ResolvedStream {
  const { kind } = route;
  const { namespace, name } = route.metadata;
  const source = objectName(kind, namespace, name);
  const from = { kind, namespace, services: parents.services, grants };
  const brokenRefs: Fault[] = [];
  const [rule]: readonly StreamRule[] = route.spec.rules;
  const backends = (rule?.backendRefs ?? []).map((ref, index): BackendRow => {
    const path = `spec.rules[0].backendRefs[${index}]`;
    const resolved = resolveBackend(ref, path, from);
    const at = `${source}#${path}`;
    if (resolved.ok) {
      const { service, port } = resolved;
      return { kind: 'service', service, port, weight: ref.weight, filters: [], source: at };
    }
    brokenRefs.push(resolved.fault);
    return { kind: 'broken', weight: ref.weight, source: at };
  });
  const hostnames = 'hostnames' in route.spec ? route.spec.hostnames : undefined;
  const attachments = (route.spec.parentRefs ?? []).map((parentRef, index) =>
    attach(parentRef, index, { kind, namespace, hostnames }, parents, CARRIES[kind] ?? (() => false)),
  );
  const rejections: Fault[] =
    kind === 'UDPRoute' && backends.filter(({ weight }) => weight > 0).length > 1
      ? [
          {
            reason: 'UnsupportedValue',
            path: 'spec.rules[0].backendRefs',
            message: 'datagrams are not split between several services',
            remedy: 'leave one backend with a weight',
          },
        ]
      : [];
  return { rule: { backends, source: `${source}#spec.rules[0]` }, attachments, rejections, brokenRefs };
}
