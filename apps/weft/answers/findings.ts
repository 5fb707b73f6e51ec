/** What commands that change or check a mesh find in it as a whole. */
import { analyse, brokenInvariants, populate, World } from '@weft/compile/answers';
import type { Diagnostic } from '@weft/core/kernel';
import { objectName, type StoredObject } from '@weft/core/resources';
import type { KnownObjects } from './objects.ts';

const INVARIANT = 'Invariant';

const nameOf = ({ kind, metadata }: StoredObject): string => objectName(kind, metadata.namespace, metadata.name);

/** What the analyser has to say of objects that are each right by themselves, and invariants that do not hold. */
export function analysed(objects: readonly StoredObject[], running: boolean): Diagnostic[] {
  const world = new World(
    populate(objects, { service: undefined, caller: undefined, running, accounts: true }).objects,
  );
  return [...analyse(world, running), ...brokenInvariants(world)];
}

export const broken = (objects: readonly StoredObject[], running: boolean): Diagnostic[] =>
  objects.some(({ kind }) => kind === INVARIANT)
    ? brokenInvariants(
        new World(populate(objects, { service: undefined, caller: undefined, running, accounts: true }).objects),
      )
    : [];

/** Invariants that hold and would not after the files were applied. */
export function brokenBy(known: KnownObjects, files: readonly StoredObject[]): Diagnostic[] {
  const names = new Set(files.map(nameOf));
  const after = [...known.objects.filter((object) => !names.has(nameOf(object))), ...files];
  const found = broken(after, true);
  if (found.length === 0) return [];
  const before = new Set(broken(known.objects, true).map(textOf));
  return found.filter((finding) => !before.has(textOf(finding)));
}

const textOf = ({ message, place }: Diagnostic): string => `${place.object} ${place.path} ${message}`;
