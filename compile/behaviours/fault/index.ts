/** Failures on purpose: kind Fault, each entry a filter of its own (Envoy: HTTPFault as a route's configuration). */
import type { FaultEntryRow } from '@weft/core/mesh-view';
import type { FaultFilter, HeaderMatcher, Route } from '@weft/core/proxy-config';
import { unsupportedByEngine } from '../../findings.ts';
import { faultFilter } from '../../names.ts';
import type { Behaviour, RouteInput } from '../behaviour.ts';

export const fault: Behaviour = {
  name: 'fault',

  route(route: Route, { fault: row, engine }: RouteInput): Route {
    if (row === undefined) return route;
    const own = row.faults.flatMap((entry, index) =>
      engine === 'grpc' && lacking(entry) !== undefined
        ? []
        : [{ filter: faultFilter(index), disabled: false, config: faultOf(entry) }],
    );
    return { ...route, filterOverrides: [...route.filterOverrides, ...own] };
  },

  unsupported({ engine, fault: row }: RouteInput) {
    if (engine !== 'grpc' || row === undefined) return [];
    return row.faults.flatMap((entry) => {
      const what = lacking(entry);
      return what === undefined ? [] : [unsupportedByEngine('grpc', entry.source, what, 'call through a sidecar')];
    });
  },
};

/** Proxyless clients delay and abort all calls of a route, or a share of them (gRFC A33). */
const lacking = ({ headers, bandwidth }: FaultEntryRow): string | undefined =>
  headers.length > 0 ? 'fail by header' : bandwidth === undefined ? undefined : 'slow down a response';

/** What a filter is that no route has switched on. */
export const NO_FAULT: FaultFilter = {
  kind: 'fault',
  delay: undefined,
  abort: undefined,
  upstreamCluster: '',
  headers: [],
  downstreamNodes: [],
  maxActiveFaults: undefined,
  responseRateLimit: undefined,
  downstreamClusterStats: true,
};

const faultOf = ({ headers, delay, abort, bandwidth }: FaultEntryRow): FaultFilter => ({
  ...NO_FAULT,
  headers: headers.map(
    ({ name, value }): HeaderMatcher => ({
      name,
      match: {
        kind: 'string',
        matcher: value.kind === 'exact' ? { ...value, ignoreCase: false } : { kind: 'regex', regex: value.regex },
      },
      invert: false,
      treatMissingAsEmpty: false,
    }),
  ),
  delay: delay === undefined ? undefined : { fixed: delay.duration, fraction: delay.share },
  abort:
    abort === undefined
      ? undefined
      : {
          status: { kind: abort.kind, code: abort.status },
          fraction: abort.share,
          body: 'fault filter abort',
        },
  responseRateLimit: bandwidth === undefined ? undefined : { fixed: bandwidth.rate, fraction: bandwidth.share },
});
