// Standard input that is slower than we, on a pipe that does not block: read to its end.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import path from 'node:path';
import { test } from 'node:test';

const READER = path.join(import.meta.dirname, 'stdin.ts');
/** What looks at process.stdin makes its pipe non-blocking; nothing is there when reading begins. */
const CHILD = `
  import { readStdin } from ${JSON.stringify(READER)};
  process.stdin;
  process.stdout.write('reading\\n');
  process.stdout.write('read ' + readStdin().length + '\\n');
`;

test('an empty pipe is waited for, and one that fills slower than it is read', async () => {
  const child = spawn(process.execPath, ['--input-type=module', '--eval', CHILD], {
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  let said = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    if (said === '') child.stdin.end('é'.repeat(300_000));
    said += text;
  });
  await once(child, 'close');
  assert.equal(child.exitCode, 0);
  assert.equal(said, 'reading\nread 300000\n');
});
