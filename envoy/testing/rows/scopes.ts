/** Arbitrary scoped routes. */
import type { RouteScope, ScopedRoutes } from '@weft/core/proxy-config';
import fc from 'fast-check';
import { routesNamed } from './routes.ts';
import { type Arb, flag, headerName, name, record, some } from './values.ts';

const inline = record({ kind: fc.constant('inline' as const), configuration: routesNamed(fc.constant('inline')) });

export const routeScope: Arb<RouteScope> = record({
  name,
  key: some(name, 2),
  routes: fc.oneof(record({ kind: fc.constant('rds' as const), name }), inline),
  onDemand: flag,
});

export const scopedRoutes: Arb<ScopedRoutes> = record({
  kind: fc.constant('scoped' as const),
  name,
  fragments: some(
    record({
      header: headerName,
      elementSeparator: fc.constantFrom(',', ';'),
      element: fc.oneof(
        record({ kind: fc.constant('index' as const), index: fc.nat(3) }),
        record({ kind: fc.constant('keyed' as const), separator: fc.constant('='), key: name }),
      ),
    }),
    2,
  ),
  scopes: fc.constantFrom(0, 1, 2).chain((count) =>
    count === 0
      ? fc.constant(undefined)
      : fc.tuple(
          ...Array.from({ length: count }, (_, index) =>
            record({
              name: fc.constant(`scope-${index}`),
              key: fc.constant([`key-${index}`]),
              routes: inline,
              onDemand: fc.constant(false),
            }),
          ),
        ),
  ),
});
