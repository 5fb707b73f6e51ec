/** Documents of one schema from a YAML or JSON text, for files that are no objects of a mesh. Every finding at once, each with its place. */
import type { Diagnostic } from '../../kernel/index.ts';
import { checkValue } from '../schema/check.ts';
import { completed } from '../schema/complete.ts';
import { type FieldPath, formatPath } from '../schema/path.ts';
import type { Complete, ObjectSchema } from '../schema/schema.ts';
import { Violations } from '../schema/violations.ts';
import { parseDocuments } from './documents.ts';
import { offsetOf, type Position, positionAt } from './layout.ts';
import { LIMITS } from './limits.ts';
import { ValueReader } from './value.ts';

export interface ReadDocument<S> {
  /** With its defaults; undefined when the document has an error. */
  readonly value: Complete<S> | undefined;
  readonly diagnostics: readonly Diagnostic[];
  /** Where the field stands, or the nearest one above it. */
  place(path: FieldPath): Position;
}

/** Never throws, whatever the text. Empty documents are left out. */
export function readDocuments<S extends ObjectSchema>(text: string, file: string, schema: S): ReadDocument<S>[] {
  if (text.length > LIMITS.characters) {
    const message = `the text is longer than ${LIMITS.characters} characters`;
    return [{ value: undefined, diagnostics: [finding(file, 'too-large', message)], place: () => START }];
  }
  const { documents, lines } = parseDocuments(text);
  return documents.flatMap(({ root, faults }): ReadDocument<S>[] => {
    const at = (offset: number): Position => positionAt(lines, offset);
    const place = (path: FieldPath): Position => at(offsetOf(root, path));
    const said = faults.map(({ offset, code, message, remedy }) => finding(file, code, message, at(offset), remedy));
    if (said.length > 0) return [{ value: undefined, diagnostics: said, place }];
    const reader = new ValueReader();
    const value = reader.read(root);
    if ((value === null || value === undefined) && reader.findings.length === 0) return [];
    const found = new Violations();
    const right = checkValue(schema, value, [], found);
    const diagnostics = [
      ...reader.findings.map(({ code, message, remedy, path, offset, severity }) => ({
        ...finding(file, code, message, offset === undefined ? place(path) : at(offset), remedy, path),
        severity,
      })),
      ...found.list.map(({ code, message, remedy, path, severity }) => ({
        ...finding(file, code, message, place(path), remedy, path),
        severity,
      })),
    ];
    const whole = right && diagnostics.every(({ severity }) => severity !== 'error');
    return [{ value: whole ? (completed(schema, value) as Complete<S>) : undefined, diagnostics, place }];
  });
}

const START: Position = { line: 1, column: 1 };

const finding = (
  file: string,
  code: string,
  message: string,
  { line, column }: Position = START,
  remedy?: string,
  path: FieldPath = [],
): Diagnostic => ({ severity: 'error', code, message, remedy, place: { file, line, column, path: formatPath(path) } });
