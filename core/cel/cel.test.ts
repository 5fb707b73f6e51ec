// The Common Expression Language over Envoy's attributes: results and errors as cel-spec has them, and what is refused when it is compiled.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import {
  type AttributeSource,
  CelDuration,
  CelError,
  CelFault,
  CelList,
  CelMap,
  CelTimestamp,
  CelUint,
  type CelValue,
  compileCel,
  MAX_CEL_LENGTH,
} from './index.ts';

const HEADERS: Readonly<Record<string, string>> = { 'x-a': '1', host: 'shop' };
const SAID: Readonly<Record<string, CelValue>> = {
  'request.path': '/a/b?c=d',
  'request.method': 'GET',
  'request.headers': new CelMap({ get: (name) => HEADERS[name], size: -1 }),
  'request.duration': new CelDuration(1_500_000_000n),
  'request.time': new CelTimestamp(10_000_000_000n),
  'response.code': 503n,
  'connection.id': new CelUint(7n),
  'connection.mtls': true,
  'metadata.filter_metadata': new CelMap({
    get: (name) => (name === 'n' ? new CelMap({ get: (key) => (key === 'k' ? 2.5 : undefined), size: 1 }) : undefined),
    size: 1,
  }),
};
const SOURCE: AttributeSource = { attribute: (name) => SAID[name] };

const shown = (value: CelValue): unknown => {
  if (value instanceof CelError) return 'error';
  if (value instanceof CelUint) return { uint: value.value };
  if (value instanceof CelDuration || value instanceof CelTimestamp) return value.nanoseconds;
  return value instanceof CelList ? value.items.map(shown) : value;
};

const WORDS = `request . path headers [ ] "x-a" ( ) 1 2u 1.5 == < && || ! - in ? : , + / has size matches true
  response.code duration("1s") '`.split(/\s+/);

const RESULTS: readonly (readonly [expression: string, result: unknown])[] = [
  ['response.code >= 500 && request.method == "GET"', true],
  ['response.code / 100 == 5', true],
  ['request.headers["x-a"] == \'1\'', true],
  ['request.headers["x-b"] == "1"', 'error'],
  ['request.headers["x-b"] == "1" || response.code == 503', true],
  ['response.code == 503 || request.headers["x-b"] == "1"', true],
  ['request.headers["x-b"] == "1" && false', false],
  ['"x-a" in request.headers', true],
  ['"x-b" in request.headers', false],
  ['has(request.headers.host)', true],
  ['has(request.id)', false],
  ['has(request.path)', true],
  ['request.id == "a"', 'error'],
  ['request.method in ["PUT", "GET"]', true],
  ['request.path.startsWith("/a") && request.path.endsWith("d") && request.path.contains("?")', true],
  ['request.path.matches("b.c")', true],
  ['request.path.matches("^b")', false],
  ['matches(request.path, "^/a")', true],
  ['request.duration > duration("1s")', true],
  ['request.duration <= duration("1.5s")', true],
  ['request.duration - duration("500ms")', 1_000_000_000n],
  ['request.time + duration("1s")', 11_000_000_000n],
  ['connection.id', { uint: 7n }],
  ['connection.id == 7', true],
  ['connection.id + 1', 'error'],
  ['connection.id + 1u', { uint: 8n }],
  ['metadata.filter_metadata["n"]["k"] > 2', true],
  ['metadata.filter_metadata.n.k == 2.5', true],
  ['metadata.filter_metadata["m"]["k"]', 'error'],
  ['size(request.method) == 3', true],
  ['request.method.size()', 3n],
  ['size([1, 2])', 2n],
  ['[1, 2][1]', 2n],
  ['[1, 2][2]', 'error'],
  ['connection.mtls ? "m" : "p"', 'm'],
  ['response.code ? 1 : 2', 'error'],
  ['!connection.mtls', false],
  ['!response.code', 'error'],
  ['-response.code', -503n],
  ['1 + 2 * 3 - 4 % 3', 6n],
  ['(1 + 2) * 3', 9n],
  ['-7 / 2', -3n],
  ['-7 % 2', -1n],
  ['1 / 0', 'error'],
  ['1 % 0', 'error'],
  ['1.0 / 0.0 > 1.0', true],
  ['9223372036854775807 + 1', 'error'],
  ['0u - 1u', 'error'],
  ['0x10', 16n],
  ['1 == 1.0', true],
  ['1 == 1u', true],
  ['1 == "1"', false],
  ['1 < "1"', 'error'],
  ['1 < 2 && 2.5 < 3', true],
  ['"a" < "b"', true],
  ['"a" + "b"', 'error'],
  ['null == null', true],
  ['int("12") + int(2.9) + int(3u)', 17n],
  ['int("a")', 'error'],
  ['uint(-1)', 'error'],
  ['double(1) == 1.0', true],
  [String.raw`"\x41\u0042\103\n" == 'ABC' + 'x'`, 'error'],
  [String.raw`"\x41\u0042\103" == 'ABC'`, true],
  [String.raw`r'\d' == "\\d"`, true],
  ['"""a\n"b"""" == "a\\n\\"b"', 'fault'],
  ["'''a'b''' == \"a'b\"", true],
  ['true // the rest\n && true', true],
];

test('results', () => {
  for (const [expression, result] of RESULTS) {
    if (result === 'fault') assert.throws(() => compileCel(expression), CelFault, expression);
    else assert.deepEqual(shown(compileCel(expression)(SOURCE)), result, expression);
  }
});

test('refused when compiled, with the place', () => {
  const refused: readonly (readonly [expression: string, at: number, message: RegExp])[] = [
    ['', 0, /too early/],
    ['1 +', 3, /too early/],
    ['request.pth == "a"', 7, /request\.pth is no attribute/],
    ['foo', 0, /foo is no attribute/],
    ['lower(request.path)', 0, /lower .* no function/],
    ['[1].all(x, x > 0)', 3, /x is no attribute|no function/],
    ['request.path.matches("(")', 21, /RE2/],
    ['request.path.matches(request.method)', 28, /as a text/],
    ['size(request.headers)', 0, /not counted/],
    ['{"a": 1}', 0, /maps/],
    ['b"a"', 0, /bytes/],
    ['"a', 0, /without end/],
    ['duration("1")', 0, /duration/],
    ['99999999999999999999', 0, /too large/],
    ['1 # 2', 2, /unexpected/],
    ['1 2', 2, /unexpected 2/],
    ['(1', 2, /\) expected/],
    [`${'('.repeat(100)}1${')'.repeat(100)}`, 64, /too deep/],
    [`${'!'.repeat(100)}true`, 64, /too deep/],
    [`"${'a'.repeat(MAX_CEL_LENGTH)}"`, 0, /longer/],
  ];
  for (const [expression, at, message] of refused) {
    assert.throws(
      () => compileCel(expression),
      (error) => error instanceof CelFault && message.test(error.message) && Math.abs(error.at - at) <= 1,
      expression,
    );
  }
});

test('any text is compiled or refused, and what is compiled gives a value', () => {
  const word = fc.constantFrom(...WORDS);
  fc.assert(
    fc.property(fc.array(word, { maxLength: 14 }), (words) => {
      let program: ReturnType<typeof compileCel>;
      try {
        program = compileCel(words.join(' '));
      } catch (error) {
        assert.ok(error instanceof CelFault, String(error));
        return;
      }
      assert.notEqual(program(SOURCE), undefined);
    }),
    { numRuns: 3000 },
  );
});
