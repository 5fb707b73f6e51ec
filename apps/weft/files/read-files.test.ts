import assert from 'node:assert/strict';
import { mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { test } from 'node:test';
import { formatDiagnostic } from '@weft/core/kernel';
import { temporaryFolder } from '@weft/testkit/folder';
import { readFiles } from './read-files.ts';

const service = (name: string): string =>
  `apiVersion: v1\nkind: Service\nmetadata: { name: ${name} }\nspec: { ports: [{ port: 80 }] }\n`;

test('files and folders in order, every finding with its file and line', () => {
  using folder = temporaryFolder();
  const nested = path.join(folder.path, 'sub');
  mkdirSync(nested);
  writeFileSync(path.join(folder.path, 'b.yaml'), service('b'));
  writeFileSync(path.join(nested, 'a.yml'), service('a').replace('ports', 'prots'));
  writeFileSync(path.join(folder.path, 'notes.txt'), 'not an object');
  const read = readFiles([folder.path, path.join(folder.path, 'absent.yaml')], 'shop');
  assert.deepEqual(
    read.files.map((file) => path.basename(file)),
    ['b.yaml', 'a.yml'],
  );
  assert.equal(read.objects[0]?.object?.metadata.namespace, 'shop');
  const findings = read.diagnostics.map(formatDiagnostic);
  assert.ok(
    findings.some((text) => /a\.yml:4:\d+: .*unknown field `prots`.*ports/.test(text)),
    findings.join('\n'),
  );
  assert.ok(
    findings.some((text) => /absent\.yaml: there is no such file/.test(text)) ||
      findings.some((text) => /absent\.yaml/.test(text)),
  );
});
