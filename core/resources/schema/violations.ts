/** What the check says: violations with their paths, bounded, and the words for what was found. */
import type { FieldPath } from './path.ts';
import { cut, safeJson } from './printable.ts';

export interface Violation {
  readonly path: FieldPath;
  /** As Diagnostic.code. */
  readonly code: string;
  readonly message: string;
  readonly remedy: string | undefined;
  readonly severity: 'error' | 'warning';
}

export const MAX_VIOLATIONS = 100;

/** Collects violations; `full` when no more are taken. */
export class Violations {
  readonly list: Violation[] = [];

  add(path: FieldPath, code: string, message: string, remedy?: string, severity: 'error' | 'warning' = 'error'): false {
    if (this.list.length < MAX_VIOLATIONS) this.list.push({ path, code, message, remedy, severity });
    else if (this.list.length === MAX_VIOLATIONS) {
      const more = `there are more: only the first ${MAX_VIOLATIONS} are shown`;
      this.list.push({ path: [], code: 'more-findings', message: more, remedy: undefined, severity: 'error' });
    }
    return false;
  }

  get full(): boolean {
    return this.list.length > MAX_VIOLATIONS;
  }
}

/** What was found, in words: `text "80"`, `number 5`, `a list`. Long texts are cut. */
export function describe(value: unknown): string {
  if (value === undefined) return 'nothing';
  if (value === null) return 'null';
  if (Array.isArray(value)) return 'a list';
  if (typeof value === 'string') return `text ${safeJson(cut(value))}`;
  if (typeof value === 'number' || typeof value === 'boolean' || typeof value === 'bigint')
    return `${typeof value} ${value}`;
  return 'a mapping';
}

export const isMapping = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** Adds that a value has the wrong type. */
export const wrongType = (
  found: Violations,
  path: FieldPath,
  expected: string,
  value: unknown,
  remedy?: string,
): false => found.add(path, 'wrong-type', `expected ${expected}, found ${describe(value)}`, remedy);
