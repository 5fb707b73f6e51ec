/**
 * The words a kind's schema is written in. One schema value gives the TypeScript types (`Written` as a user writes it, `Complete` with
 * the defaults filled in), the check (check.ts), OpenAPI (open-api.ts) and the reference page (scripts/generators/reference.mjs).
 * A schema is plain data, closed (a field it does not list is refused), and never refers to itself.
 * Not typebox: its module graph costs 60-100 ms a start, its types know no defaults, and errors must be in our own words.
 */
import type { Format } from './formats.ts';

export type Schema =
  | StringSchema
  | IntegerSchema
  | BooleanSchema
  | IntOrStringSchema
  | ArraySchema
  | MapSchema
  | ObjectSchema
  | AnySchema;

export interface StringSchema<T extends string = string> {
  readonly kind: 'string';
  /** The only values allowed; undefined: any. */
  readonly values: readonly T[] | undefined;
  /** Values of the standard that Weft knows and refuses, each with the reason. */
  readonly unsupported: Readonly<Record<string, string>>;
  readonly format: Format | undefined;
  /** Lengths in UTF-16 code units. */
  readonly minLength: number;
  readonly maxLength: number;
}

export interface IntegerSchema {
  readonly kind: 'integer';
  readonly minimum: number;
  readonly maximum: number;
  /** The only values allowed; undefined: the whole range. */
  readonly values: readonly number[] | undefined;
}

export interface BooleanSchema {
  readonly kind: 'boolean';
}

/** Whatever JSON holds: what others write and Weft does not look into. */
export interface AnySchema {
  readonly kind: 'any';
}

/** A number, or a name (a port by number or by name). */
export interface IntOrStringSchema {
  readonly kind: 'int-or-string';
  readonly minimum: number;
  readonly maximum: number;
  readonly format: Format;
}

export interface ArraySchema<I extends Schema = Schema> {
  readonly kind: 'array';
  readonly items: I;
  readonly minItems: number;
  readonly maxItems: number;
  /**
   * `item`: no item twice (Kubernetes' list type `set`). Names: the fields that together name an item, no two items agree in all of
   * them (list type `map`). undefined: no such rule.
   */
  readonly uniqueBy: 'item' | readonly string[] | undefined;
  /** The field by which a strategic merge patch finds an item; undefined: it replaces the whole list. */
  readonly mergeKey: string | undefined;
}

/** String keys to values, such as labels. */
export interface MapSchema<V extends Schema = Schema> {
  readonly kind: 'map';
  readonly keys: Format | undefined;
  readonly values: V;
  readonly maxEntries: number;
}

export type Presence = 'required' | 'optional' | 'defaulted' | 'unsupported';

export interface Field<S extends Schema = Schema, P extends Presence = Presence> {
  readonly schema: S;
  readonly presence: P;
  /** The value an absent field takes when the object is stored; only with presence `defaulted`. */
  readonly default: unknown;
  /** The user's documentation: meaning, unit, what absence and 0 mean. For `unsupported` the reason. */
  readonly doc: string;
}

export type Fields = Readonly<Record<string, Field>>;

/** Reports a violation at `path` below the object the rule is about. */
export type Report = (
  path: readonly (string | number)[],
  code: string,
  message: string,
  remedy?: string,
  severity?: 'error' | 'warning',
) => void;

export interface ObjectSchema<F extends Fields = Fields> {
  readonly kind: 'object';
  readonly fields: F;
  /** What holds between fields. Called with a complete value of this very schema (typed in `object`); reports every violation. */
  readonly rule: ((value: never, report: Report) => void) | undefined;
}

type Keys<F extends Fields, P extends Presence> = { [K in keyof F]: F[K]['presence'] extends P ? K : never }[keyof F];
type Flat<T> = { [K in keyof T]: T[K] };

export type WrittenFields<F extends Fields> = Flat<
  { readonly [K in Keys<F, 'required'>]: Written<F[K]['schema']> } & {
    readonly [K in Keys<F, 'optional' | 'defaulted'>]?: Written<F[K]['schema']> | undefined;
  }
>;

