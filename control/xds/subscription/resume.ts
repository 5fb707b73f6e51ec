/**
 * A client that comes back says what it holds: in state of the world by one version, in delta resource by resource. Versions are hashes of
 * contents, so this holds across our restarts; what its last stream in this process left open is made certain first.
 */
import { ResourceSet, unknownResource, type ResourceType } from '../snapshot/index.ts';
import type { Leftover, TypeState } from './type-state.ts';

export interface Memory {
  /** Sets that clients were left with earlier in this process, by version. */
  readonly recall: (type: ResourceType, version: string) => ResourceSet | undefined;
  /** Of this client's last stream in this process. */
  readonly leftover: (type: ResourceType) => Leftover | undefined;
}

/** Works out what the client holds; `base` is what it asks for of the newest snapshot. Does nothing unless it said so and was not heard. */
export function resume(state: TypeState, base: ResourceSet, memory: Memory): void {
  const said = state.resume;
  if (said === undefined) return;
  state.resume = undefined;
  if (said.kind === 'version') resumeVersion(state, base, said.version, memory);
  else resumeResources(state, base, said.versions, memory);
}

function resumeResources(
  state: TypeState,
  base: ResourceSet,
  versions: ReadonlyMap<string, string>,
  memory: Memory,
): void {
  const covered = [...versions].filter(([name]) => state.interest.covers(name));
  const sets = [base, ...(memory.leftover(state.type)?.sets ?? [])];
  const held = covered.map(([name, version]) => {
    const known = sets.find((set) => set.get(name)?.version === version);
    return known?.get(name) ?? unknownResource(name, version);
  });
  const same = covered.length === base.size && held.every((resource) => base.get(resource.name) === resource);
  state.held = same ? base : ResourceSet.of(held);
  state.answered = true;
}

function resumeVersion(state: TypeState, base: ResourceSet, version: string, memory: Memory): void {
  const last = memory.leftover(state.type);
  const certain = last === undefined || last.certain;
  const known = version === base.version ? base : memory.recall(state.type, version);
  state.held = known ?? ResourceSet.EMPTY;
  state.unknown = known === undefined && version !== '';
  state.answered = known !== undefined && certain;
  if (!certain) {
    // It may hold less or more than it says: all of it is sent, and nothing that it may refer to is removed before.
    state.lingering = [...last.sets];
    for (const set of [state.held, base, ...last.sets])
      for (const name of set.resources.keys()) state.doubtful.add(name);
  }
  state.narrow();
}
