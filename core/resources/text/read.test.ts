import assert from 'node:assert/strict';
import { test } from 'node:test';
import { formatDiagnostic, type Diagnostic } from '../../kernel/index.ts';
import { locate } from './locate.ts';
import { duplicateObjects, readObjects } from './read.ts';
import { writeYaml } from './write.ts';

const said = (text: string): readonly string[] => readObjects(text, 'f.yaml').diagnostics.map(formatDiagnostic);
const codes = (diagnostics: readonly Diagnostic[]): readonly string[] =>
  diagnostics.map(({ code, place }) => `${place.line}:${place.column} ${code}`);

const SERVICE = 'apiVersion: v1\nkind: Service\nmetadata: {name: a}\nspec: {ports: [{port: 80}]}\n';

test('all errors of a text at once, in its order, with place, path and remedy', () => {
  const text = `# shop
apiVersion: gateway.networking.k8s.io/v1
kind: HTTPRoute
metadata:
  name: orders
  namespace: shop
spec:
  rules:
    - matches:
        - path: {value: /a}
          hedaers: []
      backendRefs:
        - name: orders-v1
          port: "80"
---
apiVersion: v1
kind: Servce
metadata: {name: a}
---
apiVersion: weft.dev/v1alpha2
kind: Mesh
metadata: {name: m}
spec: {}
`;
  assert.deepEqual(said(text), [
    'f.yaml:11:11: HTTPRoute/shop/orders: spec.rules[0].matches[0].hedaers: unknown field `hedaers` (did you mean `headers`?)',
    'f.yaml:14:11: HTTPRoute/shop/orders: spec.rules[0].backendRefs[0].port: expected a whole number from 1 to 65535, found text "80" (remove the quotes)',
    'f.yaml:17:1: Servce/default/a: kind: unknown kind `Servce` (did you mean `Service`?)',
    'f.yaml:20:1: Mesh/m: apiVersion: `weft.dev/v1alpha2` has no kind Mesh (write `weft.dev/v1alpha1`)',
    'f.yaml:23:1: Mesh/m: spec.trustDomain: is required and missing (add `trustDomain`)',
  ]);
});

test('broken YAML is said in place, and the other documents are read', () => {
  const { objects, diagnostics } = readObjects(`a: [1\n---\n${SERVICE}---\nb:\n\t- c\n`, 'f');
  assert.equal(objects.length, 1);
  assert.ok(diagnostics.length >= 2);
  assert.deepEqual(new Set(diagnostics.map(({ code }) => code)), new Set(['invalid-yaml']));
  assert.deepEqual(diagnostics.map(({ place }) => place.line).toSorted((a, b) => (a ?? 0) - (b ?? 0))[0], 2);
});

test('a text without objects is no error', () => {
  for (const text of ['', '# nothing\n', '---\n', '---\n# a\n---\n', 'null\n', '\ufeff', '\n\n']) {
    assert.deepEqual(readObjects(text, 'f'), { objects: [], diagnostics: [] }, JSON.stringify(text));
  }
});

test('JSON, with tabs, is read', () => {
  const text =
    '{\n\t"apiVersion": "v1",\n\t"kind": "Service",\n\t"metadata": {"name": "a"},\n\t"spec": {"ports": [{"port": 80, "x": 1}]}\n}';
  assert.deepEqual(codes(readObjects(text, 'f').diagnostics), ['5:34 unknown-field']);
  assert.deepEqual(said(text.replace(', "x": 1', '')), []);
});

test('a List is its items, each with its own place', () => {
  const text = `apiVersion: v1
kind: List
items:
  - apiVersion: v1
    kind: Namespace
    metadata: {name: shop}
  - {apiVersion: v1, kind: Namespace, metadata: {name: B}}
  - 5
`;
  const { objects, diagnostics } = readObjects(text, 'f');
  assert.deepEqual(codes(diagnostics), ['7:50 invalid-name', '8:5 wrong-type']);
  assert.deepEqual(
    objects.map(({ origin }) => origin.firstLine),
    [4, 7],
  );
  const [first, second] = objects;
  assert.ok(first && second);
  assert.deepEqual(locate(first.origin, 'metadata.name'), { line: 6, column: 16 });
  assert.deepEqual(locate(second.origin, 'metadata.name'), { line: 7, column: 50 });
  assert.deepEqual(codes(readObjects('kind: List\nitems: 5\nextra: 1\n', 'f').diagnostics), [
    '1:1 unknown-version',
    '2:1 wrong-type',
    '3:1 unknown-field',
  ]);
});

