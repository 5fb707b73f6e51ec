/**
 * Sessions that stay with an endpoint: HTTPRouteRule.sessionPersistence, and XBackendTrafficPolicy about the backend (GEP-1619; Envoy: filter
 * stateful_session).
 */
import type { HttpRuleRow, SessionRow } from '@weft/core/mesh-view';
import type { FilterOverride, Route, StatefulSessionFilter } from '@weft/core/proxy-config';
import { unsupportedByEngine } from '../../findings.ts';
import { SESSION_FILTER } from '../../names.ts';
import type { Behaviour, EffectiveConf, RouteInput } from '../behaviour.ts';
import { clusterOf } from '../split/index.ts';

export const session: Behaviour = {
  name: 'session',

  route(route: Route, input: RouteInput): Route {
    const { rule, engine, targets } = input;
    if (engine === 'grpc' || route.action.kind !== 'forward') return route;
    const { target } = route.action;
    const row = rule?.session ?? (target.kind === 'cluster' ? targets[0]?.session : undefined);
    if (row !== undefined) return { ...route, filterOverrides: [...route.filterOverrides, overrideOf(row)] };
    if (rule === undefined || target.kind !== 'weighted' || targets.every(({ session: own }) => own === undefined))
      return route;
    const ofCluster = sessionsOf(rule, targets);
    const clusters = target.clusters.map((cluster) => {
      const own = ofCluster.get(cluster.cluster);
      return own === undefined
        ? cluster
        : { ...cluster, filterOverrides: [...cluster.filterOverrides, overrideOf(own)] };
    });
    return { ...route, action: { ...route.action, target: { ...target, clusters } } };
  },

  unsupported({ engine, rule, targets }: RouteInput) {
    if (engine !== 'grpc') return [];
    const rows = rule?.session === undefined ? targets.map(({ session: own }) => own) : [rule.session];
    return [...new Set(rows.flatMap((row) => row?.source ?? []))].map((source) =>
      unsupportedByEngine('grpc', source, 'keep sessions', 'remove it'),
    );
  },
};

function overrideOf({ kind, name, ttl }: SessionRow): FilterOverride {
  const config: StatefulSessionFilter = {
    ...NO_SESSION,
    state: kind === 'cookie' ? { kind, name, ttl, path: '/', attributes: [] } : { kind, name },
  };
  return { filter: SESSION_FILTER, disabled: false, config };
}

/** By cluster: confs stand in the order of the backends that are services. */
function sessionsOf(rule: HttpRuleRow, targets: readonly EffectiveConf[]): ReadonlyMap<string, SessionRow> {
  const services = rule.backends.filter(({ kind }) => kind === 'service');
  return new Map(
    services.flatMap((backend, index) => {
      const row = targets[index]?.session;
      return row === undefined ? [] : [[clusterOf(backend), row] as const];
    }),
  );
}

/** What a filter is that no route has switched on. */
export const NO_SESSION: StatefulSessionFilter = {
  kind: 'stateful-session',
  state: undefined,
  strict: false,
  statPrefix: '',
  notFoundStatus: 0,
};
