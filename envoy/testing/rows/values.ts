/** What the arbitrary rows share: names, numbers, addresses, matchers, header changes. */
import type { HeaderMatcher, HeaderMutations, LbMetadata, SocketAddress, StringMatcher } from '@weft/core/proxy-config';
import fc from 'fast-check';

export type Arb<T> = fc.Arbitrary<T>;

/** Objects as literals make them: with Object's prototype. */
export const record = <T extends object>(model: { [K in keyof T]: Arb<T[K]> }): Arb<T> =>
  fc.record(model, { noNullPrototype: true }) as Arb<T>;
export const maybe = <T>(arb: Arb<T>): Arb<T | undefined> => fc.option(arb, { nil: undefined });
export const few = <T>(arb: Arb<T>, max = 2): Arb<T[]> => fc.array(arb, { maxLength: max });
export const some = <T>(arb: Arb<T>, max = 2): Arb<T[]> => fc.array(arb, { minLength: 1, maxLength: max });
export const flag = fc.boolean();

export const name = fc.stringMatching(/^[a-z][a-z0-9.-]{0,11}$/);
export const uint32 = fc.nat(0xffffffff);
export const small = fc.integer({ min: 1, max: 100_000 });
export const percent = fc.integer({ min: 0, max: 100 });
export const ms = fc.integer({ min: 1, max: 10_000_000 });
export const msOrNone = fc.oneof(fc.constant(0), ms);
export const port = fc.integer({ min: 1, max: 65_535 });
export const text = fc.stringMatching(/^[a-zA-Z0-9_/.-]{1,10}$/);
export const source = maybe(fc.constantFrom('HTTPRoute/shop/orders#spec.rules[0]', 'Service/shop/web'));
export const regex = fc.constantFrom('a.*', '^[0-9]+$', '(?i)x', 'v[12]');
/** Sorted by key, as LbMetadata is. */
export const lbMetadata: Arb<LbMetadata> = fc
  .uniqueArray(fc.tuple(fc.constantFrom('stage', 'v', 'zone'), fc.oneof(text, fc.nat(9), flag)), {
    selector: ([key]) => key,
    maxLength: 3,
  })
  .map((entries) => entries.sort(([a], [b]) => (a < b ? -1 : 1)));
export const headerName = fc.stringMatching(/^x-[a-z]{1,6}$/);
export const ipText = fc.oneof(fc.constantFrom('127.0.0.1', '10.1.2.3', '::1', '2001:db8::5'));
export const cidr = fc.constantFrom('10.0.0.0/8', '192.168.1.0/24', '::/0', '2001:db8::/32', '1.2.3.4/32');

export const ipAddress: Arb<SocketAddress> = record({ kind: fc.constant('ip' as const), ip: ipText, port });
export const pipeAddress: Arb<SocketAddress> = record({
  kind: fc.constant('pipe' as const),
  path: text.map((path) => `/run/${path}`),
  mode: fc.constantFrom(0, 0o600),
});
export const internalAddress: Arb<SocketAddress> = record({
  kind: fc.constant('internal' as const),
  listener: fc.constantFrom('inner', 'encap'),
  endpointId: fc.constantFrom('', '10.0.0.1:80'),
});
export const namedAddress: Arb<SocketAddress> = record({
  kind: fc.constant('name' as const),
  name: fc.constantFrom('localhost', 'db.example.com'),
  port,
});

export const stringMatcher: Arb<StringMatcher> = fc.oneof(
  record({
    kind: fc.constantFrom('exact' as const, 'prefix' as const, 'suffix' as const, 'contains' as const),
    value: text,
    ignoreCase: flag,
  }),
  record({ kind: fc.constant('regex' as const), regex }),
);

export const headerMatcher: Arb<HeaderMatcher> = record({
  name: fc.oneof(headerName, fc.constantFrom(':method', ':authority')),
  match: fc.oneof(
    record({ kind: fc.constant('string' as const), matcher: stringMatcher }),
    record({ kind: fc.constant('present' as const), present: flag }),
    record({ kind: fc.constant('range' as const), start: fc.integer(), end: fc.integer() }),
  ),
  invert: flag,
  treatMissingAsEmpty: flag,
});

export const fraction = record({
  numerator: fc.nat(100),
  denominator: fc.constantFrom(100 as const, 10_000 as const, 1_000_000 as const),
}).chain((made) => fc.constantFrom(made, { ...made, runtimeKey: 'some.key' }));

export const headerOption = record({
  name: headerName,
  value: text,
  append: fc.constantFrom(
    'append-if-exists-or-add' as const,
    'add-if-absent' as const,
    'overwrite-if-exists-or-add' as const,
    'overwrite-if-exists' as const,
  ),
  keepEmptyValue: flag,
});

export const headers: Arb<HeaderMutations> = record({
  requestRemove: few(headerName),
  requestAdd: few(headerOption),
  responseRemove: few(headerName),
  responseAdd: few(headerOption),
});
