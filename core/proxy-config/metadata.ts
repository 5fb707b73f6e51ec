/** Metadata of an exchange and of routes (envoy.config.core.v3.Metadata without its typed half), and what may be asked of it. */
import type { StringMatcher } from './matcher.ts';

/** google.protobuf.Value. Keys may come from peers (claims of a token): ask by `Object.hasOwn`, never by `in`. */
export type MetadataValue = null | boolean | number | string | readonly MetadataValue[] | MetadataStruct;
export interface MetadataStruct {
  readonly [key: string]: MetadataValue;
}

/** Ordered by namespace, each once. */
export type StaticMetadata = readonly (readonly [namespace: string, value: MetadataStruct])[];

/** envoy.type.matcher.v3.MetadataMatcher */
export interface MetadataMatcher {
  readonly namespace: string;
  /** Keys of objects within each other, at least one. */
  readonly path: readonly string[];
  readonly value: ValueMatcher;
  readonly invert: boolean;
}

/** envoy.type.matcher.v3.ValueMatcher; a value of another type than asked for does not match. */
export type ValueMatcher =
  | { readonly kind: 'null' }
  | { readonly kind: 'number'; readonly exact: number }
  /** Half-open [start, end). */
  | { readonly kind: 'range'; readonly start: number; readonly end: number }
  | { readonly kind: 'string'; readonly matcher: StringMatcher }
  | { readonly kind: 'bool'; readonly value: boolean }
  /** Any value at all; `present: false` never matches, as in Envoy. */
  | { readonly kind: 'present'; readonly present: boolean }
  /** A list of which any item matches. */
  | { readonly kind: 'list'; readonly item: ValueMatcher }
  | { readonly kind: 'or'; readonly matchers: readonly ValueMatcher[] };
