/** Gathers what is wrong with one message, with a limit so that hostile input cannot make an endless list. */
import type { Diagnostic, Severity } from '@weft/core/kernel';
import type { TextSource } from '@weft/core/proxy-config';
import type { EnvoyFault } from '../errors.ts';
import type { Path } from './path.ts';

export const MAX_FAULTS = 200;

/** A secret that stands in what is read; it goes beside the rows, which only name it. */
export type StatedSecret =
  | {
      readonly kind: 'certificate';
      readonly name: string;
      readonly certificateChain: TextSource;
      readonly privateKey: TextSource;
    }
  | { readonly kind: 'trust'; readonly name: string; readonly roots: TextSource };

export class Report {
  /** Undefined: whoever reads does not take secrets, so that they are refused. */
  secrets: StatedSecret[] | undefined;
  readonly #found: Diagnostic[] = [];
  readonly #base: string;
  #dropped = 0;

  /** `base` stands before every path, e.g. the name of the resource. */
  constructor(base = '') {
    this.#base = base;
  }

  /** A second finding of the same code at the same path is left out. */
  fault(path: Path, code: EnvoyFault, message: string, remedy?: string, severity: Severity = 'error'): void {
    if (this.#found.length >= MAX_FAULTS) {
      this.#dropped += 1;
      return;
    }
    const text = path.toString();
    const joined = this.#base === '' || text === '' ? this.#base + text : `${this.#base}.${text}`;
    if (this.#found.some((known) => known.code === code && known.place.path === joined)) return;
    this.#found.push({ severity, code, message, place: { path: joined }, remedy });
  }

  get failed(): boolean {
    return this.#found.some((diagnostic) => diagnostic.severity === 'error');
  }

  /** In the order in which they were found; one more entry says how many were left out. */
  diagnostics(): Diagnostic[] {
    if (this.#dropped === 0) return [...this.#found];
    const rest: Diagnostic = {
      severity: 'error',
      code: 'limit-exceeded' satisfies EnvoyFault,
      message: `${this.#dropped} more findings are not listed`,
      place: {},
    };
    return [...this.#found, rest];
  }
}
