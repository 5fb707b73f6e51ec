/**
 * Objects from a text: any number of YAML documents, JSON, and `kind: List`. Every finding of the whole text at once, each with file,
 * line and column. Never throws, whatever the text; opens no file.
 */
import type { LineCounter, Node } from 'yaml';
import { isMap, isSeq } from 'yaml';
import type { Diagnostic } from '../../kernel/index.ts';
import { admitObject, type AdmitOptions } from '../admit.ts';
import { objectName, type Origin, type StoredObject } from '../object.ts';
import { describe, isMapping } from '../schema/violations.ts';
import { type FieldPath, formatPath, parsePath } from '../schema/path.ts';
import { quoted } from '../schema/printable.ts';
import { parseDocuments, type ParsedDocument } from './documents.ts';
import { offsetOf, positionAt } from './layout.ts';
import { LIMITS } from './limits.ts';
import { locate } from './locate.ts';
import { ValueReader } from './value.ts';

export interface ParsedObject {
  /** As it was written, without defaults: what a client sends to the API. */
  readonly written: Readonly<Record<string, unknown>>;
  /** With defaults and `origin`, as `admitObject` gives it; undefined when the object has an error. */
  readonly object: StoredObject | undefined;
  readonly origin: Origin;
}

export interface ReadResult {
  readonly objects: readonly ParsedObject[];
  /** In the order of the text; objects that are there twice come last. */
  readonly diagnostics: readonly Diagnostic[];
}

/** `file` is only a name for places. A text without objects is no error. */
export function readObjects(text: string, file: string, options: AdmitOptions = {}): ReadResult {
  if (text.length > LIMITS.characters) {
    return refused(file, `the text is longer than ${LIMITS.characters} characters`);
  }
  const { documents, lines } = parseDocuments(text);
  if (documents.length > LIMITS.documents) return refused(file, `more than ${LIMITS.documents} documents`);
  const reader = new TextReader(text, file, options, lines);
  for (const document of documents) reader.document(document);
  return { objects: reader.objects, diagnostics: [...reader.diagnostics(), ...duplicateObjects(reader.objects)] };
}

const refused = (file: string, message: string): ReadResult => ({
  objects: [],
  diagnostics: [
    { severity: 'error', code: 'too-large', message, place: { file, line: 1, column: 1 }, remedy: 'split it' },
  ],
});

class TextReader {
  readonly objects: ParsedObject[] = [];
  readonly #found: { readonly offset: number; readonly diagnostic: Diagnostic }[] = [];
  readonly #text: string;
  readonly #file: string;
  readonly #options: AdmitOptions;
  readonly #lines: LineCounter;

  constructor(text: string, file: string, options: AdmitOptions, lines: LineCounter) {
    this.#text = text;
    this.#file = file;
    this.#options = options;
    this.#lines = lines;
  }

  diagnostics(): readonly Diagnostic[] {
    return this.#found.toSorted((a, b) => a.offset - b.offset).map(({ diagnostic }) => diagnostic);
  }

  document({ root, faults }: ParsedDocument): void {
    for (const { offset, code, message, remedy } of faults)
      this.#report(offset, { severity: 'error', code, message, remedy, place: {} });
    if (faults.length > 0 || root === null) return;
    const values = new ValueReader();
    const value = values.read(root);
    for (const { severity, code, message, remedy, path, offset } of values.findings) {
      this.#report(offset ?? offsetOf(root, path), {
        severity,
        code,
        message,
        remedy,
        place: { path: formatPath(path) },
      });
    }
    // A document of comments, or `null`, holds no object.
    if (value === null || value === undefined || values.findings.some(({ severity }) => severity === 'error')) return;
    if (isMapping(value) && value['kind'] === 'List' && isMap(root)) this.#list(value, root);
    else this.#object(value, root, []);
  }

  #list(value: Readonly<Record<string, unknown>>, root: Node): void {
    const fault = (path: FieldPath, code: string, message: string, remedy?: string): void =>
      this.#report(offsetOf(root, path), {
        severity: 'error',
        code,
        message,
        remedy,
        place: { object: 'List', path: formatPath(path) },
      });
    if (value['apiVersion'] !== 'v1')
      fault(['apiVersion'], 'unknown-version', `a List has \`apiVersion: v1\`, found ${describe(value['apiVersion'])}`);
    for (const key of Object.keys(value)) {
      if (!['apiVersion', 'kind', 'metadata', 'items'].includes(key))
        fault([key], 'unknown-field', `unknown field ${quoted(key)}`, 'remove it');
    }
    const { items } = value;
    const node = isMap(root) ? root.get('items', true) : undefined;
    if (!Array.isArray(items) || !isSeq(node))
      fault(['items'], 'wrong-type', `expected a list of objects, found ${describe(items)}`);
    else for (const [index, item] of items.entries()) this.#object(item, root, ['items', index]);
  }

  /** `at` leads from the document's root to the object. */
  #object(value: unknown, root: Node, at: FieldPath): void {
    const { object, diagnostics } = admitObject(value, this.#options);
    for (const diagnostic of diagnostics) {
      this.#report(offsetOf(root, [...at, ...(parsePath(diagnostic.place.path ?? '') ?? [])]), diagnostic);
    }
    if (!isMapping(value)) return;
    const start = offsetOf(root, at);
    const origin = this.#origin(start, endOf(root, at));
    this.objects.push({ written: value, object: object === undefined ? undefined : { ...object, origin }, origin });
  }

  /** The object's own text. Its first line is filled up with blanks from the left, so that columns stay those of the file. */
  #origin(start: number, end: number): Origin {
    const { line, column } = positionAt(this.#lines, start);
    return {
      file: this.#file,
      firstLine: line,
      text: `${' '.repeat(column - 1)}${this.#text.slice(start, end).trimEnd()}\n`,
    };
  }

  #report(offset: number, diagnostic: Diagnostic): void {
    const place = { ...diagnostic.place, file: this.#file, ...positionAt(this.#lines, offset) };
    this.#found.push({ offset, diagnostic: { ...diagnostic, place } });
  }
}

/** The same object twice, in one text or several: which of them was meant cannot be told. */
export function duplicateObjects(objects: readonly ParsedObject[]): readonly Diagnostic[] {
  const seen = new Map<string, Origin>();
  const found: Diagnostic[] = [];
  for (const { object, origin } of objects) {
    if (object === undefined) continue;
    const name = objectName(object.kind, object.metadata.namespace, object.metadata.name);
    const first = seen.get(name);
    if (first === undefined) {
      seen.set(name, origin);
      continue;
    }
    found.push({
      severity: 'error',
      code: 'duplicate-object',
      message: `is there already, at ${first.file}:${first.firstLine}`,
      remedy: 'remove one of the two, or rename it',
      place: { file: origin.file, ...locate(origin, []), object: name },
    });
  }
  return found;
}

/** The end of the object's text. */
function endOf(root: Node, at: FieldPath): number {
  let node: Node | undefined = root;
  if (at.length > 0 && isMap(root)) {
    const items = root.get('items', true);
    const item: unknown = isSeq(items) ? items.items[Number(at[1])] : undefined;
    node = isMap(item) ? item : undefined;
  }
  return node?.range?.[1] ?? 0;
}
