/**
 * From what a client sent to what is stored: names against the URL, the kind's schema and rules (core/resources), defaults. Every
 * violation at once. Pure; never trusts a field that is the store's to fill in.
 */
import { randomInt } from 'node:crypto';
import { isDeepStrictEqual } from 'node:util';
import { type Diagnostic, err, hasErrors, ok, type Result } from '@weft/core/kernel';
import {
  type AccessPolicy,
  admitObject,
  apiVersionOf,
  checkUpdate,
  type FieldPath,
  type AnyKind,
  type Origin,
  parsePath,
  REDACTED,
  type RuleLines,
  type StoredObject,
} from '@weft/core/resources';
import { ruleLinesOf } from '@weft/core/resources/text';
import { subjectOf, type Target } from '../catalog.ts';
import { keyPairFaults } from './key-pair.ts';
import { messageFaults } from './messages.ts';
import { isJsonObject, type Json, type JsonObject, LAST_APPLIED } from '../patch/merge-patch.ts';
import { badRequest, invalid, type Status } from '../status.ts';

/** What happens to fields the schema does not know: refused, dropped with a warning, dropped. */
export type FieldValidation = 'Strict' | 'Warn' | 'Ignore';

export interface AdmitOptions {
  readonly validation?: FieldValidation;
  readonly origin?: Origin | undefined;
  readonly statusOnly?: boolean;
}

export interface Admitted {
  readonly object: StoredObject;
  readonly warnings: readonly Diagnostic[];
}

/** `before`: the stored object that is replaced, undefined for a new one. */
export function admit(
  target: Target,
  document: unknown,
  before: StoredObject | undefined,
  options: AdmitOptions,
): Result<Admitted, Status> {
  const named = nameDocument(target, document);
  if (!named.ok) return named;
  if (options.statusOnly === true && before !== undefined) return admitStatus(target, named.value.document, before);
  return admitWhole(target.kind, named.value, before, options);
}

interface Named {
  readonly document: JsonObject;
  readonly name: string;
  readonly namespace: string;
}

/** The document must agree with the URL where both say something; what it leaves out is filled in. */
function nameDocument(target: Target, document: unknown): Result<Named, Status> {
  const { kind, version } = target;
  if (!isJsonObject(document)) return err(badRequest('the body is not a JSON object'));
  const apiVersion = apiVersionOf(kind.group, version);
  if (document['apiVersion'] !== apiVersion || document['kind'] !== kind.kind) {
    const said = (value: unknown): string => (typeof value === 'string' ? value : (JSON.stringify(value) ?? 'nothing'));
    const found = `${said(document['apiVersion'])} ${said(document['kind'])}`;
    return err(badRequest(`the body is a ${found.slice(0, 200)}, the URL takes ${apiVersion} ${kind.kind}`));
  }
  const metadata = document['metadata'] ?? {};
  if (!isJsonObject(metadata)) return err(badRequest('metadata is not an object'));
  const own = metadata['name'] ?? '';
  const prefix = metadata['generateName'] ?? '';
  const generated = own === '' && target.name === '' && typeof prefix === 'string' && prefix !== '';
  const name = generated ? `${prefix}${suffix()}` : own === '' ? target.name : own;
  if (target.name !== '' && name !== target.name) {
    return err(
      badRequest(`the name of the object (${String(name).slice(0, 253)}) is not the name in the URL (${target.name})`),
    );
  }
  const namespace = metadata['namespace'] ?? '';
  if (namespace !== '' && namespace !== target.namespace) {
    const wanted =
      kind.scope === 'Cluster' ? `${kind.kind} belongs to no namespace` : `the URL says ${target.namespace}`;
    return err(badRequest(`metadata.namespace is ${JSON.stringify(namespace).slice(0, 260)}: ${wanted}`));
  }
  const { generateName: _, ...rest } = metadata;
  const full = { ...rest, name, ...(target.namespace === '' ? {} : { namespace: target.namespace }) };
  return ok({ document: { ...document, metadata: full }, name: String(name), namespace: target.namespace });
}

/** As Kubernetes' generateName: 5 letters and digits that make no words. */
const suffix = (): string => Array.from({ length: 5 }, () => ALPHABET[randomInt(ALPHABET.length)]).join('');
const ALPHABET = 'bcdfghjklmnpqrstvwxz2456789';

