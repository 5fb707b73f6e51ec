/** A warning about what an object says: `source` is `Kind/namespace/name#path`. */
import type { Diagnostic } from '@weft/core/kernel';

export function warning(code: string, source: string, message: string, remedy: string): Diagnostic {
  const [object = '', path = ''] = source.split('#', 2);
  return { severity: 'warning', code, message, place: { object, path }, remedy };
}
