/** HTTP filters of a connection manager, in the order of its configuration; each kind is a folder here. The router is not one of them. */
import type {
  FilterOverrideConfig,
  HttpFilter as HttpFilterRow,
  JwtAuthnFilter as JwtAuthnRow,
} from '@weft/core/proxy-config';
import type { ServiceMessages } from '@weft/core/services';
import type { ServiceCalls } from '../calls/index.ts';
import type { EngineRuntime } from '../ports.ts';
import type { CompileFilter } from './chains.ts';
import { BufferFilter } from './buffer/filter.ts';
import { CompressorFilter } from './compressor/filter.ts';
import { CorsFilter } from './cors/filter.ts';
import { CsrfFilter } from './csrf/filter.ts';
import { ExtAuthzFilter } from './ext-authz/filter.ts';
import { DecompressorFilter } from './decompressor/filter.ts';
import { FaultFilter } from './fault/filter.ts';
import type { HttpFilter } from './filter.ts';
import { GrpcStatsFilter } from './grpc-stats/filter.ts';
import { GrpcWebFilter } from './grpc-web/filter.ts';
import { HeaderMutationFilter } from './header-mutation/filter.ts';
import { HealthCheckFilter } from './health-check/filter.ts';
import { JwtAuthnFilter } from './jwt-authn/filter.ts';
import { JwtProviders } from './jwt-authn/providers.ts';
import { JwtStats } from './jwt-authn/stats.ts';
import { LocalRateLimitFilter } from './local-rate-limit/filter.ts';
import { RateLimitFilter } from './rate-limit/filter.ts';
import { RbacFilter } from './rbac/filter.ts';
import { StatefulSessionFilter } from './stateful-session/filter.ts';
import { SetMetadataFilter } from './set-metadata/filter.ts';

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

export const filterCompiler = (parts: FilterParts): CompileFilter => {
  const shared = new WeakMap<object, JwtProviders>();
  const providersOf = (row: JwtAuthnRow): JwtProviders => {
    let providers = shared.get(row);
    if (providers === undefined)
      shared.set(
        row,
        (providers = new JwtProviders(
          row.providers,
          parts,
          new JwtStats(parts.runtime, parts.statPrefix, row.statPrefix),
        )),
      );
    return providers;
  };
  return (row, overrides) => compile(row, overrides, parts, providersOf);
};

function compile(
  row: HttpFilterRow,
  overrides: readonly FilterOverrideConfig[],
  parts: FilterParts,
  providersOf: (row: JwtAuthnRow) => JwtProviders,
): HttpFilter {
  const { runtime, statPrefix, report } = parts;
  const all = <Kind extends FilterOverrideConfig['kind']>(
    kind: Kind,
  ): Extract<FilterOverrideConfig, { kind: Kind }>[] =>
    overrides.filter((config): config is Extract<FilterOverrideConfig, { kind: Kind }> => config.kind === kind);
  switch (row.kind) {
    case 'rbac':
      return new RbacFilter(all('rbac')[0] ?? row, runtime, statPrefix, report);
    case 'grpc-web':
      return new GrpcWebFilter();
    case 'fault':
      return new FaultFilter(all('fault')[0] ?? row, runtime, statPrefix, report);
    case 'header-mutation':
      return new HeaderMutationFilter(row, all('header-mutation'), report);
    case 'cors':
      return new CorsFilter(all('cors'), runtime, statPrefix, report);
    case 'buffer':
      return new BufferFilter(all('buffer')[0] ?? row);
    case 'csrf':
      return new CsrfFilter(all('csrf')[0] ?? row, runtime, statPrefix, report);
    case 'local-rate-limit':
      return new LocalRateLimitFilter(all('local-rate-limit')[0] ?? row, runtime, report);
    case 'jwt-authn':
      return new JwtAuthnFilter(row, all('jwt-authn')[0], providersOf(row), runtime, statPrefix, report);
    case 'rate-limit':
      return new RateLimitFilter(row, all('rate-limit')[0], parts);
    case 'ext-authz':
      return new ExtAuthzFilter(row, all('ext-authz'), parts);
    case 'set-metadata':
      return new SetMetadataFilter(row, runtime, statPrefix);
    case 'compressor':
      return new CompressorFilter(all('compressor').length > 0 ? { ...row, enabled: false } : row, runtime, statPrefix);
    case 'stateful-session':
      return new StatefulSessionFilter(all('stateful-session')[0] ?? row, runtime, statPrefix);
    case 'decompressor':
      return new DecompressorFilter(row, runtime, statPrefix);
    case 'grpc-stats':
      return new GrpcStatsFilter(row);
    case 'health-check':
      return new HealthCheckFilter(row, runtime, report);
  }
}
