// Messages are counted alike however the body is cut.
import assert from 'node:assert/strict';
import { Buffer } from 'node:buffer';
import { test } from 'node:test';
import fc from 'fast-check';
import { MessageCount } from './message-count.ts';

test('messages are counted by their prefixes, whatever the slices', () => {
  fc.assert(
    fc.property(
      fc.array(fc.uint8Array({ maxLength: 300 })),
      fc.array(fc.integer({ min: 1, max: 40 })),
      (messages, cuts) => {
        const body = Buffer.concat(
          messages.map((message) => {
            const prefix = Buffer.alloc(5);
            prefix.writeUInt32BE(message.length, 1);
            return Buffer.concat([prefix, message]);
          }),
        );
        const count = new MessageCount();
        let at = 0;
        for (const cut of cuts) {
          count.take(body.subarray(at, at + cut));
          at += cut;
        }
        count.take(body.subarray(at));
        assert.equal(count.count, messages.length);
      },
    ),
  );
});