function admitWhole(
  kind: AnyKind,
  named: Named,
  before: StoredObject | undefined,
  options: AdmitOptions,
): Result<Admitted, Status> {
  const { name, namespace } = named;
  const { document, unknown } =
    options.validation === 'Warn' || options.validation === 'Ignore'
      ? pruned(named)
      : { document: named.document, unknown: [] };
  const { object, diagnostics } = admitObject(restored(document, kind, before), { namespace });
  const subject = subjectOf({ kind, name });
  if (object === undefined) return err(invalid(subject, kind.kind, diagnostics));
  const unusable = [...keyPairFaults(object), ...messageFaults(object)];
  if (unusable.length > 0) return err(invalid(subject, kind.kind, unusable));
  const updated = before === undefined ? [] : checkUpdate(before, object);
  if (hasErrors(updated)) return err(invalid(subject, kind.kind, [...diagnostics, ...updated]));
  const same = before !== undefined && isDeepStrictEqual(before.spec, object.spec) ? before : undefined;
  const origin = options.origin ?? same?.origin;
  const ruleLines = same?.ruleLines ?? rulesOf(object, origin);
  const status = before?.status ?? initialStatus(kind);
  const secret = kind.confidential.length > 0;
  const full: StoredObject = {
    ...(secret ? withoutCopies(object) : object),
    ...(origin === undefined || secret ? {} : { origin }),
    ...(ruleLines === undefined ? {} : { ruleLines }),
    ...(status === undefined ? {} : { status }),
  };
  const warnings = options.validation === 'Warn' ? unknown : [];
  return ok({ object: full, warnings: [...warnings, ...diagnostics, ...updated] });
}

/** Of the kind whose rules proxies name when they refuse. */
function rulesOf({ kind, spec }: StoredObject, origin: Origin | undefined): RuleLines | undefined {
  if (kind !== 'AccessPolicy' || origin === undefined) return undefined;
  return ruleLinesOf(origin, (spec as AccessPolicy['spec']).rules.length);
}

/** What an answer hid comes back as it was hidden: it stands for the stored value. Another document's `<redacted>` is no value. */
function restored(document: JsonObject, kind: AnyKind, before: StoredObject | undefined): JsonObject {
  const held = before?.spec as Readonly<Record<string, Readonly<Record<string, string>> | undefined>> | undefined;
  const entries = Object.entries(document).map(([field, value]): [string, Json] => {
    if (!kind.confidential.includes(field) || !isJsonObject(value)) return [field, value];
    const restore = ([key, text]: [string, Json]): [string, Json] => [
      key,
      text === REDACTED ? (held?.[field]?.[key] ?? text) : text,
    ];
    return [field, Object.fromEntries(Object.entries(value).map(restore))];
  });
  return kind.confidential.length === 0 ? document : Object.fromEntries(entries);
}

/** kubectl keeps the whole text of an object in an annotation. */
function withoutCopies(object: StoredObject): StoredObject {
  const { [LAST_APPLIED]: _, ...annotations } = object.metadata.annotations;
  return { ...object, metadata: { ...object.metadata, annotations } };
}

/** The document without the fields that nobody knows, and what was said about them. */
function pruned({ document, namespace }: Named): {
  readonly document: JsonObject;
  readonly unknown: readonly Diagnostic[];
} {
  let rest = document;
  const all: Diagnostic[] = [];
  for (let round = 0; round < 10; round += 1) {
    const { diagnostics } = admitObject(rest, { namespace });
    const unknown = diagnostics.filter(({ code }) => code === 'unknown-field');
    if (unknown.length === 0) break;
    for (const { place } of unknown) rest = without(rest, parsePath(place.path ?? '') ?? []) as JsonObject;
    all.push(...unknown.map((diagnostic): Diagnostic => ({ ...diagnostic, severity: 'warning' })));
  }
  return { document: rest, unknown: all };
}

function without(value: Json, [part, ...rest]: FieldPath): Json {
  if (part === undefined) return value;
  if (Array.isArray(value)) return value.map((item: Json, index) => (index === part ? without(item, rest) : item));
  if (!isJsonObject(value)) return value;
  const entries = Object.entries(value).filter(([key]) => rest.length > 0 || key !== part);
  return Object.fromEntries(entries.map(([key, item]) => [key, key === part ? without(item, rest) : item]));
}

/** What Kubernetes' tools expect to find from the start. */
function initialStatus(kind: AnyKind): unknown {
  if (kind.status === 'phase') return { phase: 'Active' };
  return kind.status === 'service' ? { loadBalancer: {} } : undefined;
}

function admitStatus(target: Target, document: JsonObject, before: StoredObject): Result<Admitted, Status> {
  const status = document['status'];
  if (status === undefined || status === null) {
    const { status: _, ...rest } = before;
    return ok({ object: rest, warnings: [] });
  }
  if (!isJsonObject(status)) return err(badRequest(`status of ${target.kind.kind} is not an object`));
  return ok({ object: { ...before, status }, warnings: [] });
}
