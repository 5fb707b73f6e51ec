import assert from 'node:assert/strict';
import { test } from 'node:test';
import { processLog } from './log.ts';

test('whatever a peer says stays in its line and steers no terminal', (context) => {
  const written: string[] = [];
  const write = context.mock.method(process.stderr, 'write', (text: string) => written.push(text) > 0);
  processLog('c').warn('reason: a\nb\x1b[2J', { detail: 'x\r\ny\u009b31m\u2028z', peer: '[::1]:1' });
  write.mock.restore();
  assert.equal(written.length, 1);
  assert.match(written[0] ?? '', /^[-0-9T:.Z]+ warn c: reason: a b \[2J detail="x\\r\\ny 31m z" peer="\[::1\]:1"\n$/);
});
