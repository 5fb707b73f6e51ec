/**
 * HTTPRoutes and GRPCRoutes of a mesh: who decides at each place (a service port, or a name at a listener), and each route's status. At one
 * place routes of one kind only are served: those of the kind of the oldest (Gateway API, GRPCRoute).
 */
import type { GRPCRoute, HTTPRoute } from '../../resources/index.ts';
import { byName } from '../keys.ts';
import type { HttpEntryRow } from '../rows.ts';
import { delegated } from './delegation.ts';
import type { Grants } from './grants.ts';
import { resolveGrpcRoute } from './grpc-route.ts';
import { intersection } from '../host-names.ts';
import { resolveHttpRoute, type ResolvedRoute } from './http-route.ts';
import type { Memory } from './memory.ts';
import { keyOf } from './objects.ts';
import type { Attachment, Parents } from './parents.ts';
import { rank, type Shadowed } from './precedence.ts';
import { inputsOf } from './route-inputs.ts';
import { routeStatus } from './route-status.ts';
import type { Fault, ObjectStatus } from './status.ts';

export interface HttpRoutes {
  /** By port key. */
  readonly rules: ReadonlyMap<string, readonly HttpEntryRow[]>;
  /** By listener key, then by name. */
  readonly hosts: ReadonlyMap<string, ReadonlyMap<string, readonly HttpEntryRow[]>>;
  /** By listener key. */
  readonly attached: ReadonlyMap<string, number>;
  readonly statuses: readonly ObjectStatus[];
}

interface Resolved {
  readonly route: HTTPRoute | GRPCRoute;
  readonly resolved: ResolvedRoute;
}

/** One name at a listener, or all of a service port. */
interface Place {
  readonly key: string;
  /** The listener or port. */
  readonly at: string;
  /** '' at a port. */
  readonly name: string;
}

const placesOf = ({ ports, hosts }: Attachment): Place[] => [
  ...ports.map((port) => ({ key: port, at: port, name: '' })),
  ...hosts.map(({ listener, name }) => ({ key: `${listener} ${name}`, at: listener, name })),
];

export function assembleHttpRoutes(
  memory: Memory,
  httpRoutes: readonly HTTPRoute[],
  grpcRoutes: readonly GRPCRoute[],
  parents: Parents,
  grants: Grants,
): HttpRoutes {
  const each: Resolved[] = [
    ...httpRoutes.map((route) => ({
      route,
      resolved: memory.remember(`http-route ${keyOf(route)}`, inputsOf(route, parents, grants), () =>
        resolveHttpRoute(route, parents, grants),
      ),
    })),
    ...grpcRoutes.map((route) => ({
      route,
      resolved: memory.remember(`grpc-route ${keyOf(route)}`, inputsOf(route, parents, grants), () =>
        resolveGrpcRoute(route, parents, grants),
      ),
    })),
  ];
  const made = delegated(
    memory,
    each.map(({ resolved }) => resolved),
    grants,
  );
  const all = each.map(({ route, resolved }, index) => ({ route, resolved: made[index] ?? resolved }));
  const refused = otherKinds(all);
  const served = new Map<string, { readonly place: Place; readonly routes: ResolvedRoute[] }>();
  const attached = new Map<string, Set<ResolvedRoute>>();
  for (const { resolved: route } of all) {
    if (route.rejections.length > 0) continue;
    const places = new Map(
      route.attachments
        .flatMap(placesOf)
        .flatMap((place) => (refused.has(refusal(route, place)) ? [] : [[place.key, place]])),
    );
    for (const place of places.values()) {
      const known = served.get(place.key);
      if (known === undefined) served.set(place.key, { place, routes: [route] });
      else known.routes.push(route);
      const there = attached.get(place.at);
      if (there === undefined) attached.set(place.at, new Set([route]));
      else there.add(route);
    }
  }
  const rules = new Map<string, readonly HttpEntryRow[]>();
  const hosts = new Map<string, Map<string, readonly HttpEntryRow[]>>();
  const shadowed = new Map<string, readonly Shadowed[]>();
  for (const [key, { place, routes }] of served) {
    const ranking = memory.remember(`ranking ${key}`, routes, () => rank(routes));
    const entries = memory.remember(`http-rules ${key}`, [ranking], () => ranking.entries);
    if (place.name === '') rules.set(key, entries);
    else {
      const names = hosts.get(place.at) ?? new Map<string, readonly HttpEntryRow[]>();
      hosts.set(place.at, names.set(place.name, entries));
    }
    if (ranking.shadowed.length > 0) shadowed.set(key, ranking.shadowed);
  }
  const statuses = all.map(({ route, resolved }) => {
    const places = resolved.attachments.flatMap(placesOf);
    const inputs = places.flatMap((place) => [shadowed.get(place.key), refused.get(refusal(resolved, place))]);
    return memory.remember(`${resolved.kind}-status ${keyOf(route)}`, [route, resolved, ...inputs], () =>
      routeStatus(route, resolved, (attachment) => ({
        conflicts: conflictsOf(resolved, attachment, shadowed),
        refused: refusalsOf(resolved, attachment, refused),
      })),
    );
  });
  return { rules, hosts, attached: new Map([...attached].map(([key, { size }]) => [key, size])), statuses };
}

