/** What compilation says about objects it cannot serve in full: the object's status turns Programmed=False for it. */
import type { Diagnostic } from '@weft/core/kernel';
import type { EngineName } from './profiles.ts';

/** `source` is `Kind/ns/name#field.path`; `what` completes "ENGINE cannot ...". */
export function unsupportedByEngine(engine: EngineName, source: string, what: string, remedy?: string): Diagnostic {
  const [object = source, path = ''] = source.split('#', 2);
  return {
    severity: 'error',
    code: 'unsupported-by-engine',
    message: `the engine ${engine} cannot ${what}`,
    place: { object, path },
    remedy,
  };
}

/** Each finding once, in a stable order. */
export function distinct(findings: readonly Diagnostic[]): Diagnostic[] {
  const byText = new Map(findings.map((finding) => [JSON.stringify(finding), finding]));
  return [...byText].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, finding]) => finding);
}
