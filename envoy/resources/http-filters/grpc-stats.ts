/** envoy.extensions.filters.http.grpc_stats.v3.FilterConfig. Filter state has no reader here: emit_filter_state is refused. */
import type { GrpcStatsFilter } from '@weft/core/proxy-config';
import type { Messages } from '../../tables/index.ts';
import type { Cursor } from '../base/cursor.ts';
import { some } from '../base/encoding.ts';

export const GRPC_STATS = 'envoy.extensions.filters.http.grpc_stats.v3.FilterConfig';

type Wire = Messages[typeof GRPC_STATS];

export function decodeGrpcStats(cursor: Cursor<Wire>): GrpcStatsFilter {
  const allowed = cursor.within('individual_method_stats_allowlist', (list) =>
    list.each('services', (service) => ({
      name: service.take('name') ?? '',
      methods: service.take('method_names') ?? [],
    })),
  );
  const all = cursor.take('stats_for_all_methods') ?? false;
  return {
    kind: 'grpc-stats',
    methods: all ? { kind: 'all' } : { kind: 'listed', services: allowed ?? [] },
    replaceDots: cursor.take('replace_dots_in_grpc_service_name') ?? false,
  };
}

export const encodeGrpcStats = ({ methods, replaceDots }: GrpcStatsFilter): Wire => ({
  ...(methods.kind === 'all'
    ? { stats_for_all_methods: true }
    : {
        individual_method_stats_allowlist: {
          services: some(methods.services.map((service) => ({ name: service.name, method_names: service.methods }))),
        },
      }),
  replace_dots_in_grpc_service_name: replaceDots ? true : undefined,
});
