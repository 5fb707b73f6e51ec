/** Arbitrary metadata and matchers of it. */
import type {
  MetadataMatcher,
  MetadataStruct,
  MetadataValue,
  StaticMetadata,
  ValueMatcher,
} from '@weft/core/proxy-config';
import fc from 'fast-check';
import { type Arb, flag, name, record, some, stringMatcher, text } from './values.ts';

const value: Arb<MetadataValue> = fc.letrec<{ value: MetadataValue }>((tie) => ({
  value: fc.oneof(
    { maxDepth: 2 },
    fc.constant(null),
    flag,
    fc.constantFrom(0, 1, -2.5),
    text,
    fc.array(tie('value'), { maxLength: 2 }),
    fc.dictionary(fc.constantFrom('a', 'b', '__proto__', 'constructor'), tie('value'), {
      noNullPrototype: true,
      maxKeys: 2,
    }),
  ),
})).value;

export const metadataStruct: Arb<MetadataStruct> = fc.dictionary(name, value, { noNullPrototype: true, maxKeys: 2 });

/** Namespaces that are not ours. */
export const staticMetadata: Arb<StaticMetadata> = fc
  .uniqueArray(fc.tuple(name, metadataStruct), { selector: ([namespace]) => namespace, maxLength: 2 })
  .map((made) => made.toSorted(([a], [b]) => (a < b ? -1 : 1)));

const valueMatcher: Arb<ValueMatcher> = fc.letrec<{ matcher: ValueMatcher }>((tie) => ({
  matcher: fc.oneof(
    { maxDepth: 2 },
    fc.constant({ kind: 'null' as const }),
    record({ kind: fc.constant('number' as const), exact: fc.constantFrom(0, 1.5) }),
    record({ kind: fc.constant('range' as const), start: fc.constantFrom(0, -1.5), end: fc.constant(9) }),
    record({ kind: fc.constant('string' as const), matcher: stringMatcher }),
    record({ kind: fc.constant('bool' as const), value: flag }),
    record({ kind: fc.constant('present' as const), present: flag }),
    record({ kind: fc.constant('list' as const), item: tie('matcher') }),
    record({ kind: fc.constant('or' as const), matchers: fc.tuple(tie('matcher'), tie('matcher')) }),
  ),
})).matcher;

export const metadataMatcher: Arb<MetadataMatcher> = record({
  namespace: name,
  path: some(text),
  value: valueMatcher,
  invert: flag,
});

/** The row with metadata of its own, or without. */
export const withMetadata = <Row extends object>(row: Row): Arb<Row & { readonly metadata?: StaticMetadata }> =>
  staticMetadata.map((metadata) => (metadata.length === 0 ? row : { ...row, metadata }));
