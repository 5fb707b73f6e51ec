import assert from 'node:assert/strict';
import { test } from 'node:test';
import { apiVersionOf } from './kind.ts';
import { KINDS } from './kinds.ts';
import { apiPathOf, groupVersions, jsonSchema, kindsOf, openApiDocument } from './open-api.ts';

test('every kind is in the document of each of its versions, with its group, version and kind', () => {
  for (const kind of KINDS) {
    for (const version of kind.versions) {
      const text = JSON.stringify(openApiDocument(kind.group, version));
      assert.ok(
        text.includes(JSON.stringify({ group: kind.group, kind: kind.kind, version })),
        `${kind.kind} ${version}`,
      );
      assert.ok(text.includes(`${apiPathOf(kind.group, version)}/`));
      assert.ok(kindsOf(kind.group, version).includes(kind));
    }
  }
  assert.equal(openApiDocument('weft.dev', 'v1'), undefined);
});

test('every reference leads somewhere', () => {
  for (const { group, version } of groupVersions()) {
    const text = JSON.stringify(openApiDocument(group, version));
    const schemas = new Set(
      text.match(/"io\.[\w.-]+"(?=:\{)|"dev\.[\w.-]+"(?=:\{)/g)?.map((name) => name.slice(1, -1)),
    );
    const references = text.match(/#\/components\/schemas\/[\w.-]+/g) ?? [];
    assert.ok(references.length > 0);
    for (const reference of references) {
      assert.ok(schemas.has(reference.slice('#/components/schemas/'.length)), reference);
    }
  }
});

test('the groups and versions, preferred first', () => {
  assert.deepEqual(
    groupVersions().map(({ group, version }) => apiVersionOf(group, version)),
    [
      'v1',
      'gateway.networking.k8s.io/v1',
      'gateway.networking.k8s.io/v1beta1',
      'gateway.networking.k8s.io/v1alpha2',
      'gateway.networking.k8s.io/v1alpha3',
      'gateway.networking.x-k8s.io/v1alpha1',
      'weft.dev/v1alpha1',
    ],
  );
});

test('lists say how they merge', () => {
  const service = KINDS.find(({ kind }) => kind === 'Service');
  assert.ok(service);
  const { properties } = jsonSchema(service.spec);
  const ports: unknown =
    properties === null || typeof properties !== 'object' ? undefined : Reflect.get(properties, 'ports');
  assert.partialDeepStrictEqual(ports, {
    'x-kubernetes-list-type': 'map',
    'x-kubernetes-list-map-keys': ['port', 'protocol'],
    'x-kubernetes-patch-merge-key': 'port',
    'x-kubernetes-patch-strategy': 'merge',
  });
});
