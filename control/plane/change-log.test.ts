import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import type { StoredObject } from '@weft/core/resources';
import { changedFields } from './change-log.ts';

const object = (spec: unknown, labels: Record<string, string> = {}): StoredObject =>
  ({
    apiVersion: 'v1',
    kind: 'Service',
    metadata: { name: 'a', namespace: 'b', labels, annotations: {} },
    spec,
  }) as unknown as StoredObject;

test('fields that differ are named by their paths, values never', () => {
  const before = object({ rules: [{ weight: 1 }, { weight: 2 }], host: 'a', gone: true }, { app: 'x' });
  const after = object({ rules: [{ weight: 1 }, { weight: 'secret' }], host: 'a', come: { deep: 1 } }, { app: 'y' });
  assert.deepEqual(changedFields(before, after), [
    'spec.rules[1].weight',
    'spec.gone',
    'spec.come',
    'metadata.labels.app',
  ]);
  fc.assert(
    fc.property(fc.jsonValue(), (value) => {
      assert.deepEqual(changedFields(object(value), object(structuredClone(value))), []);
    }),
  );
});
