/** What is wrong with what is configured, and with who uses it. */
import type { Diagnostic } from '../kernel/index.ts';

/** `/weft/v1/findings` */
export interface FindingsDocument {
  /** Every proxy holds what the findings are of. */
  readonly converged: boolean;
  readonly findings: readonly FindingDocument[];
}

export interface FindingDocument extends Diagnostic {
  /** As a terminal shows it. */
  readonly text: string;
}
