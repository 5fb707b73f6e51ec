/**
 * OpenAPI v3 documents of the API, one a group and version, from the kinds' schemas: what kubectl validates and explains with, and what
 * editors complete with. Pure data; the API serves them at `/openapi/v3/...`.
 */
import { type AnyKind, KINDS } from './kinds.ts';
import { apiVersionOf } from './kind.ts';
import { metadata } from './metadata.ts';
import type { Field, ObjectSchema, Schema } from './schema/schema.ts';

export type Json = null | boolean | number | string | readonly Json[] | { readonly [key: string]: Json };
type JsonObject = { readonly [key: string]: Json };

const META = 'io.k8s.apimachinery.pkg.apis.meta.v1';
const reference = (name: string): JsonObject => ({ $ref: `#/components/schemas/${name}` });

/** A schema as JSON Schema in OpenAPI 3.0's dialect; `description` becomes its description. */
export function jsonSchema(schema: Schema, description?: string): JsonObject {
  const described = description === undefined ? {} : { description };
  switch (schema.kind) {
    case 'string':
      return {
        ...described,
        type: 'string',
        ...(schema.values === undefined ? {} : { enum: schema.values }),
        ...(schema.format?.pattern === undefined ? {} : { pattern: schema.format.pattern }),
        ...(schema.values === undefined ? { minLength: schema.minLength, maxLength: schema.maxLength } : {}),
      };
    case 'integer':
      return {
        ...described,
        type: 'integer',
        format: schema.maximum > 2_147_483_647 ? 'int64' : 'int32',
        minimum: schema.minimum,
        maximum: schema.maximum,
        ...(schema.values === undefined ? {} : { enum: schema.values }),
      };
    case 'boolean':
      return { ...described, type: 'boolean' };
    case 'int-or-string':
      return { ...described, 'x-kubernetes-int-or-string': true };
    case 'any':
      return { ...described, 'x-kubernetes-preserve-unknown-fields': true };
    case 'array':
      return {
        ...described,
        type: 'array',
        items: jsonSchema(schema.items),
        minItems: schema.minItems,
        maxItems: schema.maxItems,
        ...listType(schema.uniqueBy),
        ...(schema.mergeKey === undefined
          ? {}
          : { 'x-kubernetes-patch-merge-key': schema.mergeKey, 'x-kubernetes-patch-strategy': 'merge' }),
      };
    case 'map':
      return {
        ...described,
        type: 'object',
        additionalProperties: jsonSchema(schema.values),
        maxProperties: schema.maxEntries,
      };
    case 'object':
      return { ...described, ...objectSchema(schema) };
  }
}

function listType(uniqueBy: 'item' | readonly string[] | undefined): JsonObject {
  if (uniqueBy === undefined) return { 'x-kubernetes-list-type': 'atomic' };
  if (uniqueBy === 'item') return { 'x-kubernetes-list-type': 'set' };
  return { 'x-kubernetes-list-type': 'map', 'x-kubernetes-list-map-keys': uniqueBy };
}

function objectSchema(schema: ObjectSchema): JsonObject {
  const offered = Object.entries(schema.fields).filter(([, field]) => field.presence !== 'unsupported');
  const needed = offered.filter(([, field]) => field.presence === 'required').map(([name]) => name);
  return {
    type: 'object',
    properties: Object.fromEntries(offered.map(([name, field]) => [name, fieldSchema(field)])),
    ...(needed.length === 0 ? {} : { required: needed }),
    additionalProperties: false,
  };
}

const fieldSchema = (field: Field): JsonObject => ({
  ...jsonSchema(field.schema, field.doc),
  ...(field.presence === 'defaulted' ? { default: field.default as Json } : {}),
});

/** A kind's whole object. Status is what the control plane writes: not described further. */
export function objectJsonSchema(kind: AnyKind, version: string): JsonObject {
  return {
    description: kind.doc,
    type: 'object',
    properties: {
      apiVersion: { type: 'string', description: 'The group and version.', enum: [apiVersionOf(kind.group, version)] },
      kind: { type: 'string', description: 'The kind.', enum: [kind.kind] },
      metadata: { allOf: [reference(`${META}.ObjectMeta`)], description: 'Name, namespace, labels, annotations.' },
      ...(kind.layout === 'root'
        ? (objectSchema(kind.spec)['properties'] as JsonObject)
        : { spec: jsonSchema(kind.spec, 'What is wanted.') }),
      status: {
        type: 'object',
        description: 'What is; written by the control plane.',
        'x-kubernetes-preserve-unknown-fields': true,
      },
    },
    required: ['apiVersion', 'kind', 'metadata', ...(kind.specOptional || kind.layout === 'root' ? [] : ['spec'])],
    'x-kubernetes-group-version-kind': [groupVersionKind(kind, version)],
  };
}

const groupVersionKind = (kind: AnyKind, version: string): JsonObject => ({
  group: kind.group,
  kind: kind.kind,
  version,
});