const refusal = (route: ResolvedRoute, place: Place): string => `${route.kind} ${route.key} ${place.key}`;

/** Places that a route loses to an older one of the other kind, by `refusal`, with who has them. */
function otherKinds(all: readonly Resolved[]): ReadonlyMap<string, string> {
  const lost = new Map<string, string>();
  if (new Set(all.map(({ resolved }) => resolved.kind)).size < 2) return lost;
  const taken = new Map<string, { readonly name: string; readonly route: ResolvedRoute }[]>();
  const byAge = all
    .map(({ resolved }) => resolved)
    .filter(({ rejections }) => rejections.length === 0)
    .sort((a, b) => byName(a.created, b.created) || byName(a.key, b.key) || byName(a.kind, b.kind));
  for (const route of byAge) {
    for (const place of route.attachments.flatMap(placesOf)) {
      const there = taken.get(place.at) ?? [];
      const winner = there.find(
        (other) => other.route.kind !== route.kind && intersection(star(other.name), star(place.name)) !== undefined,
      );
      if (winner !== undefined) lost.set(refusal(route, place), `${winner.route.kind}/${winner.route.key}`);
      else taken.set(place.at, [...there, { name: place.name, route }]);
    }
  }
  return lost;
}

const star = (name: string): string => (name === '*' ? '' : name);

/** An attachment is given up when nothing is left of it. */
function refusalsOf(route: ResolvedRoute, attachment: Attachment, refused: ReadonlyMap<string, string>): Fault[] {
  const places = placesOf(attachment);
  const winners = places.flatMap((place) => refused.get(refusal(route, place)) ?? []);
  const [winner] = winners;
  if (winner === undefined || winners.length < places.length) return [];
  return [
    {
      reason: 'RouteKindConflict',
      path: attachment.path,
      message: `${winner} is older and has the same host names there: routes of one kind only are served`,
      remedy: 'give the two different host names or listeners',
    },
  ];
}

/** One fault a field, even when the route is attached to several places. */
function conflictsOf(
  route: ResolvedRoute,
  attachment: Attachment,
  shadowed: ReadonlyMap<string, readonly Shadowed[]>,
): Fault[] {
  const faults = new Map<string, Fault>();
  for (const { key } of placesOf(attachment)) {
    for (const { route: loser, path, by, byRoute } of shadowed.get(key) ?? []) {
      if (loser !== route.key) continue;
      const whose = byRoute === route.key ? 'an earlier rule of this route' : 'an older route';
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
