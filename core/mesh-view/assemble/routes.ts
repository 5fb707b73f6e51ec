/** All routes of a mesh: the index of matches by port, and each route's status. */
import { objectName, type HTTPRoute, type HTTPRouteFilter, type TCPRoute } from '../../resources/index.ts';
import type { BackendRow, HttpEntryRow, TcpRuleRow } from '../rows.ts';
import { resolveBackend, type Services } from './backends.ts';
import { resolveHttpRoute, type ResolvedRoute } from './http-route.ts';
import type { Memory } from './memory.ts';
import { byAge, keyOf } from './objects.ts';
import { attach, type Attachment } from './parents.ts';
import { rank, type Shadowed } from './precedence.ts';
import { condition, conflicted, statusOf, type Fault, type ObjectStatus, type ParentStatus } from './status.ts';

export interface Routes {
  readonly httpRules: ReadonlyMap<string, readonly HttpEntryRow[]>;
  readonly tcpRule: ReadonlyMap<string, TcpRuleRow>;
  readonly statuses: readonly ObjectStatus[];
}

export function assembleRoutes(
  memory: Memory,
  httpRoutes: readonly HTTPRoute[],
  tcpRoutes: readonly TCPRoute[],
  services: Services,
): Routes {
  const http = assembleHttp(memory, httpRoutes, services);
  const tcp = assembleTcp(memory, tcpRoutes, services);
  return { httpRules: http.rules, tcpRule: tcp.rules, statuses: [...http.statuses, ...tcp.statuses] };
}

/** What a route's resolution depends on: the services it may refer to, those of its namespace. */
const inputsOf = (route: HTTPRoute | TCPRoute, services: Services): unknown[] => {
  const { parentRefs, rules } = route.spec;
  const backends = rules.flatMap((rule) => rule.backendRefs ?? []);
  const mirrors = [...rules, ...backends].flatMap(mirrorsOf);
  const names = [...(parentRefs ?? []), ...backends, ...mirrors].map(({ name }) => name);
  return [route, ...names.map((name) => services.get(`${route.metadata.namespace}/${name}`))];
};

const mirrorsOf = (part: object): readonly { readonly name: string }[] => {
  const { filters = [] } = part as { readonly filters?: readonly HTTPRouteFilter[] };
  return filters.flatMap(({ requestMirror }) => (requestMirror === undefined ? [] : [requestMirror.backendRef]));
};

function assembleHttp(
  memory: Memory,
  routes: readonly HTTPRoute[],
  services: Services,
): { rules: Map<string, readonly HttpEntryRow[]>; statuses: ObjectStatus[] } {
  const resolved = routes.map((route) => ({
    route,
    resolved: memory.remember(`http-route ${keyOf(route)}`, inputsOf(route, services), () =>
      resolveHttpRoute(route, services),
    ),
  }));
  const attached = new Map<string, ResolvedRoute[]>();
  for (const { resolved: route } of resolved) {
    if (route.rejections.length > 0) continue;
    for (const port of new Set(route.attachments.flatMap(({ ports }) => ports))) push(attached, port, route);
  }
  const rules = new Map<string, readonly HttpEntryRow[]>();
  const shadowed = new Map<string, readonly Shadowed[]>();
  for (const [port, list] of attached) {
    const ranking = memory.remember(`ranking ${port}`, list, () => rank(list));
    rules.set(
      port,
      memory.remember(`http-rules ${port}`, [ranking], () => ranking.entries),
    );
    if (ranking.shadowed.length > 0) shadowed.set(port, ranking.shadowed);
  }
  const statuses = resolved.map(({ route, resolved: result }) => {
    const conflicts = result.attachments.flatMap(({ ports }) => ports.map((port) => shadowed.get(port)));
    return memory.remember(`http-route-status ${keyOf(route)}`, [route, result, ...conflicts], () =>
      routeStatus(route, result, (attachment) => conflictsOf(result.key, attachment, shadowed)),
    );
  });
  return { rules, statuses };
}

/** One fault a field, even when the route is attached to several ports. */
function conflictsOf(
  route: string,
  { ports }: Attachment,
  shadowed: ReadonlyMap<string, readonly Shadowed[]>,
): Fault[] {
  const faults = new Map<string, Fault>();
  for (const port of ports) {
    for (const { route: loser, path, by, byRoute } of shadowed.get(port) ?? []) {
      if (loser !== route) continue;
      const whose = byRoute === route ? 'an earlier rule of this route' : 'an older route';
      faults.set(path, {
        reason: 'EqualMatch',
        path,
        message: `${whose} has the same match and decides: ${by}`,
        remedy: 'make one of the two matches differ',
      });
    }
  }
  return [...faults.values()];
}