test('the origin is the object’s own text, and a field is found in it at the file’s line and column', () => {
  const text = `# first\n---\n# second\n${SERVICE}---\n# third\napiVersion: v1\nkind: Namespace\nmetadata:\n  name: b # here\n`;
  const { objects } = readObjects(text, 'dir/f.yaml');
  assert.deepEqual(
    objects.map(({ origin }) => [origin.file, origin.firstLine]),
    [
      ['dir/f.yaml', 4],
      ['dir/f.yaml', 10],
    ],
  );
  const [service, namespace] = objects;
  assert.ok(service && namespace);
  assert.equal(service.origin.text, SERVICE);
  assert.deepEqual(locate(service.origin, 'spec.ports[0].port'), { line: 7, column: 17 });
  assert.deepEqual(locate(service.origin, 'spec.ports[0].protocol'), { line: 7, column: 16 });
  assert.deepEqual(locate(service.origin, 'spec.ports[7]'), { line: 7, column: 8 });
  assert.deepEqual(locate(service.origin, ''), { line: 4, column: 1 });
  assert.deepEqual(locate(service.origin, 'no path ['), { line: 4, column: 1 });
  assert.deepEqual(locate(namespace.origin, ['metadata', 'name']), { line: 13, column: 3 });
});

test('duplicate keys, complex keys, tags and merge keys are said', () => {
  const text = `apiVersion: v1
kind: Service
metadata: {name: a}
spec:
  ports: [{port: 80, port: 81}]
  ? [a]
  : b
  <<: {}
  selector: !set {a}
`;
  assert.deepEqual(codes(readObjects(text, 'f').diagnostics), [
    '5:22 duplicate-key',
    '6:5 complex-key',
    '8:3 unsupported-merge-key',
    '9:18 unsupported-tag',
  ]);
});

test('words that kubectl reads otherwise are warned of, in quotes they are not', () => {
  const text = (value: string): string =>
    `apiVersion: v1\nkind: Namespace\nmetadata: {name: a, labels: {b: ${value}}}\n`;
  assert.deepEqual(codes(readObjects(text('no'), 'f').diagnostics), ['3:33 yaml-1.1-word']);
  assert.equal(readObjects(text('no'), 'f').diagnostics[0]?.severity, 'warning');
  assert.deepEqual(said(text('"no"')), []);
  assert.deepEqual(codes(readObjects(text('true'), 'f').diagnostics), ['3:30 wrong-type']);
  const octal = SERVICE.replace('80', '0080');
  assert.deepEqual(codes(readObjects(octal, 'f').diagnostics), ['4:23 yaml-1.1-octal']);
});

test('what is written has such words in quotes', () => {
  const value = {
    a: 'yes',
    on: 'no',
    n: '010',
    b: '1e3',
    c: 'null',
    d: '',
    e: '~',
    f: '0x1f',
    g: '- a',
    h: 'a: b',
    i: '#',
    j: 'x\ny',
  };
  const text = writeYaml(value);
  for (const word of ['"yes"', '"on"', '"no"', '"n"', '"010"']) assert.ok(text.includes(word), `${word} in ${text}`);
  const { objects } = readObjects(text, 'f');
  assert.deepEqual(objects[0]?.written, value);
});

test('an empty field is not there', () => {
  assert.deepEqual(said(`${SERVICE}status:\n`), []);
  assert.deepEqual(said(SERVICE.replace('{ports: [{port: 80}]}', '')), [
    'f.yaml:4:1: Service/default/a: spec: is required and missing (add `spec`)',
  ]);
});

