/** The newest changes of what is configured, for people. */

/** `/weft/v1/changes`; newest first. */
export interface ChangesDocument {
  readonly changes: readonly ChangeEntry[];
}

export interface ChangeEntry {
  readonly revision: number;
  /** Unix ms. */
  readonly time: number;
  readonly author: string;
  readonly kind: string;
  readonly namespace: string;
  readonly name: string;
  readonly action: 'created' | 'changed' | 'deleted';
  /** Paths of fields that differ, without their values: `spec.rules[0].backendRefs[1].weight`; not all where they are many. */
  readonly fields: readonly string[];
}
