/**
 * From a JSON value somebody wrote to an object that can be stored: envelope, schema, rules, defaults. The one door for files and the
 * REST API. Every finding at once, with field paths from the object's root. Knows nothing of other objects: references, allotted
 * addresses and rights are the API's business.
 */
import { type Diagnostic, hasErrors } from '../kernel/index.ts';
import { checkTargetNamespaces, type TargetRef } from './gateway/target-ref.ts';
import { type AnyKind, groupOf, KINDS, kindOf, kindOfObject } from './kinds.ts';
import { apiVersionOf } from './kind.ts';
import { metadata, type WrittenMetadata } from './metadata.ts';
import { objectName, type StoredObject } from './object.ts';
import { checkValue } from './schema/check.ts';
import { describe, isMapping, Violations } from './schema/violations.ts';
import { completed } from './schema/complete.ts';
import { dnsLabel } from './schema/formats.ts';
import { formatPath } from './schema/path.ts';
import { quoted } from './schema/printable.ts';
import { suggest } from './schema/suggest.ts';

export interface AdmitOptions {
  /** For namespaced objects that name none; `default` when absent. */
  readonly namespace?: string | undefined;
}

export interface Admission {
  /**
   * The object with its defaults, in the kind's preferred version; undefined when there is an error. uid, generation and
   * creationTimestamp are empty (the store's to fill in), resourceVersion is as written, '' when absent; status is left out.
   */
  readonly object: StoredObject | undefined;
  readonly diagnostics: readonly Diagnostic[];
}

export const DEFAULT_NAMESPACE = 'default';

export function admitObject(value: unknown, options: AdmitOptions = {}): Admission {
  const found = new Violations();
  const object = admitted(value, options, found);
  const name = nameOf(value, options);
  const diagnostics = found.list.map(
    ({ path, code, message, remedy, severity }): Diagnostic => ({
      severity,
      code,
      message,
      place: { object: name, path: formatPath(path) },
      remedy,
    }),
  );
  return { object: hasErrors(diagnostics) ? undefined : object, diagnostics };
}

/** The findings alone; empty for an object that can be stored. */
export const validateObject = (value: unknown, options: AdmitOptions = {}): readonly Diagnostic[] =>
  admitObject(value, options).diagnostics;

const ENVELOPE = ['apiVersion', 'kind', 'metadata', 'spec', 'status'];

function admitted(value: unknown, options: AdmitOptions, found: Violations): StoredObject | undefined {
  if (!isMapping(value)) {
    found.add([], 'wrong-type', `expected an object, found ${describe(value)}`, 'begin with `apiVersion` and `kind`');
    return undefined;
  }
  const kind = checkKind(value, found);
  const inRoot = kind?.layout === 'root';
  for (const key of Object.keys(value)) {
    if (inRoot ? key !== 'spec' || Object.hasOwn(kind.spec.fields, key) : ENVELOPE.includes(key)) continue;
    const near = kind !== undefined && Object.hasOwn(kind.spec.fields, key) ? `spec.${key}` : suggest(key, ENVELOPE);
    found.add(
      [key],
      'unknown-field',
      `unknown field ${quoted(key)}`,
      near === undefined ? 'remove it' : `did you mean \`${near}\`?`,
    );
  }
  const meta = checkMetadata(value['metadata'], kind, options, found);
  if (value['status'] != null && !isMapping(value['status'])) {
    found.add(['status'], 'wrong-type', `expected a mapping, found ${describe(value['status'])}`, 'remove it');
  }
  if (kind === undefined) return undefined;
  const spec = checkSpec(kind, inRoot ? bodyOf(value) : value['spec'], found);
  if (meta !== undefined && spec === undefined) checkTargetsAlone(kind, value['spec'], meta.namespace, found);
  if (meta === undefined || spec === undefined) return undefined;
  const labels = meta.labels ?? {};
  kind.check?.(
    { name: meta.name, namespace: meta.namespace, labels, spec },
    (path, code, message, remedy, severity) => {
      found.add(path, code, message, remedy, severity);
    },
  );
  return {
    apiVersion: apiVersionOf(kind.group, kind.versions[0]),
    kind: kind.kind,
    metadata: {
      name: meta.name,
      namespace: meta.namespace,
      uid: '',
      resourceVersion: meta.resourceVersion ?? '',
      generation: 0,
      creationTimestamp: '',
      labels,
      annotations: meta.annotations ?? {},
    },
    spec: kind.normalize?.(spec) ?? spec,
  };
}

function checkKind(value: Readonly<Record<string, unknown>>, found: Violations): AnyKind | undefined {
  const { apiVersion, kind } = value;
  const words = typeof apiVersion === 'string' && typeof kind === 'string';
  for (const field of ['apiVersion', 'kind']) {
    const given = value[field];
    if (given == null) found.add([field], 'missing-field', 'is required and missing', `add \`${field}\``);
    else if (typeof given !== 'string') found.add([field], 'wrong-type', `expected text, found ${describe(given)}`);
  }
  if (!words) return undefined;
  const exact = kindOf(groupOf(apiVersion), kind);
  if (exact?.versions.some((version) => apiVersionOf(exact.group, version) === apiVersion) === true) return exact;
  const sameKind = exact ?? KINDS.find((entry) => entry.kind === kind);
  if (sameKind !== undefined) {
    const served = sameKind.versions.map((version) => `\`${apiVersionOf(sameKind.group, version)}\``).join(' or ');
    found.add(['apiVersion'], 'unknown-version', `${quoted(apiVersion)} has no kind ${kind}`, `write ${served}`);
    return sameKind;
  }
  const near = suggest(
    kind,
    KINDS.map((entry) => entry.kind),
  );
  found.add(
    ['kind'],
    'unknown-kind',
    `unknown kind ${quoted(kind)}`,
    near === undefined ? `the kinds are ${KINDS.map((entry) => entry.kind).join(', ')}` : `did you mean \`${near}\`?`,
  );
  return undefined;
}

