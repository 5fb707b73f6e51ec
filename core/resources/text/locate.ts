/** Line and column of a field, computed from the stored text when somebody asks (DESIGN, idea 8). */
import type { Origin, RuleLines } from '../object.ts';
import { type FieldPath, parsePath } from '../schema/path.ts';
import { parseDocuments } from './documents.ts';
import { offsetOf, type Position, positionAt } from './layout.ts';
import { LIMITS } from './limits.ts';

/**
 * The place of the field at `path` (`spec.rules[1]`, or its parts) in the file the object came from: a field at its key, an item at
 * its first character, of the nearest field above when it is not written. The object's first line when the text tells nothing.
 */
export function locate(origin: Origin, path: string | FieldPath): Position {
  const parts = typeof path === 'string' ? parsePath(path) : path;
  if (parts === undefined || origin.text.length > LIMITS.characters) return { line: origin.firstLine, column: 1 };
  const { documents, lines } = parseDocuments(origin.text);
  const { line, column } = positionAt(lines, offsetOf(documents[0]?.root ?? null, parts));
  return { line: line + origin.firstLine - 1, column };
}

/** Of an object with `count` rules. */
export const ruleLinesOf = (origin: Origin, count: number): RuleLines => ({
  file: origin.file,
  lines: Array.from({ length: count }, (_, index) => locate(origin, ['spec', 'rules', index]).line),
});
