/** Our engine's own sampler on the wire: what is written is read as it was, and anything else is refused. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { MeshSampler } from '@weft/core/proxy-config';
import fc from 'fast-check';
import { Path, readMessage, Report, writeMessage } from '../../codec/index.ts';
import { type JsonObject, pack } from '../../tables/index.ts';
import { record } from '../../testing/rows/values.ts';
import { reading } from '../base/cursor.ts';
import { decodeMeshSampler, encodeMeshSampler } from './mesh-sampler.ts';

const percent = fc.integer({ min: 0, max: 1_000_000 }).map((millionths) => millionths / 10_000);
const sampler: fc.Arbitrary<MeshSampler> = record({
  kind: fc.constant('mesh' as const),
  sampling: percent,
  rules: fc.array(
    record({
      namespace: fc.constantFrom('', 'shop'),
      service: fc.constantFrom('', 'orders'),
      pathPrefix: fc.constantFrom('', '/api'),
      header: fc.option(record({ name: fc.constant('x-a'), value: fc.option(fc.string(), { nil: undefined }) }), {
        nil: undefined,
      }),
      sampling: percent,
    }),
    { maxLength: 3 },
  ),
  tail: fc.option(record({ errors: fc.boolean(), slowerThan: fc.nat(60_000) }), { nil: undefined }),
  headers: fc.uniqueArray(fc.constantFrom('w3c', 'b3', 'b3-single', 'jaeger', 'datadog'), { minLength: 1 }),
}) as fc.Arbitrary<MeshSampler>;

const EXTENSION = 'envoy.config.core.v3.TypedExtensionConfig';

/** Over the wire and back. */
function arrived(extension: Parameters<typeof writeMessage<typeof EXTENSION>>[1]): {
  readonly made: MeshSampler;
  readonly failed: boolean;
} {
  const read = readMessage(EXTENSION, writeMessage(EXTENSION, extension));
  assert.ok(read.ok);
  const struct = read.value.typed_config?.message as Parameters<typeof decodeMeshSampler>[0] extends never
    ? never
    : { readonly type_url?: string; readonly value?: JsonObject };
  const report = new Report();
  const made = reading(struct, Path.ROOT, report, decodeMeshSampler);
  return { made, failed: report.failed };
}

test('what is written is read as it was', () => {
  fc.assert(
    fc.property(sampler, (row) => {
      const { made, failed } = arrived(encodeMeshSampler(row));
      assert.deepEqual(made, row);
      assert.equal(failed, false);
    }),
  );
});

test('what is not as we write it is refused', () => {
  const whole = { sampling: 1, rules: [], headers: ['w3c'] };
  for (const value of [
    {},
    { ...whole, sampling: 101 },
    { ...whole, sampling: '1' },
    { ...whole, headers: ['w4c'] },
    { ...whole, errors: true },
    { ...whole, more: 1 },
    { ...whole, rules: [{ namespace: '', service: '', pathPrefix: '' }] },
    { ...whole, rules: [{ namespace: '', service: '', pathPrefix: '', sampling: 1, more: 1 }] },
  ] as readonly JsonObject[]) {
    const typed_config = pack('xds.type.v3.TypedStruct', {
      type_url: 'type.googleapis.com/dev.weft.tracing.v1.MeshSampler',
      value,
    });
    assert.equal(arrived({ name: 'x', typed_config }).failed, true, JSON.stringify(value));
  }
  const other = pack('xds.type.v3.TypedStruct', { type_url: 'type.googleapis.com/other', value: whole });
  assert.equal(arrived({ name: 'x', typed_config: other }).failed, true);
});
