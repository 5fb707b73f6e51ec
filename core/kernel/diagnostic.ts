/**
 * What the project says about an input: one finding, its place and the remedy. Every validator returns all findings at once,
 * as an array of these; nothing in a pure layer logs or throws about input.
 */
export type Severity = 'error' | 'warning' | 'info';

/** Where a finding is. Lines and columns count from 1. `path` is a field path such as `spec.rules[0].matches[1].path.value`. */
export interface Place {
  readonly file?: string | undefined;
  readonly line?: number | undefined;
  readonly column?: number | undefined;
  /** `Kind/namespace/name` (or `Kind/name`) of the object the path starts in. */
  readonly object?: string | undefined;
  readonly path?: string | undefined;
}

export interface Diagnostic {
  readonly severity: Severity;
  /** A stable word for the kind of finding, in lower-kebab-case, e.g. `unknown-field`. Scripts match on it. */
  readonly code: string;
  readonly message: string;
  readonly place: Place;
  /** What to do about it, as an imperative sentence without a full stop. */
  readonly remedy?: string | undefined;
}

/** `file:line:column: Kind/ns/name: path: message (remedy)`; parts that are absent are left out. */
export function formatDiagnostic(diagnostic: Diagnostic): string {
  const { file, line, column, object, path } = diagnostic.place;
  const parts: string[] = [];
  if (file !== undefined) parts.push(line === undefined ? file : `${file}:${line}:${column ?? 1}`);
  if (object !== undefined) parts.push(object);
  if (path !== undefined && path !== '') parts.push(path);
  const level = diagnostic.severity === 'error' ? '' : `${diagnostic.severity}: `;
  const remedy = diagnostic.remedy === undefined ? '' : ` (${diagnostic.remedy})`;
  return `${parts.map((part) => `${part}: `).join('')}${level}${diagnostic.message}${remedy}`;
}

export const hasErrors = (diagnostics: readonly Diagnostic[]): boolean =>
  diagnostics.some((diagnostic) => diagnostic.severity === 'error');
