import assert from 'node:assert/strict';
import { chmodSync, chownSync, mkdirSync, readFileSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { test } from 'node:test';
import { temporaryFolder } from '@weft/testkit/folder';
import { AgentError } from '../errors.ts';
import { AgentFolder } from './index.ts';

test('a key is written into a new file of mode 0600: no link is followed, no file that lay there is taken over', () => {
  using temporary = temporaryFolder();
  const elsewhere = path.join(temporary.path, 'elsewhere');
  writeFileSync(elsewhere, 'theirs');
  const folder = new AgentFolder(path.join(temporary.path, 'agent'));
  symlinkSync(elsewhere, folder.file('.key.pem.new'));
  symlinkSync(elsewhere, folder.file('key.pem'));
  folder.write('key.pem', 'secret');
  assert.equal(readFileSync(elsewhere, 'utf8'), 'theirs');
  assert.equal(folder.read('key.pem'), 'secret');
  writeFileSync(folder.file('.other.new'), '');
  chmodSync(folder.file('.other.new'), 0o666);
  folder.write('other', 'secret');
  for (const name of ['key.pem', 'other']) assert.equal(statSync(folder.file(name)).mode & 0o777, 0o600, name);
});

test('a folder that others may enter is closed to them; one of another user is refused', (context) => {
  using temporary = temporaryFolder();
  const open = path.join(temporary.path, 'open');
  mkdirSync(open, { mode: 0o777 });
  chmodSync(open, 0o777);
  assert.equal(statSync(new AgentFolder(open).path).mode & 0o777, 0o700);
  if (process.getuid?.() !== 0) {
    context.diagnostic('the second half needs root');
    return;
  }
  chownSync(open, 65_534, 65_534);
  assert.throws(
    () => new AgentFolder(open),
    (error) => error instanceof AgentError && /another user/.test(error.message),
  );
});
