/** Regular expressions over names in queries of the admin pages, in RE2's syntax and with its bounds: a query must never cost more than the names are long. */
import { re2 } from '@weft/core/decide';

/** Longest expression that is tried on every name. */
const LONGEST = 1024;

/** Whether a name is a match (`whole`) or holds one. Undefined: the expression is none. */
export function nameFilter(expression: string, whole: boolean): ((name: string) => boolean) | undefined {
  if (expression.length > LONGEST) return undefined;
  try {
    const pattern = re2().compile(expression);
    return whole ? (name) => pattern.matches(name) : (name) => pattern.matcher(name).find();
  } catch {
    return undefined;
  }
}
