/** What a response that a client did not acknowledge leaves: rejections, and what the client may have taken of it all the same. */
import type { ResourceSet } from '../snapshot/index.ts';
import { isWholeSet, type Push } from './push.ts';
import { blame, type Rejection } from './rejection.ts';
import type { TypeState } from './type-state.ts';

/** A NACK of `push`. `wanted` is the newest snapshot's table, `now` monotonic ms. Returns what it adds. */
export function refuse(
  state: TypeState,
  push: Push,
  reason: string,
  wanted: ResourceSet | undefined,
  now: number,
): readonly Rejection[] {
  const { names, certain } = blame(push, reason);
  const rejections = names.flatMap((name): Rejection[] => {
    const resource = push.target.get(name);
    if (resource === undefined) return [];
    return [{ name, version: resource.version, reason, since: now, resource, lastGood: state.held.get(name) }];
  });
  for (const rejection of rejections) {
    // When the last good version is refused too, the refusal of the wanted one stands.
    const before = state.rejections.get(rejection.name);
    const stands = before !== undefined && before.version === wanted?.get(rejection.name)?.version;
    if (!stands) state.rejections.set(rejection.name, rejection);
  }
  doubt(state, push, names, certain);
  if (!certain && !isWholeSet(state.type)) state.suspect(rejections.map(({ name }) => name));
  state.refused = push;
  const refused = certain ? names.filter((name) => !state.doubted.has(name)) : [];
  state.linger(push.target.with(new Map(refused.map((name) => [name, state.held.get(name)]))));
  if (state.unknown && isWholeSet(state.type)) {
    // Clients take what is right of a whole set (Envoy, gRPC). What is wrong stays in it: without it they would drop the older one.
    state.held = push.target.with(new Map(rejections.map(({ name }) => [name, undefined])));
    state.unknown = false;
    state.doubtful.clear();
    for (const { name } of rejections) state.unknownLastGood.add(name);
  }
  return rejections;
}

/** `push` was never answered and is out of date. */
export function supersede(state: TypeState, push: Push): void {
  doubt(state, push, [], true);
  state.superseded++;
  state.linger(push.target);
  state.inFlight = undefined;
}

function doubt(state: TypeState, push: Push, blamed: readonly string[], certain: boolean): void {
  const { changed, removed } = state.held.difference(push.target);
  const told = push.names?.length === 0 ? [] : push.removed;
  const atFault = new Set(blamed);
  for (const name of [...changed, ...removed, ...(push.names ?? []), ...told]) {
    const refusedAsHeld = push.target.get(name)?.version === state.held.get(name)?.version;
    const doubted = !certain || state.doubted.has(name);
    if (!atFault.has(name) || (doubted && !refusedAsHeld)) state.doubtful.add(name);
  }
}
