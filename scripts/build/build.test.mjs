// The build's own rules: what it points anew, and what it must not let pass. The package that comes of it: e2e/package.test.ts.
import assert from 'node:assert/strict';
import test from 'node:test';
import { ascii, builtins } from './plain-code.mjs';
import { chunkName, ownPlace, pointed } from './reached-by-path.mjs';

const FILE = 'proxy/part/module.ts';

test('a module by require, a thread by URL and known data are pointed to what the build has', () => {
  const made = pointed(
    'envoy/tables/names.ts',
    `const require = createRequire(import.meta.url);
const data = require('./generated/names.json') as unknown;
const part = () => require('./part.ts') as typeof import('./part.ts');
const other = () => require('re2js');
const thread = new Worker(new URL('thread.ts', import.meta.url), {});
`,
  );
  assert.deepEqual(made.problems, []);
  assert.match(made.text, /require\('\.\/names\.json'\)/);
  assert.match(made.text, /require\('\.\/envoy-tables-part\.js'\) as typeof import\('\.\/part\.ts'\)/);
  assert.match(made.text, /require\('\.\/re2js\.js'\)/);
  assert.match(made.text, /new URL\('\.\/envoy-tables-thread\.js', import\.meta\.url\)/);
  assert.deepEqual(made.data, ['envoy/tables/generated/names.json']);
  assert.deepEqual(made.modules.map(({ target }) => target).sort(), ['./part.ts', './thread.ts', 're2js'].sort());
});

for (const [what, text] of [
  ['data that nobody named', `const at = new URL('./words.txt', import.meta.url);`],
  ['data that nobody named, by require', `const require = createRequire(import.meta.url);\nrequire('./words.json');`],
  ['a computed URL', 'const at = new URL(`./${name}.ts`, import.meta.url);'],
  ['the own folder', `const here = import.meta.dirname;`],
  ['the own file', 'const here = import.meta.filename;'],
  ['a resolved path', `const at = import.meta.resolve('./x.ts');`],
  ['the own folder as in CommonJS', 'const here = __dirname;'],
  ['a computed require', 'const load = createRequire(import.meta.url);\nload(name);'],
  ['a required path', `const load = createRequire(import.meta.url);\nload.resolve('x');`],
  ['a require that is passed on', 'const load = createRequire(import.meta.url);\nuse(load);'],
  ['a require without a name', `createRequire(import.meta.url)('./x.ts');`],
  ['a computed import', 'const it = await import(name);'],
])
  test(`refused with its place: ${what}`, () => {
    const { problems } = pointed(FILE, `\n${text}\n`);
    assert.ok(problems.length > 0);
    assert.ok(
      problems.every((problem) => /^proxy\/part\/module\.ts:[23]: /.test(problem)),
      problems.join('\n'),
    );
  });

test('texts and comments name no path', () => {
  assert.deepEqual(pointed(FILE, "// import.meta.dirname\nconst a = 'new URL(x, import.meta.url)';\n").problems, []);
});

test('a library that reads its own folder is refused until somebody says why it may', () => {
  assert.equal(ownPlace('node_modules/some/index.js', 'read(__dirname)').length, 1);
  assert.deepEqual(ownPlace('node_modules/some/index.js', 'read(other.__dirname)'), []);
  assert.deepEqual(ownPlace('node_modules/@grpc/grpc-js/build/src/orca.js', 'read(__dirname)'), []);
});

test('each form of import of a module of Node becomes the module itself; one of another form is said', () => {
  const { code, problems } = builtins(`import net from "node:net";
import path$1, { join as join$1, sep } from "node:path";
import * as v8 from "node:v8";
import "node:module";
import { a } from "./a.js";
`);
  assert.deepEqual(problems, []);
  const got = (name) => `globalThis.process.getBuiltinModule("node:${name}")`;
  assert.equal(
    code,
    `const net = ${got('net')};
const path$1 = ${got('path')}, { join: join$1, sep } = ${got('path')};
const v8 = ${got('v8')};
${got('module')};
import { a } from "./a.js";
`,
  );
  assert.equal(builtins('export { readFileSync } from "node:fs";\n').problems.length, 1);
});

test('what is not ASCII is written by numbers, and means the same', () => {
  const code = 'globalThis.it = ["’…", `é${1}😀`, /[à-ü]/u.test("é"), /^😀$/u.test("😀")]';
  const made = ascii(code);
  assert.match(made, /^[\x00-\x7f]*$/);
  // biome-ignore lint/security/noGlobalEval: what the text means is the question
  assert.deepEqual((0, eval)(made), (0, eval)(code));
});

test('a chunk is called by its module', () => {
  assert.equal(chunkName('proxy/filters/buffer/filter.ts'), 'proxy-filters-buffer-filter.js');
  assert.equal(chunkName('node_modules/@grpc/grpc-js/build/src/index.js'), 'grpc-grpc-js-build-src-index.js');
});