export type CompleteFields<F extends Fields> = Flat<
  { readonly [K in Keys<F, 'required' | 'defaulted'>]: Complete<F[K]['schema']> } & {
    readonly [K in Keys<F, 'optional'>]?: Complete<F[K]['schema']> | undefined;
  }
>;

type Scalar<S> =
  S extends StringSchema<infer T>
    ? T
    : S extends IntegerSchema
      ? number
      : S extends BooleanSchema
        ? boolean
        : S extends IntOrStringSchema
          ? number | string
          : unknown;

/** The value as a user writes it: fields with a default may be absent. */
export type Written<S> = [Schema] extends [S]
  ? unknown
  : S extends ObjectSchema<infer F>
    ? WrittenFields<F>
    : S extends ArraySchema<infer I>
      ? readonly Written<I>[]
      : S extends MapSchema<infer V>
        ? Readonly<Record<string, Written<V>>>
        : Scalar<S>;

/** The value as it is stored and compiled: fields with a default are there. */
export type Complete<S> = [Schema] extends [S]
  ? unknown
  : S extends ObjectSchema<infer F>
    ? CompleteFields<F>
    : S extends ArraySchema<infer I>
      ? readonly Complete<I>[]
      : S extends MapSchema<infer V>
        ? Readonly<Record<string, Complete<V>>>
        : Scalar<S>;

/** A longest text that is no attack: what a string without a limit of its own may hold. */
const LONGEST = 4096;

export const string = (options: { format?: Format; minLength?: number; maxLength?: number } = {}): StringSchema => ({
  kind: 'string',
  values: undefined,
  unsupported: {},
  format: options.format,
  minLength: options.minLength ?? 1,
  maxLength: options.maxLength ?? options.format?.maxLength ?? LONGEST,
});

export const oneOf = <const T extends string>(
  values: readonly T[],
  unsupported: Readonly<Record<string, string>> = {},
): StringSchema<T> => ({ kind: 'string', values, unsupported, format: undefined, minLength: 1, maxLength: LONGEST });

export const integer = (minimum: number, maximum: number, values?: readonly number[]): IntegerSchema => ({
  kind: 'integer',
  minimum,
  maximum,
  values,
});

export const boolean = (): BooleanSchema => ({ kind: 'boolean' });

export const any = (): AnySchema => ({ kind: 'any' });

export const intOrString = (minimum: number, maximum: number, format: Format): IntOrStringSchema => ({
  kind: 'int-or-string',
  minimum,
  maximum,
  format,
});

export const array = <I extends Schema>(
  items: I,
  options: { minItems?: number; maxItems: number; uniqueBy?: 'item' | readonly string[]; mergeKey?: string },
): ArraySchema<I> => ({
  kind: 'array',
  items,
  minItems: options.minItems ?? 0,
  maxItems: options.maxItems,
  uniqueBy: options.uniqueBy,
  mergeKey: options.mergeKey,
});

export const map = <V extends Schema>(values: V, options: { keys?: Format; maxEntries: number }): MapSchema<V> => ({
  kind: 'map',
  keys: options.keys,
  values,
  maxEntries: options.maxEntries,
});

export const object = <const F extends Fields>(
  fields: F,
  rule?: (value: CompleteFields<F>, report: Report) => void,
): ObjectSchema<F> => ({ kind: 'object', fields, rule });

export const required = <S extends Schema>(schema: S, doc: string): Field<S, 'required'> => ({
  schema,
  presence: 'required',
  default: undefined,
  doc,
});

export const optional = <S extends Schema>(schema: S, doc: string): Field<S, 'optional'> => ({
  schema,
  presence: 'optional',
  default: undefined,
  doc,
});

export const defaulted = <S extends Schema>(schema: S, value: Written<S>, doc: string): Field<S, 'defaulted'> => ({
  schema,
  presence: 'defaulted',
  default: value,
  doc,
});

/** A field of the standard that Weft knows and refuses; `reason` completes "`field` is not supported: ...". */
export const unsupported = (reason: string): Field<BooleanSchema, 'unsupported'> => ({
  schema: { kind: 'boolean' },
  presence: 'unsupported',
  default: undefined,
  doc: reason,
});
