/** A reader that notes what was read: the inputs of a query, by which its result is kept or thrown away. */
import type { MeshView, TableName, ViewReader, ViewTables } from './view.ts';

/** One look-up with what it found (undefined: absent, which is an observation too). */
export interface Read {
  readonly table: TableName;
  readonly key: string;
  readonly value: ViewTables[TableName] | undefined;
}

/** Reads without notes. */
export class PlainReader implements ViewReader {
  readonly #view: MeshView;

  constructor(view: MeshView) {
    this.#view = view;
  }

  read<T extends TableName>(table: T, key: string): ViewTables[T] | undefined {
    return this.#view[table].get(key);
  }
}

export class RecordingReader implements ViewReader {
  readonly reads: Read[] = [];
  readonly #view: MeshView;

  constructor(view: MeshView) {
    this.#view = view;
  }

  read<T extends TableName>(table: T, key: string): ViewTables[T] | undefined {
    const value = this.#view[table].get(key);
    this.reads.push({ table, key, value });
    return value;
  }
}

/** Whether `view` would answer a noted read with the same object. */
export const holds = (view: MeshView, read: Read): boolean => view[read.table].get(read.key) === read.value;
