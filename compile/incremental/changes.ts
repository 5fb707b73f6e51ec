/**
 * Which look-ups a change of the view may have touched: a bit for each table, and one of 64 for each key by a hash of it and of its table. A
 * result carries the marks of all that it read, through whatever it asked; one that has no table or no key's bit in common with a change cannot
 * have become another. Bits in common say nothing: then its reads are looked at.
 */
import { EMPTY_VIEW, type MeshView, type TableName } from '@weft/core/mesh-view';

export interface Marks {
  /** Of tables, and of those from the 32nd on. */
  tables: number;
  further: number;
  /** Of keys; two numbers, since a number has 32 bits that can be joined. */
  low: number;
  high: number;
}

export const noMarks = (): Marks => ({ tables: 0, further: 0, low: 0, high: 0 });

const TABLES = Object.keys(EMPTY_VIEW) as readonly TableName[];
if (TABLES.length > 64) throw new TypeError('more tables than marks for them');
const NUMBERS: ReadonlyMap<string, number> = new Map(TABLES.map((table, index) => [table, index]));

/** FNV-1a over the key, from the table's seed; six bits of it, stirred, choose the mark. */
export function mark(marks: Marks, table: TableName, key: string): void {
  const number = NUMBERS.get(table) ?? 0;
  if (number < 32) marks.tables |= 1 << number;
  else marks.further |= 1 << (number - 32);
  let hash = Math.imul(number + 1, 0x9e3779b1);
  for (let at = 0; at < key.length; at += 1) hash = Math.imul(hash ^ key.charCodeAt(at), 0x01000193);
  hash = Math.imul(hash ^ (hash >>> 15), 0x85ebca6b);
  const bit = 1 << (hash >>> 27);
  if ((hash & 0x4000000) === 0) marks.low |= bit;
  else marks.high |= bit;
}

export function join(into: Marks, { tables, further, low, high }: Marks): void {
  into.tables |= tables;
  into.further |= further;
  into.low |= low;
  into.high |= high;
}

export const meet = (a: Marks, b: Marks): boolean =>
  ((a.tables & b.tables) !== 0 || (a.further & b.further) !== 0) && ((a.low & b.low) !== 0 || (a.high & b.high) !== 0);

/** Of every key under which the views answer differently. */
function difference(before: MeshView, after: MeshView): Marks {
  const marks = noMarks();
  for (const table of TABLES) {
    const [old, now]: [ReadonlyMap<string, unknown>, ReadonlyMap<string, unknown>] = [before[table], after[table]];
    if (old === now) continue;
    let kept = 0;
    for (const [key, value] of now) {
      const known = old.get(key);
      if (known !== undefined) kept += 1;
      if (known !== value) mark(marks, table, key);
    }
    if (kept < old.size) for (const key of old.keys()) if (!now.has(key)) mark(marks, table, key);
  }
  return marks;
}

/** Changes that are remembered one by one; whoever slept longer looks at its reads. */
const REMEMBERED = 32;

export class Changes {
  /** By revision, the newest last. */
  readonly #marks: Marks[] = [];
  #revision = 0;

  get revision(): number {
    return this.#revision;
  }

  advance(before: MeshView, after: MeshView): void {
    this.#revision += 1;
    this.#marks.push(difference(before, after));
    if (this.#marks.length > REMEMBERED) this.#marks.shift();
  }

  /** Whether anything with these marks may have changed after that revision. */
  since(revision: number, marks: Marks): boolean {
    const missed = this.#revision - revision;
    if (missed > this.#marks.length) return true;
    for (let at = this.#marks.length - missed; at < this.#marks.length; at += 1) {
      const change = this.#marks[at];
      if (change !== undefined && meet(change, marks)) return true;
    }
    return false;
  }
}
