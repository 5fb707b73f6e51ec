/**
 * Memoised queries over a changing view. A result is kept with what was read to make it; after a change it is used again when each of
 * these inputs is the same object as before, else computed anew, and an equal result keeps the old object, so that nothing above it is
 * computed again. A result that no changed key had a part in, through whatever it asked, is not even looked into (`changes.ts`). Knows
 * nothing about meshes beyond "a view has tables".
 */
import { EMPTY_VIEW, equal, holds, RecordingReader, type MeshView, type Read } from '@weft/core/mesh-view';
import { Changes, join, mark, type Marks, noMarks } from './changes.ts';
import type { Query, QueryContext } from './query.ts';

interface Memo {
  readonly query: Query<unknown, unknown>;
  readonly key: unknown;
  value: unknown;
  reads: readonly Read[];
  asked: readonly Asked[];
  /** Of its reads. */
  own: Marks;
  /** Of its reads and those of all that it asked. */
  marks: Marks;
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
  readonly #changes = new Changes();
  readonly #memos = new Map<string, Map<string, Memo>>();
  /** What was asked for from outside since the view last changed, and before the last sweep. */
  #roots = new Set<Memo>();
  #rootsBefore: ReadonlySet<Memo> = new Set();
  /** Something asks no more for what it asked for. */
  #let = false;

  /** The view to answer from; an identical one changes nothing. */
  advance(view: MeshView): void {
    if (view === this.#view) return;
    this.#changes.advance(this.#view, view);
    this.#view = view;
    this.#roots = new Set();
  }

  run<Key, Value>(query: Query<Key, Value>, key: Key): Value {
    const memo = this.#memo(query, key);
    this.#roots.add(memo);
    return this.#settle(memo) as Value;
  }

  /** Drops the results that are no part of anything asked for since the view last changed. Call it when all that is wanted was asked for. */
  sweep(): void {
    const roots = this.#roots;
    const before = this.#rootsBefore;
    const isSame = !this.#let && roots.size === before.size && [...roots].every((root) => before.has(root));
    this.#rootsBefore = new Set(roots);
    this.#let = false;
    if (isSame) return;
    const used = new Set<Memo>();
    for (const memo of roots) use(memo, used);
    for (const memos of this.#memos.values()) for (const [key, memo] of memos) if (!used.has(memo)) memos.delete(key);
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
      memo = {
        query: erased,
        key,
        value: undefined,
        reads: [],
        asked: [],
        own: noMarks(),
        marks: noMarks(),
        verified: -1,
        busy: false,
      };
      memos.set(text, memo);
    }
    return memo;
  }

  #settle(memo: Memo): unknown {
    const { revision } = this.#changes;
    if (memo.verified === revision) return memo.value;
    if (memo.verified >= 0 && !this.#changes.since(memo.verified, memo.marks)) {
      memo.verified = revision;
      return memo.value;
    }
    if (memo.busy) throw new Error(`query ${memo.query.name} asks for itself`);
    memo.busy = true;
    try {
      if (memo.verified < 0 || !this.#holds(memo)) this.#compute(memo);
      memo.marks = joined(memo);
      memo.verified = revision;
    } finally {
      memo.busy = false;
    }
    return memo.value;
  }

  /** Rows first: they are cheap, and a change in them often makes the question below pointless. */
  #holds(memo: Memo): boolean {
    if (this.#changes.since(memo.verified, memo.own))
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
    if (memo.asked.length > 0) {
      const still = new Set(asked.map((one) => one.memo));
      this.#let ||= memo.asked.some((one) => !still.has(one.memo));
    }
    memo.reads = reader.reads;
    memo.own = marksOf(reader.reads);
    memo.asked = asked;
    const same = memo.verified >= 0 && (memo.query.same?.(memo.value, value) ?? equal(memo.value, value));
    if (!same) memo.value = value;
  }
}

function marksOf(reads: readonly Read[]): Marks {
  const marks = noMarks();
  for (const { table, key } of reads) mark(marks, table, key);
  return marks;
}

function joined({ own, asked }: Memo): Marks {
  const marks = { ...own };
  for (const { memo } of asked) join(marks, memo.marks);
  return marks;
}

/** With all that it was made of, which may not have been looked into. */
function use(memo: Memo, used: Set<Memo>): void {
  if (used.has(memo)) return;
  used.add(memo);
  for (const asked of memo.asked) use(asked.memo, used);
}
