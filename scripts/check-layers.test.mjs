// Breaches planted in source texts, each with the layer's file that it stands in: the check must see every one, and nothing else.
import assert from 'node:assert/strict';
import { globSync, readFileSync } from 'node:fs';
import test from 'node:test';
import { breaches } from './check-layers.mjs';
import { imports, sourceText } from './source-text.mjs';

const PURE_FILE = 'compile/queries/planted.ts';

/** [what, file, text, line of the breach]. */
const BREACHES = [
  ['import', PURE_FILE, "import fs from 'node:fs';", 1],
  ['side effect', PURE_FILE, "import 'node:fs';", 1],
  ['over many lines', PURE_FILE, "import {\n  a,\n  b,\n} from '@weft/envoy/tables';", 4],
  ['over many lines, end not at the margin', PURE_FILE, "import {\n  a,\n  b } from\n    '@weft/envoy/tables';", 4],
  ['two on a line', PURE_FILE, "import a from '@weft/core/kernel'; import b from '@weft/envoy/tables';", 1],
  ['types only', PURE_FILE, "import type { Cluster } from '@weft/envoy/resources';", 1],
  ['a type within an import', PURE_FILE, "import { type Cluster } from '@weft/envoy/resources';", 1],
  ['export from', PURE_FILE, "export { a } from '@weft/wire/http1';", 1],
  ['export all', PURE_FILE, "export * from '@weft/wire/http1';", 1],
  ['export all as', PURE_FILE, "export * as h from '@weft/wire/http1';", 1],
  ['dynamic import', PURE_FILE, "export const a = () => import('node:fs');", 1],
  ['dynamic import over lines', PURE_FILE, "export const a = () => import(\n  'node:fs'\n);", 2],
  ['dynamic import after a comment', PURE_FILE, "export const a = () => import(/* why */ 'node:fs');", 1],
  ['dynamic import of a template', PURE_FILE, 'export const a = () => import(`node:fs`);', 1],
  ['computed import', PURE_FILE, 'export const a = (b: string) => import(b);', 1],
  ['computed by a template', PURE_FILE, 'export const a = (b: string) => import(`node:${b}`);', 1],
  ['computed by a sum', PURE_FILE, "export const a = () => import('node:' + 'fs');", 1],
  ['type of an import', PURE_FILE, "export type A = import('node:fs').Stats;", 1],
  ['import by require', PURE_FILE, "import fs = require('node:fs');", 1],
  ['require', PURE_FILE, "const fs = require('fs');", 1],
  ['more of node:module', 'core/decide/planted.ts', "import { createRequire, registerHooks } from 'node:module';", 1],
  ['a built-in on demand', PURE_FILE, "const a = require('node:fs');", 1],
  ['built-in without node:', PURE_FILE, "import fs from 'fs';", 1],
  ['after a regular expression with a quote', PURE_FILE, "const a = /'/;\nimport fs from 'node:fs';", 2],
  ['after a template with a quote', PURE_FILE, "const a = `it's ${b} '`;\nimport fs from 'node:fs';", 2],
  ['after a comment with a quote', PURE_FILE, "// it's\nimport fs from 'node:fs';", 2],
  ['within a template', PURE_FILE, 'const a = `x ${Date.now()} y`;', 1],
  ['Buffer', PURE_FILE, "const a = Buffer.from('a');", 1],
  ['Date', PURE_FILE, 'const a = Date.now();', 1],
  ['new Date', PURE_FILE, 'const a = new Date();', 1],
  ['async function', PURE_FILE, 'export async function a() {}', 1],
  ['async arrow', PURE_FILE, 'export const a = async (b) => b;', 1],
  ['async arrow without brackets', PURE_FILE, 'export const a = async b => b;', 1],
  ['async method', PURE_FILE, 'class A {\n  async b() {}\n}', 2],
  ['private async method', PURE_FILE, 'class A {\n  async #b() {}\n}', 2],
  ['async generator method', PURE_FILE, 'class A {\n  async *b() {}\n}', 2],
  ['promise as a type', PURE_FILE, 'export type A = Promise<number>;', 1],
  ['promise', PURE_FILE, 'const a = Promise.withResolvers();', 1],
  ['for await', PURE_FILE, 'for await (const a of b) c(a);', 1],
  ['randomness', PURE_FILE, 'const a = Math.random();', 1],
  ['randomness of the web', PURE_FILE, 'crypto.getRandomValues(a);', 1],
  ['environment', PURE_FILE, 'const a = process.env.A;', 1],
  ['console', PURE_FILE, 'console.log(1);', 1],
  ['timer', PURE_FILE, 'setInterval(a, 1);', 1],
  ['immediate', PURE_FILE, 'setImmediate(a);', 1],
  ['microtask', PURE_FILE, 'queueMicrotask(a);', 1],
  ['performance', PURE_FILE, 'const a = performance.now();', 1],
  ['fetch', PURE_FILE, "const a = fetch('http://a');", 1],
  ['by way of globalThis', PURE_FILE, "const a = globalThis['Da' + 'te'];", 1],
  ['relative import out of the layer', PURE_FILE, "import a from '../../envoy/tables/index.ts';", 1],
  ['own layer by name', PURE_FILE, "import a from '@weft/compile/queries';", 1],
  ['a test file', PURE_FILE, "import a from './a.test.ts';", 1],
  ["a folder for tests, the layer's own", PURE_FILE, "import a from '../testing/view.ts';", 1],
  ["a folder for tests, another layer's", PURE_FILE, "import a from '@weft/core/mesh-view/testing';", 1],
  ['the engine and node:http', 'proxy/http/planted.ts', "import http from 'node:http';", 1],
  ['the engine and node:http2', 'proxy/http/planted.ts', "import type { Http2Session } from 'node:http2';", 1],
  ['the engine and Envoy', 'proxy/http/planted.ts', "import a from '@weft/envoy/resources';", 1],
  ['control and the engine', 'control/api/planted.ts', "import a from '@weft/proxy/engine';", 1],
  ['an app', 'agent/agent/planted.ts', "import a from '@weft/apps/cli';", 1],
  ['a package', 'core/kernel/planted.ts', "import a from 'left-pad';", 1],
  ['a folder that nobody wrote down', 'misc/planted.ts', 'export {};', 1],
];

