/** What commands that change or check a mesh find in it as a whole. */
import { analyse, brokenInvariants, populate, World } from '@weft/compile/answers';
import type { Diagnostic } from '@weft/core/kernel';
import { type ObjectKey, objectName, type StoredObject } from '@weft/core/resources';
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
export const brokenBy = (known: KnownObjects, files: readonly StoredObject[]): Diagnostic[] =>
  brokenWith(known.objects, new Set(files.map(nameOf)), files);

/** The same of one object that the API is asked to write; undefined: it is deleted. */
export const brokenByWrite = (
  objects: readonly StoredObject[],
  key: ObjectKey,
  object: StoredObject | undefined,
): Diagnostic[] =>
  brokenWith(objects, new Set([objectName(key.kind, key.namespace, key.name)]), object === undefined ? [] : [object]);

function brokenWith(
  objects: readonly StoredObject[],
  replaced: ReadonlySet<string>,
  written: readonly StoredObject[],
): Diagnostic[] {
  const found = broken([...objects.filter((object) => !replaced.has(nameOf(object))), ...written], true);
  if (found.length === 0) return [];
  const before = new Set(broken(objects, true).map(textOf));
  return found.filter((finding) => !before.has(textOf(finding)));
}

const textOf = ({ message, place }: Diagnostic): string => `${place.object} ${place.path} ${message}`;
