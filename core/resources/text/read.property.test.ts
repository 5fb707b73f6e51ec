import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { type Diagnostic, formatDiagnostic } from '../../kernel/index.ts';
import { admitObject } from '../admit.ts';
import { kindOfObject, kindOfWord } from '../kinds.ts';
import { bodyOf } from '../kind.ts';
import { isMapping } from '../schema/violations.ts';
import { type FieldPath, formatPath } from '../schema/path.ts';
import type { Schema } from '../schema/schema.ts';
import { anyObject, type Generated } from '../testing/arbitrary.ts';
import { locate } from './locate.ts';
import { readObjects } from './read.ts';
import { writeYaml } from './write.ts';

const errorsOf = (diagnostics: readonly Diagnostic[]): readonly Diagnostic[] =>
  diagnostics.filter(({ severity }) => severity === 'error');

/** Some kinds have rules about the whole object, so a rare generated one is invalid: those are left out. */
const valid = anyObject.filter(({ written }) => errorsOf(admitObject(written).diagnostics).length === 0);

test('what is printed is read back: the same value, no finding of the reader, the same defaults', () => {
  fc.assert(
    fc.property(fc.array(valid, { minLength: 1, maxLength: 3 }), (objects) => {
      const text = objects.map(({ written }) => writeYaml(written)).join('---\n');
      const result = readObjects(text, 'f.yaml');
      const wrong = result.diagnostics.filter(
        ({ code }) => !['duplicate-object', 'no-effect', 'duplicate-entry', 'any-audience'].includes(code),
      );
      assert.deepEqual(wrong.map(formatDiagnostic), []);
      assert.deepEqual(
        result.objects.map(({ written }) => written),
        objects.map(({ written }) => written),
      );
      for (const [index, { object }] of result.objects.entries()) {
        const { origin, ...rest } = object ?? assert.fail('an object without error is there');
        assert.deepEqual(rest, admitObject(objects[index]?.written).object);
        assert.equal(origin?.file, 'f.yaml');
      }
    }),
    { numRuns: 150 },
  );
});

test('a complete object is a fixed point: its defaults are written out, and admitted again it is the same', () => {
  fc.assert(
    fc.property(valid, ({ written }) => {
      const { object } = admitObject(written);
      assert.ok(object);
      const { apiVersion, kind, spec } = object;
      const body = bodyOf(kindOfObject(object) ?? assert.fail(), spec);
      const again = admitObject({ apiVersion, kind, metadata: written['metadata'], ...body });
      assert.deepEqual(again.object, object);
    }),
    { numRuns: 150 },
  );
});

/** Every place of a value where a mutation can be made, with the kind of schema that holds there. */
function* places(schema: Schema, value: unknown, path: FieldPath): Generator<{ path: FieldPath; shape: string }> {
  yield { path, shape: schema.kind };
  if (schema.kind === 'object' && isMapping(value)) {
    for (const [name, field] of Object.entries(schema.fields)) {
      if (value[name] !== undefined) yield* places(field.schema, value[name], [...path, name]);
    }
  }
  if (schema.kind === 'array' && Array.isArray(value)) {
    for (const [index, item] of value.entries()) yield* places(schema.items, item, [...path, index]);
  }
  if (schema.kind === 'map' && isMapping(value)) {
    for (const [key, entry] of Object.entries(value)) yield* places(schema.values, entry, [...path, key]);
  }
}

function replaced(value: unknown, path: FieldPath, change: (old: unknown) => unknown): unknown {
  const [first, ...rest] = path;
  if (first === undefined) return change(value);
  if (Array.isArray(value)) return value.map((item, index) => (index === first ? replaced(item, rest, change) : item));
  if (!isMapping(value)) return assert.fail('the path leads through the value');
  return { ...value, [first]: replaced(value[String(first)], rest, change) };
}

const placed = valid.chain((generated: Generated) => {
  const { spec, layout } = kindOfWord(generated.kind) ?? assert.fail();
  const root = layout === 'root';
  const all = [...places(spec, root ? generated.written : generated.written['spec'], root ? [] : ['spec'])];
  return fc.constantFrom(...all).map((place) => ({ ...generated, ...place }));
});

