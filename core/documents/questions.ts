/** Answers to "may this call pass?" and "who may call this?". */

/** `/weft/v1/explain` */
export interface ExplainDocument {
  /** `allowed`, `refused` and so on, as `weft explain -o json` has it. */
  readonly verdict: string;
  readonly text: string;
  readonly assumptions: readonly string[];
}

/** `/weft/v1/callers` */
export interface CallersDocument {
  readonly callers: readonly CallerAnswer[];
  /** Callers that were left out since there are too many. */
  readonly more: number;
}

export interface CallerAnswer {
  readonly caller: string;
  readonly verdict: string;
  readonly reason: string;
}

/** `/weft/v1/plan`, posted YAML: what applying it would change. Nothing is written. */
export interface PlanDocument {
  /** As `weft plan` prints it. */
  readonly text: string;
  readonly objects: readonly { readonly object: string; readonly change: 'created' | 'changed' }[];
  /** Invariants that hold would break: applying it is refused. */
  readonly breaks: boolean;
  /** What reading it found and is no error. */
  readonly warnings: readonly string[];
}
