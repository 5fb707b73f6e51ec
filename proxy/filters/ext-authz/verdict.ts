/** What the service that decides is asked for, by either protocol. */
import type { CheckQuestion, CheckVerdict } from '@weft/core/services';
import type { Call } from '../../calls/port.ts';
import type { FormatSource } from '../../router/value-format.ts';

export interface VerdictHandler {
  /** Undefined: there is none. Later than the question, once. */
  verdict(verdict: CheckVerdict | undefined): void;
}

export interface AuthzClient {
  ask(question: CheckQuestion, source: FormatSource, handler: VerdictHandler): Call;
}