interface Outcome {
  readonly attachments: readonly Attachment[];
  readonly rejections: readonly Fault[];
  readonly brokenRefs: readonly Fault[];
}

function routeStatus(
  route: HTTPRoute | TCPRoute,
  { attachments, rejections, brokenRefs }: Outcome,
  conflicts: (attachment: Attachment) => readonly Fault[],
): ObjectStatus {
  const { generation } = route.metadata;
  const overridden = new Map<string, Fault>();
  const parents = attachments.map((attachment): ParentStatus => {
    const lost = conflicts(attachment);
    for (const fault of lost) overridden.set(fault.path, fault);
    return {
      parentRef: attachment.parentRef,
      conditions: [
        condition('Accepted', generation, [...attachment.faults, ...rejections]),
        condition('ResolvedRefs', generation, brokenRefs),
        ...(lost.length > 0 ? [conflicted(generation, lost)] : []),
      ],
    };
  });
  const faults = [
    ...attachments.flatMap((attachment) => attachment.faults),
    ...rejections,
    ...brokenRefs,
    ...overridden.values(),
  ];
  return statusOf(route, [], parents, faults);
}

interface ResolvedTcpRoute extends Outcome {
  readonly rule: TcpRuleRow;
}

/** A connection says nothing to choose by: of several routes on one port the oldest counts. */
function assembleTcp(
  memory: Memory,
  routes: readonly TCPRoute[],
  services: Services,
): { rules: Map<string, TcpRuleRow>; statuses: ObjectStatus[] } {
  const rules = new Map<string, TcpRuleRow>();
  const winners = new Map<string, TCPRoute>();
  const statuses: ObjectStatus[] = [];
  for (const route of routes.toSorted(byAge)) {
    const resolved = memory.remember(`tcp-route ${keyOf(route)}`, inputsOf(route, services), () =>
      resolveTcpRoute(route, services),
    );
    const lost = new Map<string, TCPRoute>();
    for (const port of resolved.attachments.flatMap(({ ports }) => ports)) {
      const winner = winners.get(port);
      if (winner !== undefined && winner !== route) lost.set(port, winner);
      else {
        winners.set(port, route);
        rules.set(port, resolved.rule);
      }
    }
    const status = (): ObjectStatus =>
      routeStatus(route, resolved, ({ ports, path }) =>
        ports.flatMap((port) => {
          const winner = lost.get(port);
          return winner === undefined ? [] : [overruled(path, winner)];
        }),
      );
    statuses.push(
      memory.remember(`tcp-route-status ${keyOf(route)}`, [route, resolved, ...lost.keys(), ...lost.values()], status),
    );
  }
  return { rules, statuses };
}

const overruled = (path: string, winner: TCPRoute): Fault => ({
  reason: 'Conflicted',
  path,
  message: `an older route serves this port: ${objectName('TCPRoute', winner.metadata.namespace, winner.metadata.name)}`,
  remedy: 'remove one of the two',
});

function resolveTcpRoute(route: TCPRoute, services: Services): ResolvedTcpRoute {
  const { namespace, name } = route.metadata;
  const source = objectName('TCPRoute', namespace, name);
  const brokenRefs: Fault[] = [];
  const [rule] = route.spec.rules;
  const backends = (rule?.backendRefs ?? []).map((ref, index): BackendRow => {
    const path = `spec.rules[0].backendRefs[${index}]`;
    const resolved = resolveBackend(ref, namespace, path, services);
    const at = `${source}#${path}`;
    if (resolved.ok) {
      return {
        kind: 'service',
        service: resolved.service,
        port: resolved.port,
        weight: ref.weight,
        filters: [],
        source: at,
      };
    }
    brokenRefs.push(resolved.fault);
    return { kind: 'broken', weight: ref.weight, source: at };
  });
  const attachments = (route.spec.parentRefs ?? []).map((parentRef, index) =>
    attach(parentRef, index, namespace, services, (protocol) => protocol === 'tcp'),
  );
  return { rule: { backends, source: `${source}#spec.rules[0]` }, attachments, rejections: [], brokenRefs };
}

function push<T>(map: Map<string, T[]>, key: string, value: T): void {
  const list = map.get(key);
  if (list === undefined) map.set(key, [value]);
  else list.push(value);
}