/** Line and column of the entry that holds `marker`, told from the text alone. */
function positionOf(text: string, marker: string): { line: number; column: number } {
  const lines = text.split('\n');
  const index = lines.findIndex((line) => line.includes(marker));
  const lead = /^(?:\s|- )*/.exec(lines[index] ?? '')?.[0].length ?? 0;
  return { line: index + 1, column: lead + 1 };
}

const PREAMBLE = '# a comment\n---\n\n';

function expectOne(written: unknown, marker: string, code: string, path: FieldPath): void {
  const text = `${PREAMBLE}${writeYaml(written)}`;
  const { objects, diagnostics } = readObjects(text, 'f.yaml');
  const errors = errorsOf(diagnostics);
  assert.equal(errors.length, 1, errors.map(formatDiagnostic).join('\n'));
  const place = errors[0]?.place;
  assert.equal(errors[0]?.code, code);
  assert.equal(place?.path, formatPath(path));
  assert.equal(place.file, 'f.yaml');
  const { line, column } = positionOf(text, marker);
  assert.deepEqual({ line: place.line, column: place.column }, { line, column });
  assert.equal(objects[0]?.object, undefined);
  assert.deepEqual(locate(objects[0]?.origin ?? assert.fail(), path), { line, column });
}

test('an unknown field anywhere is the one error, at its path and position', () => {
  fc.assert(
    fc.property(
      placed.filter(({ shape }) => shape === 'object'),
      ({ written, path }) => {
        const mutated = replaced(written, path, (old) => ({ ...(isMapping(old) ? old : {}), qqUnknown: 1 }));
        expectOne(mutated, 'qqUnknown', 'unknown-field', [...path, 'qqUnknown']);
      },
    ),
    { numRuns: 150 },
  );
});

test('a wrong type anywhere is the one error, at its path and position', () => {
  fc.assert(
    fc.property(
      placed.filter(({ shape }) => ['string', 'integer', 'boolean'].includes(shape)),
      ({ written, path, shape }) => {
        const wrong = shape === 'string' ? 987_654_321_987 : 'qqWrong';
        expectOne(
          replaced(written, path, () => wrong),
          String(wrong),
          'wrong-type',
          path,
        );
      },
    ),
    { numRuns: 150 },
  );
});

const TOKENS = [
  'apiVersion: v1\n',
  'kind: Service\n',
  'kind: List\n',
  'items:\n',
  '- ',
  '  ',
  '\n',
  ': ',
  '{',
  '}',
  '[',
  ']',
  '&a ',
  '*a',
  '!!str ',
  '---\n',
  '...\n',
  '"',
  "'",
  '|\n',
  '>\n',
  '# ',
  '? ',
  ', ',
  'spec:\n',
  'metadata: {name: a}\n',
  '\t',
  '%',
  '@',
  '<<: ',
  '~',
  '\u0000',
  '\u{1f600}',
  '\ud800',
  '\r\n',
  '\ufeff',
  'yes',
  '0x1f',
  '__proto__: ',
];

test('any text is read without an exception, with places inside the text', () => {
  const text = fc.oneof(
    fc.string(),
    fc.array(fc.constantFrom(...TOKENS), { maxLength: 40 }).map((parts) => parts.join('')),
  );
  fc.assert(
    fc.property(text, (input) => {
      const lines = input.split('\n').length;
      for (const { place } of readObjects(input, 'f').diagnostics) {
        assert.ok((place.line ?? 0) >= 1 && (place.line ?? 0) <= lines + 1, `${JSON.stringify(place)} of ${lines}`);
        assert.ok((place.column ?? 0) >= 1);
      }
    }),
    { numRuns: 600 },
  );
});

test('a valid text with a piece cut out or put in is read without an exception', () => {
  fc.assert(
    fc.property(valid, fc.nat(), fc.nat(40), fc.constantFrom('', ...TOKENS), ({ written }, at, length, piece) => {
      const text = writeYaml(written);
      const start = at % text.length;
      readObjects(text.slice(0, start) + piece + text.slice(start + length), 'f');
    }),
    { numRuns: 200 },
  );
});
