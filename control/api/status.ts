/**
 * The closed set of answers other than an object: Kubernetes' meta.v1.Status, one maker a reason. kubectl takes the text of a 422 from
 * details.causes, of all others from message.
 */
import type { Diagnostic } from '@weft/core/kernel';
import { formatDiagnostic } from '@weft/core/kernel';
import type { StoreError } from '../store/index.ts';

export interface StatusCause {
  readonly reason: string;
  readonly message: string;
  readonly field: string;
}

export interface StatusDetails {
  readonly name?: string;
  readonly group?: string;
  /** The plural, or the kind for a 422. */
  readonly kind?: string;
  readonly uid?: string;
  readonly causes?: readonly StatusCause[];
  readonly retryAfterSeconds?: number;
}

export interface Status {
  readonly kind: 'Status';
  readonly apiVersion: 'v1';
  readonly metadata: Readonly<Record<string, never>>;
  readonly status: 'Success' | 'Failure';
  readonly message?: string;
  readonly reason?: string;
  readonly details?: StatusDetails;
  readonly code: number;
}

/** What is asked for, in the words of its URL. */
export interface Subject {
  readonly group: string;
  readonly plural: string;
  readonly name: string;
}

function failure(code: number, reason: string, message: string, details?: StatusDetails): Status {
  const base = { kind: 'Status', apiVersion: 'v1', metadata: {}, status: 'Failure', message, reason, code } as const;
  return details === undefined ? base : { ...base, details };
}

const detailsOf = ({ group, plural, name }: Subject): StatusDetails =>
  group === '' ? { name, kind: plural } : { name, group, kind: plural };

const resource = ({ group, plural }: Subject): string => (group === '' ? plural : `${plural}.${group}`);

export const success = (subject: Subject, uid: string): Status => ({
  kind: 'Status',
  apiVersion: 'v1',
  metadata: {},
  status: 'Success',
  details: { ...detailsOf(subject), uid },
  code: 200,
});

export const badRequest = (message: string): Status => failure(400, 'BadRequest', message);
export const unauthorized = (message: string): Status => failure(401, 'Unauthorized', message);
export const forbidden = (subject: Subject, message: string): Status =>
  failure(403, 'Forbidden', message, detailsOf(subject));
export const noSuchPath = (path: string): Status =>
  failure(404, 'NotFound', `the server could not find the requested resource ${path}`);
export const notFound = (subject: Subject): Status =>
  failure(404, 'NotFound', `${resource(subject)} "${subject.name}" not found`, detailsOf(subject));
export const methodNotAllowed = (method: string, path: string): Status =>
  failure(405, 'MethodNotAllowed', `${method} is not served on ${path}`);
export const notAcceptable = (): Status =>
  failure(406, 'NotAcceptable', 'only application/json is served: send `Accept: application/json`');
export const alreadyExists = (subject: Subject): Status =>
  failure(409, 'AlreadyExists', `${resource(subject)} "${subject.name}" already exists`, detailsOf(subject));
export const conflict = (subject: Subject, why: string): Status =>
  failure(409, 'Conflict', `${resource(subject)} "${subject.name}" cannot be written: ${why}`, detailsOf(subject));
export const gone = (message: string): Status => failure(410, 'Expired', message);
export const tooLarge = (limit: number): Status =>
  failure(413, 'RequestEntityTooLarge', `the body is longer than ${limit} bytes`);
export const unsupportedMediaType = (message: string): Status => failure(415, 'UnsupportedMediaType', message);
export const tooManyRequests = (message: string): Status =>
  failure(429, 'TooManyRequests', message, { retryAfterSeconds: 1 });
export const internalError = (): Status =>
  failure(500, 'InternalError', 'a defect of the control plane: its log says more');
export const unavailable = (message: string): Status => failure(503, 'ServiceUnavailable', message);

/** 422: every violation a cause, its place in `field`. */
export function invalid(subject: Subject, kind: string, diagnostics: readonly Diagnostic[]): Status {
  const causes = diagnostics
    .filter(({ severity }) => severity === 'error')
    .map(({ code, message, remedy, place }) => ({
      reason: CAUSES[code] ?? 'FieldValueInvalid',
      message: remedy === undefined ? message : `${message} (${remedy})`,
      field: place.path ?? '',
    }));
  const text = causes.map(({ field, message }) => (field === '' ? message : `${field}: ${message}`)).join('; ');
  const { group, name } = subject;
  const what = group === '' ? kind : `${kind}.${group}`;
  const details = group === '' ? { name, kind, causes } : { name, group, kind, causes };
  return failure(422, 'Invalid', `${what} "${name}" is invalid: ${text}`, details);
}

/** Diagnostic.code to meta.v1.CauseType; anything else is FieldValueInvalid. */
const CAUSES: Readonly<Record<string, string>> = {
  'missing-field': 'FieldValueRequired',
  'duplicate-entry': 'FieldValueDuplicate',
  'unknown-field': 'FieldValueInvalid',
  'unsupported-field': 'FieldValueForbidden',
  'unsupported-value': 'FieldValueNotSupported',
  'immutable-field': 'FieldValueForbidden',
  'wrong-type': 'FieldValueTypeInvalid',
  'too-long': 'FieldValueTooLong',
  'too-many': 'FieldValueTooMany',
};

/** What a Warning header (RFC 9110 appendix; RFC 7234 section 5.5) carries for a finding that is no error. */
export const warningText = (diagnostic: Diagnostic): string =>
  formatDiagnostic({ ...diagnostic, severity: 'error', place: { path: diagnostic.place.path } });

/** What the store refused, as the answer for `subject`. */
export function storeFailure(subject: Subject, error: StoreError): Status {
  switch (error.code) {
    case 'conflict':
      if (error.expected === 0) return alreadyExists(subject);
      return conflict(subject, 'it has been changed meanwhile; get it again and apply your change to that');
    case 'not-found':
      return notFound(subject);
    case 'compacted':
      return gone(`too old resource version: ${error.message}`);
    case 'unavailable':
      return unavailable(error.message);
  }
}