test('anchors are followed within a document, and not beyond', () => {
  const used = SERVICE.replace('{app: x}', '').replace('spec: {', 'spec: {selector: &s {app: x}, ');
  const twice = `apiVersion: v1\nkind: Service\nmetadata: {labels: &s {app: x}, name: a}\nspec: {selector: *s, ports: [{port: 80}]}\n`;
  assert.deepEqual(said(twice), []);
  assert.deepEqual(readObjects(twice, 'f').objects[0]?.object?.spec, {
    ...(readObjects(used, 'f').objects[0]?.object?.spec ?? assert.fail()),
  });
  const beyond = `${used}---\n${SERVICE.replace('spec: {', 'spec: {selector: *s, ').replace('name: a', 'name: b')}`;
  assert.equal(readObjects(beyond, 'f').diagnostics.length, 1);
});

test('a billion laughs are not laughed', () => {
  let text = 'a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n';
  for (let index = 1; index < 12; index += 1) {
    text += `a${index}: &a${index} [${`*a${index - 1}, `.repeat(10)}]\n`;
  }
  const { objects, diagnostics } = readObjects(text, 'f');
  assert.equal(objects.length, 0);
  assert.deepEqual(
    diagnostics.map(({ code }) => code),
    ['too-large'],
  );
});

test('an alias to what holds it ends', () => {
  assert.deepEqual(
    readObjects('a: &a [*a]\n', 'f').diagnostics.map(({ code }) => code),
    ['endless-alias'],
  );
});

test('depth, length and number are bounded', () => {
  const only = (text: string): readonly (string | undefined)[] => [
    ...new Set(readObjects(text, 'f').diagnostics.map(({ code }) => code)),
  ];
  assert.deepEqual(only(`a: ${'['.repeat(70)}${']'.repeat(70)}`), ['too-large']);
  assert.ok(only('['.repeat(100_000)).includes('too-large'));
  assert.ok(only('- '.repeat(100_000)).includes('too-large'));
  assert.ok(only('{a: '.repeat(20_000)).includes('too-large'));
  assert.deepEqual(only('x'.repeat(4_194_305)), ['too-large']);
  assert.deepEqual(only('a: 1\n'.repeat(1000)), ['duplicate-key', 'more-findings']);
  assert.deepEqual(only('---\n1\n'.repeat(10_001)), ['too-large']);
});

test('a key named __proto__ is a key like any other', () => {
  const { diagnostics } = readObjects(`${SERVICE}__proto__: {polluted: 1}\n`, 'f');
  assert.deepEqual(codes(diagnostics), ['5:1 unknown-field']);
  assert.equal(Reflect.get({}, 'polluted'), undefined);
});

test('the same object twice in a text is an error at the second', () => {
  const text = `${SERVICE}---\n${SERVICE.replace('name: a', 'name: a, namespace: default')}`;
  assert.deepEqual(said(text), [
    'f.yaml:6:1: Service/default/a: is there already, at f.yaml:1 (remove one of the two, or rename it)',
  ]);
  assert.deepEqual(codes(readObjects(text, 'f', { namespace: 'other' }).diagnostics), []);
  const [one, two] = ['a.yaml', 'b.yaml'].map((file) => readObjects(SERVICE, file).objects);
  assert.ok(one && two);
  assert.deepEqual(duplicateObjects([...one, ...two]).map(formatDiagnostic), [
    'b.yaml:1:1: Service/default/a: is there already, at a.yaml:1 (remove one of the two, or rename it)',
  ]);
});

test('nothing of a text steers the terminal that shows its findings', () => {
  const evil = '\\u001b[31m\\u009b\\u2028\\u007f';
  const text = `{apiVersion: "v1${evil}", kind: "Service${evil}", metadata: {name: "a${evil}"}, "x${evil}": 1, "x${evil}": 2}\n---\n`;
  const more = `{apiVersion: v1, kind: Service, metadata: {name: "a${evil}"}, "x${evil}": 1, spec: {type: "${evil}", "p${evil}": 1, ports: "${evil}"}}`;
  const raw = `---\n!\u001b[31m a\n---\n&\u001b b: *\u001bc\n---\n\u001b: [\n`;
  for (const input of [text, more, raw, text + more]) {
    const lines = said(input);
    assert.ok(lines.length > 0);
    for (const line of lines) assert.match(line, /^[ -~’]+$/u, JSON.stringify(line));
  }
});

test('a key of any length is said shortly', () => {
  const key = 'k'.repeat(100_000);
  const [line] = said(SERVICE.replace('spec: {', `spec: {${key}: 1, `));
  assert.ok(line !== undefined && line.length < 1000);
});
