import assert from 'node:assert/strict';
import path from 'node:path/posix';
import { test } from 'node:test';
import { browserFiles } from './browser-files.ts';

const ROOT = '/dashboard/';

test('whatever a file that the browser gets asks for, it gets', () => {
  const files = browserFiles();
  let asked = 0;
  for (const [file, text] of files) {
    if (!/\.[jt]s$/.test(file)) continue;
    for (const [, name = ''] of text.matchAll(/^\s*(?:import|export)\b[^'"`;]*?\bfrom\s*["']([^"']+)["']/gm)) {
      asked += 1;
      const wanted = name.startsWith('.') ? path.join(path.dirname(file), name) : name.slice(ROOT.length);
      assert.ok(name.startsWith('.') || name.startsWith(ROOT), `${file}: ${name} is no path`);
      assert.ok(files.has(wanted), `${file}: ${name} is not served`);
    }
  }
  assert.ok(asked > 80, `${asked} imports`);
});