type Named = WrittenMetadata & { readonly name: string; readonly namespace: string };

function checkMetadata(
  value: unknown,
  kind: AnyKind | undefined,
  options: AdmitOptions,
  found: Violations,
): Named | undefined {
  if (value == null) {
    found.add(['metadata'], 'missing-field', 'is required and missing', 'add `metadata: {name: ...}`');
    return undefined;
  }
  if (!checkValue(metadata, value, ['metadata'], found)) return undefined;
  const meta = completed(metadata, value) as WrittenMetadata;
  const { name } = meta;
  if (name === undefined) {
    found.add(['metadata', 'name'], 'missing-field', 'is required and missing', 'add `name`');
    return undefined;
  }
  let right = true;
  if (kind !== undefined && !kind.name.accepts(name)) {
    right = found.add(
      ['metadata', 'name'],
      'invalid-name',
      `the name of a ${kind.kind} has ${kind.name.expected}, found ${describe(name)}`,
    );
  }
  if (kind?.scope === 'Cluster') {
    if (meta.namespace !== undefined) {
      right = found.add(
        ['metadata', 'namespace'],
        'invalid-value',
        `a ${kind.kind} belongs to no namespace`,
        'remove it',
      );
    }
  } else if (meta.namespace !== undefined && !dnsLabel.accepts(meta.namespace)) {
    right = found.add(['metadata', 'namespace'], 'invalid-name', `the name of a namespace has ${dnsLabel.expected}`);
  }
  const namespace = kind?.scope === 'Cluster' ? '' : (meta.namespace ?? options.namespace ?? DEFAULT_NAMESPACE);
  return right ? { ...meta, name, namespace } : undefined;
}

function checkSpec(kind: AnyKind, value: unknown, found: Violations): unknown {
  if (value == null && !kind.specOptional) {
    found.add(['spec'], 'missing-field', 'is required and missing', 'add `spec`');
    return undefined;
  }
  const spec = value ?? {};
  const path = kind.layout === 'root' ? [] : ['spec'];
  return checkValue(kind.spec, spec, path, found) ? completed(kind.spec, spec) : undefined;
}

/** Whose policy it is, told beside the faults of other fields: `check` of a kind runs only on a whole spec. */
function checkTargetsAlone({ spec: { fields } }: AnyKind, spec: unknown, namespace: string, found: Violations): void {
  const schema = Object.hasOwn(fields, 'targetRefs') ? fields['targetRefs']?.schema : undefined;
  const refs = isMapping(spec) && Object.hasOwn(spec, 'targetRefs') ? spec['targetRefs'] : undefined;
  if (schema === undefined || !checkValue(schema, refs, [], new Violations())) return;
  checkTargetNamespaces(completed(schema, refs) as readonly TargetRef[], namespace, (...violation) => {
    found.add(...violation);
  });
}

/** The fields of a kind whose text has no `spec`. */
const bodyOf = (value: Readonly<Record<string, unknown>>): Readonly<Record<string, unknown>> =>
  Object.fromEntries(Object.entries(value).filter(([key]) => !ENVELOPE.includes(key)));

/** `Kind/namespace/name` as far as it can be told. */
function nameOf(value: unknown, options: AdmitOptions): string | undefined {
  if (!isMapping(value)) return undefined;
  const kind = plain(value['kind'], 64);
  if (kind === undefined) return undefined;
  const meta = value['metadata'];
  const name = isMapping(meta) ? plain(meta['name'], 253) : undefined;
  const given = isMapping(meta) ? plain(meta['namespace'], 253) : undefined;
  const cluster = KINDS.find((entry) => entry.kind === kind)?.scope === 'Cluster';
  return objectName(kind, cluster ? '' : (given ?? options.namespace ?? DEFAULT_NAMESPACE), name ?? '?');
}

/** A word that can stand in a message as it is. */
const plain = (value: unknown, longest: number): string | undefined =>
  typeof value === 'string' && value.length <= longest && /^[\w.-]+$/.test(value) ? value : undefined;

/** What an update may not do. Both objects have been admitted; paths are from the object's root. */
export function checkUpdate(before: StoredObject, after: StoredObject): readonly Diagnostic[] {
  const kind = kindOfObject(after);
  const found: Diagnostic[] = [];
  const { namespace, name } = after.metadata;
  kind?.checkUpdate?.(before.spec, after.spec, (path, code, message, remedy, severity = 'error') => {
    found.push({
      severity,
      code,
      message,
      remedy,
      place: { object: objectName(after.kind, namespace, name), path: formatPath(path) },
    });
  });
  return found;
}
