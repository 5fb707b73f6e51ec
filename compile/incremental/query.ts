/** What a query is: a pure function of the view and of other queries, by a key. */
import type { ViewReader } from '@weft/core/mesh-view';

export interface QueryContext extends ViewReader {
  /** The result of another query; noted as an input of this one. */
  ask<Key, Value>(query: Query<Key, Value>, key: Key): Value;
}

export interface Query<Key, Value> {
  /** Unique among the queries of one engine; recomputations are counted by it. */
  readonly name: string;
  /** Text by which two keys are the same. */
  keyOf(key: Key): string;
  /** Must depend on nothing but `key` and what `context` answers. */
  compute(context: QueryContext, key: Key): Value;
  /** Whether two results are equal; absent: by content. For results made of other results: by their identity, which is cheaper. */
  same?(a: Value, b: Value): boolean;
}