test('every planted breach is found, on its line', () => {
  for (const [what, file, text, line] of BREACHES) {
    const found = breaches(file, text);
    assert.ok(found.length > 0, what);
    for (const one of found) assert.ok(one.startsWith(`${file}:${line}: `), `${what}: ${one}`);
  }
});

const ALLOWED = [
  ["import { err } from '@weft/core/kernel';\nexport * from './other.ts';", PURE_FILE],
  ["import { createRequire } from 'node:module';", 'core/decide/planted.ts'],
  ["// import fs from 'node:fs';\n/* Date.now()\n * await Buffer */", PURE_FILE],
  ["const a = \"import fs from 'node:fs'\";\nconst b = `from 'node:fs' Date.now() ${1} Buffer`;", PURE_FILE],
  ["const a = /from 'node:fs' Date/;\nconst b = 4 / 2 / 1; // Date", PURE_FILE],
  ["const asynchronous = { process: 1, from: 'node:fs', fetch: 2 };\nconst update = row.Date;", PURE_FILE],
  ["import fc from 'fast-check';\nimport fs from 'node:fs';\nconst a = Date.now();", 'compile/queries/planted.test.ts'],
  ["import http from 'node:http';\nimport { a } from '../testing/load.ts';", 'proxy/http/planted.test.ts'],
  ["import http from 'node:http';", 'agent/agent/planted.ts'],
];

test('comments, strings, regular expressions and what tests may do are no breaches', () => {
  for (const [text, file] of ALLOWED) assert.deepEqual(breaches(file, text), [], text);
});

test("the project's own files are read to their end: as many imports as lines that say so", () => {
  const files = globSync('{core,compile,wire,envoy,proxy,agent,control}/**/*.ts', {
    exclude: (name) => name === 'node_modules' || name === 'generated',
  });
  for (const file of files) {
    const text = readFileSync(file, 'utf8');
    const source = sourceText(text);
    assert.equal(source.code.length, text.length, file);
    const said = text.split('\n').filter((line) => /^(?:import|export|\}).*\bfrom '[^']+';$/.test(line)).length;
    const seen = imports(source).filter(({ line }) => /^(?:import|export|\})/.test(text.split('\n')[line - 1])).length;
    assert.ok(seen >= said, `${file}: ${seen} imports seen, ${said} written`);
  }
});
