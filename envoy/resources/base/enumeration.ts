/** Enumerations of Envoy beside ours, both ways from one table. */
import type { Cursor } from './cursor.ts';

/** Our word to Envoy's name; the first entry is what an absent field means. */
export type EnumTable<Ours extends string | number, Theirs extends string> = readonly (readonly [Ours, Theirs])[];

/** The field in our words; a value that the table does not have is refused. */
export function takeEnum<Name extends string, Ours extends string | number, Theirs extends string>(
  cursor: Cursor<{ readonly [K in Name]?: string | undefined }>,
  field: Name,
  table: EnumTable<Ours, Theirs>,
): Ours {
  const [standard] = table;
  if (standard === undefined) throw new TypeError(`${field}: an empty table`);
  const name = cursor.take(field);
  if (name === undefined) return standard[0];
  const entry = table.find(([, theirs]) => theirs === name);
  if (entry === undefined) cursor.fault(field, 'unsupported-value', `${name} is not supported here`);
  return (entry ?? standard)[0];
}

/** Envoy's name, absent when it is what an absent field means. */
export function enumName<Ours extends string | number, Theirs extends string>(
  value: Ours,
  table: EnumTable<Ours, Theirs>,
): Theirs | undefined {
  const index = table.findIndex(([ours]) => ours === value);
  return index <= 0 ? undefined : table[index]?.[1];
}
