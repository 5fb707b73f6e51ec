/**
 * Memoised queries over a changing view. A result is kept with what was read to make it; after a change it is used again when each of
 * these inputs is the same object as before, else computed anew, and an equal result keeps the old object, so that nothing above it is
 * computed again. Knows nothing about meshes beyond "a view has tables".
 */
import { EMPTY_VIEW, equal, holds, RecordingReader, type MeshView, type Read } from '@weft/core/mesh-view';
import type { Query, QueryContext } from './query.ts';

interface Memo {
  readonly query: Query<unknown, unknown>;
  readonly key: unknown;
  value: unknown;
  reads: readonly Read[];
  asked: readonly Asked[];
  /** Revision in which `value` was last found to hold. */
  verified: number;
  busy: boolean;
}

interface Asked {
  readonly memo: Memo;
  readonly value: unknown;
}

export class QueryEngine {
  /** Recomputations since the start, by query name. */
  readonly computed = new Map<string, number>();
  #view: MeshView = EMPTY_VIEW;
  #revision = 0;
  readonly #memos = new Map<string, Map<string, Memo>>();

  /** The view to answer from; an identical one changes nothing. */
  advance(view: MeshView): void {
    if (view === this.#view) return;
    this.#view = view;
    this.#revision += 1;
  }

  run<Key, Value>(query: Query<Key, Value>, key: Key): Value {
    return this.#settle(this.#memo(query, key)) as Value;
  }

  /** Drops the results that were not used since the view last changed. Call it when all that is wanted was asked for. */
  sweep(): void {
    for (const memos of this.#memos.values()) {
      for (const [key, memo] of memos) if (memo.verified !== this.#revision) memos.delete(key);
    }
  }

  /** Results held, for the operator's eyes. */
  get size(): number {
    return [...this.#memos.values()].reduce((sum, memos) => sum + memos.size, 0);
  }

  #memo<Key, Value>(query: Query<Key, Value>, key: Key): Memo {
    let memos = this.#memos.get(query.name);
    if (memos === undefined) this.#memos.set(query.name, (memos = new Map<string, Memo>()));
    const text = query.keyOf(key);
    let memo = memos.get(text);
    if (memo === undefined) {
      const erased = query as Query<unknown, unknown>;
      memo = { query: erased, key, value: undefined, reads: [], asked: [], verified: -1, busy: false };
      memos.set(text, memo);
    }
    return memo;
  }

  #settle(memo: Memo): unknown {
    if (memo.verified === this.#revision) return memo.value;
    if (memo.busy) throw new Error(`query ${memo.query.name} asks for itself`);
    memo.busy = true;
    try {
      if (memo.verified < 0 || !this.#holds(memo)) this.#compute(memo);
      memo.verified = this.#revision;
    } finally {
      memo.busy = false;
    }
    return memo.value;
  }

  /** Rows first: they are cheap, and a change in them often makes the question below pointless. */
  #holds(memo: Memo): boolean {
    for (const read of memo.reads) if (!holds(this.#view, read)) return false;
    for (const asked of memo.asked) if (this.#settle(asked.memo) !== asked.value) return false;
    return true;
  }

  #compute(memo: Memo): void {
    const { name } = memo.query;
    this.computed.set(name, (this.computed.get(name) ?? 0) + 1);
    const reader = new RecordingReader(this.#view);
    const asked: Asked[] = [];
    const context: QueryContext = {
      read: (table, key) => reader.read(table, key),
      ask: <Key, Value>(query: Query<Key, Value>, key: Key): Value => {
        const below = this.#memo(query, key);
        const value = this.#settle(below);
        asked.push({ memo: below, value });
        return value as Value;
      },
    };
    const value = memo.query.compute(context, memo.key);
    memo.reads = reader.reads;
    memo.asked = asked;
    const same = memo.verified >= 0 && (memo.query.same?.(memo.value, value) ?? equal(memo.value, value));
    if (!same) memo.value = value;
  }
}
