/** The envelope of every stored object: Kubernetes' object shape (ObjectMeta, spec, status, conditions), as far as Weft uses it. */
export interface ObjectMeta {
  readonly name: string;
  /** '' for cluster-scoped kinds. */
  readonly namespace: string;
  /** Given once by the store; two objects of one name at different times differ in it. */
  readonly uid: string;
  /** The store's revision of the last change, as text. */
  readonly resourceVersion: string;
  /** Counts changes of spec, from 1. */
  readonly generation: number;
  /** RFC 3339, UTC, whole seconds. Gateway API's "oldest wins" compares it. */
  readonly creationTimestamp: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly annotations: Readonly<Record<string, string>>;
}

/** A stored object; `Spec` is the kind's own type. */
export interface StoredObject<Spec = unknown, Status = unknown> {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: ObjectMeta;
  readonly spec: Spec;
  readonly status?: Status;
  /** Where the text came from, when `apply` told: kept beside the object, never compiled (idea 8). */
  readonly origin?: Origin;
  /** Where its rules stood when `spec` last changed: compiled, so that a line that moves alone pushes nothing (decisions/041). */
  readonly ruleLines?: RuleLines;
}

/** Lines, from 1, of `spec.rules`, in their order. */
export interface RuleLines {
  readonly file: string;
  readonly lines: readonly number[];
}

/** The text an object was applied from; lines and columns of a field are computed from it when they are shown. */
export interface Origin {
  readonly file: string;
  /** Line of the document's first line in the file, from 1. */
  readonly firstLine: number;
  readonly text: string;
}

/** What names an object. */
export interface ObjectKey {
  /** '' for the core group. */
  readonly group: string;
  readonly kind: string;
  /** '' for cluster-scoped kinds. */
  readonly namespace: string;
  readonly name: string;
}

/** `Kind/namespace/name`, or `Kind/name` for cluster-scoped kinds: the word used in sources, logs and errors. */
export const objectName = (kind: string, namespace: string, name: string): string =>
  namespace === '' ? `${kind}/${name}` : `${kind}/${namespace}/${name}`;

/** meta.v1.Condition */
export interface Condition {
  readonly type: string;
  readonly status: 'True' | 'False' | 'Unknown';
  /** CamelCase word. */
  readonly reason: string;
  readonly message: string;
  readonly observedGeneration: number;
  readonly lastTransitionTime: string;
}
