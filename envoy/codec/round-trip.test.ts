import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { messageNames, messageType, type MessageName, type Messages } from '../tables/index.ts';
import { anyMessageOf } from '../testing/messages.ts';
import { readText, toJson } from '../text/index.ts';
import { readMessage, writeMessage } from './index.ts';
import { textSource } from '../text/yaml/index.ts';

const names = messageNames() as MessageName[];

const samples = fc.constantFrom(...names).chain((name) => {
  const type = messageType(name);
  assert.ok(type);
  return anyMessageOf(type, 2).map((message) => ({ name, message: message as Messages[MessageName] }));
});

test('bytes: what is written is read back, and written again equally', () => {
  fc.assert(
    fc.property(samples, ({ name, message }) => {
      const bytes = writeMessage(name, message);
      const read = readMessage(name, bytes);
      assert.ok(read.ok, JSON.stringify(read.ok ? '' : read.error));
      assert.deepEqual(read.value, message);
      assert.deepEqual(writeMessage(name, read.value), bytes);
    }),
    { numRuns: 400 },
  );
});

test('JSON: what is written is read back, in both spellings of the names', () => {
  fc.assert(
    fc.property(samples, ({ name, message }) => {
      const read = readText(name, textSource(JSON.stringify(toJson(name, message)), 'message.json'));
      assert.ok(read.ok, JSON.stringify(read.ok ? '' : read.error));
      assert.deepEqual(read.value.message, message);
    }),
    { numRuns: 300 },
  );
});

test('JSON: null is a value of google.protobuf.Value, and nothing elsewhere', () => {
  const value = readText('google.protobuf.Value', textSource('null', 'message.json'));
  assert.ok(value.ok);
  assert.equal(value.value.message, null);
  const node = readText('envoy.config.core.v3.Node', textSource('{"id": null}', 'message.json'));
  assert.ok(node.ok);
  assert.deepEqual(node.value.message, {});
});

test('every message type is usable: empty, and by each field alone', () => {
  for (const name of names) {
    const type = messageType(name);
    assert.ok(type);
    if (type.form !== 'fields') continue;
    assert.equal(writeMessage(name, {} as Messages[MessageName]).length, 0);
    for (const field of type.fields) if (field.kind === 'message') assert.ok(field.message.name);
  }
});
