/**
 * Make before break (xDS protocol, eventual consistency considerations), from what each resource refers to: a listener or route table
 * waits until the client acknowledged the clusters and endpoints it refers to; what is removed stays until nothing that the client may
 * hold refers to it. A resource that the client refused does not hold others up.
 */
import type { Resource, ResourceType, Snapshot } from '../snapshot/index.ts';
import type { TypeState } from './type-state.ts';

export type States = Readonly<Record<ResourceType, TypeState>>;

const REFERRERS: Readonly<Record<ResourceType, readonly ResourceType[]>> = {
  clusters: ['listeners', 'routes'],
  endpoints: ['clusters'],
  listeners: [],
  routes: ['listeners'],
};

/**
 * True when `name`, which is to be removed, may still be referred to. `returning`: the client came back with state and has not asked for
 * every type yet, so what it holds of those is not known.
 */
export const isNeeded = (states: States, type: ResourceType, name: string, returning: boolean): boolean =>
  REFERRERS[type].some((referrer) => (states[referrer].started ? states[referrer].mayRefer(type, name) : returning));

/**
 * True when a resource that the client asked for is not with it for certain at the wanted version (`anyVersion`: at any), and has not
 * been refused.
 */
function isUnderWay(state: TypeState, snapshot: Snapshot, name: string, anyVersion: boolean): boolean {
  const wanted = snapshot.tables[state.type].get(name);
  if (wanted === undefined || state.rejections.get(name)?.version === wanted.version) return false;
  return isUncertain(state, name, anyVersion ? undefined : wanted.version);
}

/** True when the client may not hold that resource, or not at that version; what it refused is not looked at. */
function isUncertain(state: TypeState, name: string, version?: string): boolean {
  if (state.doubtful.has(name) || (state.inFlight !== undefined && state.doubted.has(name))) return true;
  // What lingers is in doubt name by name; of other names it says nothing.
  for (const set of state.whole()) {
    const there = set.get(name);
    if (there === undefined || (version !== undefined && there.version !== version)) return true;
  }
  return false;
}

/** True when a new version of a listener or route table must wait for a cluster that it refers to. */
export function mustWait(states: States, snapshot: Snapshot, resource: Resource): boolean {
  const { clusters, endpoints } = states;
  if (!clusters.started) return false;
  for (const name of resource.references?.clusters ?? []) {
    if (!clusters.interest.covers(name)) continue;
    if (isUnderWay(clusters, snapshot, name, false)) return true;
    if (!clusters.held.has(name)) continue;
    const needed = snapshot.tables.clusters.get(name)?.references?.endpoints ?? [];
    if (needed.some((set) => isUnderWay(endpoints, snapshot, set, true))) return true;
  }
  return false;
}

/**
 * True when a listener or route table that the client may have lost must not be sent again as it was yet: a cluster that it refers to is in
 * doubt as well. `follows`: a newer version waits; until it comes the old one is not sent either where a cluster is gone for good.
 */
export function mustWaitAgain(states: States, snapshot: Snapshot, resource: Resource, follows: boolean): boolean {
  const { clusters, endpoints } = states;
  if (!clusters.started) return false;
  for (const name of resource.references?.clusters ?? []) {
    if (!clusters.interest.covers(name)) continue;
    const isWanted = snapshot.tables.clusters.get(name) !== undefined;
    if (isWanted ? isUnderWay(clusters, snapshot, name, true) : follows && isUncertain(clusters, name)) return true;
    const needed = clusters.held.get(name)?.references?.endpoints ?? [];
    if (needed.some((set) => isUnderWay(endpoints, snapshot, set, true))) return true;
  }
  return false;
}