/** `weft.dev` and `v1alpha1` -> `dev.weft.v1alpha1.Mesh`, as Kubernetes names components. */
const componentName = (kind: AnyKind, version: string): string =>
  kind.group === ''
    ? `io.k8s.api.core.${version}.${kind.kind}`
    : `${kind.group.split('.').toReversed().join('.')}.${version}.${kind.kind}`;

/** `/api/v1` or `/apis/GROUP/VERSION`: also the document's address below `/openapi/v3`. */
export const apiPathOf = (group: string, version: string): string =>
  group === '' ? `/api/${version}` : `/apis/${group}/${version}`;

export interface GroupVersion {
  readonly group: string;
  readonly version: string;
}

/** Every group and version that is served; of a group the preferred version first. */
export function groupVersions(): readonly GroupVersion[] {
  const found = new Map<string, GroupVersion>();
  for (const kind of KINDS) {
    for (const version of kind.versions) found.set(apiVersionOf(kind.group, version), { group: kind.group, version });
  }
  return [...found.values()].toSorted(
    (a, b) => compare(a.group, b.group) || rank(a.version) - rank(b.version) || compare(a.version, b.version),
  );
}

const compare = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);
const rank = (version: string): number => (version.includes('alpha') ? 2 : version.includes('beta') ? 1 : 0);

/** The kinds of a group that a version serves. */
export const kindsOf = (group: string, version: string): readonly AnyKind[] =>
  KINDS.filter((kind) => kind.group === group && kind.versions.includes(version));

/** undefined when nothing is served there. */
export function openApiDocument(group: string, version: string): JsonObject | undefined {
  const kinds = kindsOf(group, version);
  if (kinds.length === 0) return undefined;
  const schemas: Record<string, Json> = {
    [`${META}.ObjectMeta`]: jsonSchema(metadata, 'Standard object metadata.'),
    [`${META}.ListMeta`]: {
      type: 'object',
      properties: { resourceVersion: { type: 'string' }, continue: { type: 'string' } },
    },
  };
  const paths: Record<string, Json> = {};
  for (const kind of kinds) {
    const name = componentName(kind, version);
    schemas[name] = objectJsonSchema(kind, version);
    schemas[`${name}List`] = listSchema(kind, version, name);
    Object.assign(paths, pathsOf(kind, version, name));
  }
  return {
    openapi: '3.0.0',
    info: { title: 'Weft', version: apiVersionOf(group, version) },
    paths,
    components: { schemas },
  };
}

const listSchema = (kind: AnyKind, version: string, name: string): JsonObject => ({
  description: `A list of ${kind.kind}.`,
  type: 'object',
  properties: {
    apiVersion: { type: 'string' },
    kind: { type: 'string' },
    metadata: { allOf: [reference(`${META}.ListMeta`)] },
    items: { type: 'array', items: reference(name) },
  },
  required: ['items'],
  'x-kubernetes-group-version-kind': [{ group: kind.group, kind: `${kind.kind}List`, version }],
});

const query = (name: string, description: string): JsonObject => ({
  name,
  in: 'query',
  description,
  schema: { type: 'string' },
});

const WRITE_PARAMETERS: readonly JsonObject[] = [
  query('dryRun', '`All`: check and answer as if, write nothing.'),
  query(
    'breakInvariants',
    '`true`: written though an Invariant breaks. The same for ever: the annotation `weft.dev/break-invariants`.',
  ),
  query('fieldManager', 'Accepted, without effect: the log names the user.'),
  query('fieldValidation', 'Unknown fields: `Strict` refuses (the default), `Warn` drops and warns, `Ignore` drops.'),
];

function pathsOf(kind: AnyKind, version: string, name: string): JsonObject {
  const base = `${apiPathOf(kind.group, version)}${kind.scope === 'Namespaced' ? '/namespaces/{namespace}' : ''}/${kind.plural}`;
  const json = (component: string): JsonObject => ({ 'application/json': { schema: reference(component) } });
  const operation = (action: string, component: string, more: JsonObject): JsonObject => ({
    ...more,
    responses: { 200: { description: 'OK', content: json(component) } },
    'x-kubernetes-action': action,
    'x-kubernetes-group-version-kind': groupVersionKind(kind, version),
  });
  const body = (types: readonly string[]): JsonObject => ({
    requestBody: {
      required: true,
      content: Object.fromEntries(types.map((type) => [type, { schema: reference(name) }])),
    },
    parameters: WRITE_PARAMETERS,
  });
  const all = { [`${apiPathOf(kind.group, version)}/${kind.plural}`]: { get: operation('list', `${name}List`, {}) } };
  return {
    ...(kind.scope === 'Namespaced' ? all : {}),
    [base]: { get: operation('list', `${name}List`, {}), post: operation('post', name, body(['application/json'])) },
    [`${base}/{name}`]: {
      get: operation('get', name, {}),
      put: operation('put', name, body(['application/json'])),
      patch: operation(
        'patch',
        name,
        body([
          'application/merge-patch+json',
          ...(kind.group === '' ? ['application/strategic-merge-patch+json'] : []),
        ]),
      ),
      delete: operation('delete', name, { parameters: WRITE_PARAMETERS.slice(0, 1) }),
    },
  };
}
