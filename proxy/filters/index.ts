/**
 * HTTP filters of a connection manager, in the order of its configuration; each kind is a folder here, loaded when a configuration first names
 * it: a process keeps no code of filters that it never had. Loading is at once (`require` of an ES module), since a configuration is applied
 * at once; no request waits for it. The router is not one of them.
 *
 * A new filter: its folder with a `filter.ts` that exports `make`, and its line below.
 */
import { createRequire } from 'node:module';
import type { FilterOverrideConfig, HttpFilter as HttpFilterRow } from '@weft/core/proxy-config';
import type { ServiceMessages } from '@weft/core/services';
import type { ServiceCalls } from '../calls/index.ts';
import type { EngineRuntime } from '../ports.ts';
import type { CompileFilter } from './chains.ts';
import type { HttpFilter } from './filter.ts';

const require = createRequire(import.meta.url);

/** One line a kind. Nothing here may be imported in the usual way: that would load it with the engine. */
const FOLDERS: { readonly [Kind in HttpFilterRow['kind']]: () => FilterFolder<Kind> } = {
  buffer: () => require('./buffer/filter.ts') as typeof import('./buffer/filter.ts'),
  compressor: () => require('./compressor/filter.ts') as typeof import('./compressor/filter.ts'),
  cors: () => require('./cors/filter.ts') as typeof import('./cors/filter.ts'),
  csrf: () => require('./csrf/filter.ts') as typeof import('./csrf/filter.ts'),
  decompressor: () => require('./decompressor/filter.ts') as typeof import('./decompressor/filter.ts'),
  'dynamic-forward-proxy': () =>
    require('./dynamic-forward-proxy/filter.ts') as typeof import('./dynamic-forward-proxy/filter.ts'),
  'ext-authz': () => require('./ext-authz/filter.ts') as typeof import('./ext-authz/filter.ts'),
  'ext-proc': () => require('./ext-proc/filter.ts') as typeof import('./ext-proc/filter.ts'),
  fault: () => require('./fault/filter.ts') as typeof import('./fault/filter.ts'),
  'grpc-stats': () => require('./grpc-stats/filter.ts') as typeof import('./grpc-stats/filter.ts'),
  'grpc-web': () => require('./grpc-web/filter.ts') as typeof import('./grpc-web/filter.ts'),
  'header-mutation': () => require('./header-mutation/filter.ts') as typeof import('./header-mutation/filter.ts'),
  'health-check': () => require('./health-check/filter.ts') as typeof import('./health-check/filter.ts'),
  'jwt-authn': () => require('./jwt-authn/filter.ts') as typeof import('./jwt-authn/filter.ts'),
  'local-rate-limit': () => require('./local-rate-limit/filter.ts') as typeof import('./local-rate-limit/filter.ts'),
  'on-demand': () => require('./on-demand/filter.ts') as typeof import('./on-demand/filter.ts'),
  'rate-limit': () => require('./rate-limit/filter.ts') as typeof import('./rate-limit/filter.ts'),
  rbac: () => require('./rbac/filter.ts') as typeof import('./rbac/filter.ts'),
  'set-metadata': () => require('./set-metadata/filter.ts') as typeof import('./set-metadata/filter.ts'),
  'stateful-session': () => require('./stateful-session/filter.ts') as typeof import('./stateful-session/filter.ts'),
};

/** What filters are made of. */
export interface FilterParts {
  readonly runtime: EngineRuntime;
  readonly calls: ServiceCalls;
  /** Throws where the engine was given none. */
  readonly messages: () => ServiceMessages;
  readonly statPrefix: string;
  /** A filter with a faulty rule is kept and refuses what that rule was about. */
  readonly report: (fault: string) => void;
}

type OfKind<Row, Kind> = Extract<Row, { readonly kind: Kind }>;

/** `overrides`: configurations of routes for this filter, the most specific first; one alone unless chains.ts says that the kind reads all levels. */
export type FilterMaker<Kind extends HttpFilterRow['kind']> = (
  row: OfKind<HttpFilterRow, Kind>,
  overrides: readonly OfKind<FilterOverrideConfig, Kind>[],
  parts: FilterParts,
) => HttpFilter;

/** What the `filter.ts` of a folder exports. */
interface FilterFolder<Kind extends HttpFilterRow['kind']> {
  readonly make: FilterMaker<Kind>;
}

export const filterCompiler =
  (parts: FilterParts): CompileFilter =>
  (row, overrides) =>
    make(row, overrides, parts);

function make<Kind extends HttpFilterRow['kind']>(
  row: HttpFilterRow & { readonly kind: Kind },
  overrides: readonly FilterOverrideConfig[],
  parts: FilterParts,
): HttpFilter {
  const same = overrides.filter((config): config is OfKind<FilterOverrideConfig, Kind> => config.kind === row.kind);
  return FOLDERS[row.kind]().make(row as OfKind<HttpFilterRow, Kind>, same, parts);
}
