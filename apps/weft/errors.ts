/**
 * How a command ends. A command throws `CommandError` for a finding or a refusal (exit code 1) and `UsageError` for wrong usage (exit
 * code 2); `main` prints either on stderr. Everything else that is thrown is a defect.
 */
import { type Diagnostic, formatDiagnostic } from '@weft/core/kernel';

export const EXIT_OK = 0;
export const EXIT_REFUSED = 1;
export const EXIT_USAGE = 2;

export class CommandError extends Error {
  override readonly name = 'CommandError';
  readonly remedy: string | undefined;

  constructor(message: string, remedy?: string) {
    super(message);
    this.remedy = remedy;
  }

  /** All the findings, one a line. */
  static of(diagnostics: readonly Diagnostic[]): CommandError {
    return new CommandError(diagnostics.map(formatDiagnostic).join('\n'));
  }
}

export class UsageError extends Error {
  override readonly name = 'UsageError';
}
