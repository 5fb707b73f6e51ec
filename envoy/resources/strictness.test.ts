// No field of a supported message is ignored: each field of each message that the decoders read is set alone in an accepted base and must
// then either change the row or be refused at its path. The exceptions are listed, each with its reason.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { checkConstraints, Path, Report, writeMessage } from '../codec/index.ts';
import { type Field } from '../tables/index.ts';
import { ACCEPTED } from '../testing/accepted-messages.ts';
import { DECODERS, triedFields } from '../testing/field-walk.ts';
import { WITHOUT_EFFECT } from '../testing/without-effect.ts';
import { readCluster } from './index.ts';

test('the bases are accepted as they are', () => {
  for (const [name, base] of ACCEPTED) {
    const report = new Report();
    DECODERS.get(name)?.decode(base as never, report);
    checkConstraints(name, base as never, Path.ROOT, report);
    assert.deepEqual(report.diagnostics(), []);
  }
});

test('every field of every supported message is consumed or refused; what is accepted settles after one round', () => {
  const seen = new Set<string>();
  const tried = new Map<string, Field>();
  let accepted = 0;
  for (const { id, field, row, changed, report, both } of triedFields()) {
    tried.set(id, field);
    if (report.failed || changed) seen.add(id);
    if (report.failed || both.again === undefined) continue;
    const settled = both.again(row as never, report);
    assert.deepEqual(report.diagnostics(), [], id);
    assert.deepEqual(settled, row, id);
    accepted += 1;
  }
  const ignored = [...tried].filter(
    ([id, field]) => !seen.has(id) && !Object.hasOwn(WITHOUT_EFFECT, id) && !emptyMessage(field),
  );
  assert.deepEqual(
    ignored.map(([id]) => id),
    [],
    'ignored in silence',
  );
  assert.ok(accepted > 100, `${accepted} messages were accepted`);
  assert.ok(seen.size > 500, `${seen.size} fields were seen`);
});

/** An empty message in place of none says nothing by itself: its own fields are judged in their turn. */
const emptyMessage = (field: Field): boolean =>
  field.kind === 'message' && !field.repeated && field.mapKey === undefined && field.message.form === 'fields';

test('an unknown field number in a resource is refused', () => {
  const bytes = writeMessage('envoy.config.cluster.v3.Cluster', { name: 'c' });
  const read = readCluster(Uint8Array.from([...bytes, 0xfa, 0x3f, 0x01, 0x00]));
  assert.equal(read.ok ? '' : read.error[0]?.code, 'unknown-field');
});
