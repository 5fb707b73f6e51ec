/** What the project knows about a kind, once: names, scope, schema, printing. Data and pure functions; no kind knows another. */
import type { StoredObject } from './object.ts';
import type { Complete, ObjectSchema, Report, Written } from './schema/schema.ts';
import type { Format } from './schema/formats.ts';

/** A column of `weft get` and of the API's Table (meta.v1.TableColumnDefinition). */
export interface Column<Spec = unknown> {
  readonly name: string;
  /** `date` is RFC 3339 text, printed as an age. */
  readonly type: 'string' | 'integer' | 'date';
  readonly doc: string;
  /** 0 always, 1 only with `-o wide`. */
  readonly priority: 0 | 1;
  value(object: StoredObject<Spec>): string | number;
}

export interface Kind<S extends ObjectSchema = ObjectSchema, Spec = Complete<S>, Example = Written<S>> {
  /** '' is the core group. */
  readonly group: string;
  /** Served versions; the first is the one that is stored and preferred. All have the same schema. */
  readonly versions: readonly [string, ...string[]];
  readonly kind: string;
  /** Lower case, as in URLs. */
  readonly plural: string;
  readonly singular: string;
  readonly shortNames: readonly string[];
  readonly categories: readonly string[];
  readonly scope: 'Namespaced' | 'Cluster';
  /** What the kind is for: the first paragraph of its reference page. */
  readonly doc: string;
  /** The form of `metadata.name`. */
  readonly name: Format;
  readonly spec: S;
  /** Whether an object without `spec` is valid. */
  readonly specOptional: boolean;
  /** The shortest useful spec, shown on the reference page; undefined where an empty one is it. */
  readonly example: Example | undefined;
  /** Where the fields of `spec` stand in the object's text: below `spec`, or beside `metadata` (core/v1 Secret, ConfigMap). */
  readonly layout: 'spec' | 'root';
  /** Fields of `spec`, maps of texts, whose values no answer, origin or annotation may hold. */
  readonly confidential: readonly string[];
  /** What `status` holds. */
  readonly status: 'conditions' | 'policy' | 'route' | 'phase' | 'service' | 'gateway';
  /** Labels with a meaning of their own. */
  readonly labels: Readonly<Record<string, string>>;
  /** What holds between metadata and spec; paths are from the object's root. */
  check?(
    object: {
      readonly name: string;
      readonly namespace: string;
      readonly labels: Readonly<Record<string, string>>;
      readonly spec: Spec;
    },
    report: Report,
  ): void;
  /** One form of what can be written in several: what is stored. */
  normalize?(spec: Spec): Spec;
  /** What may not change in an update; paths are from the object's root. */
  checkUpdate?(before: Spec, after: Spec, report: Report): void;
  /** Between NAME and AGE, which every kind has. */
  readonly columns: readonly Column<Spec>[];
}

/** `spec` as it stands in an object's text. */
export const bodyOf = (kind: Pick<Kind, 'layout'>, spec: unknown): object =>
  kind.layout === 'root' ? (spec as object) : { spec };

/** The inverse of `bodyOf`: `spec` of an object's text, which has passed its check. */
export function specIn(kind: Pick<Kind, 'layout'>, text: Readonly<Record<string, unknown>>): unknown {
  if (kind.layout === 'spec') return text['spec'];
  const { apiVersion: _version, kind: _kind, metadata: _metadata, status: _status, ...body } = text;
  return body;
}

/** The group's name in `apiVersion`: `v1` or `group/version`. */
export const apiVersionOf = (group: string, version: string): string =>
  group === '' ? version : `${group}/${version}`;

type Optional = 'versions' | 'shortNames' | 'categories' | 'specOptional' | 'labels' | 'layout' | 'confidential';

/** A descriptor with what most kinds share filled in. */
export const defineKind = <S extends ObjectSchema>(
  kind: Omit<Kind<S>, Optional> & Partial<Pick<Kind<S>, Optional>>,
): Kind<S> => ({
  versions: ['v1'],
  shortNames: [],
  categories: [],
  specOptional: false,
  labels: {},
  layout: 'spec',
  confidential: [],
  ...kind,
});

export const GATEWAY_GROUP = 'gateway.networking.k8s.io';
export const WEFT_GROUP = 'weft.dev';
