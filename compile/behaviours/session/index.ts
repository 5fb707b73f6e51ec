/** Sessions that stay with an endpoint: HTTPRouteRule.sessionPersistence (GEP-1619; Envoy: filter stateful_session). */
import type { Route, StatefulSessionFilter } from '@weft/core/proxy-config';
import { unsupportedByEngine } from '../../findings.ts';
import { SESSION_FILTER } from '../../names.ts';
import type { Behaviour, RouteInput } from '../behaviour.ts';

export const session: Behaviour = {
  name: 'session',

  route(route: Route, { rule, engine }: RouteInput): Route {
    const row = rule?.session;
    if (row === undefined || engine === 'grpc') return route;
    const { kind, name, ttl } = row;
    const config: StatefulSessionFilter = {
      ...NO_SESSION,
      state: kind === 'cookie' ? { kind, name, ttl, path: '/', attributes: [] } : { kind, name },
    };
    return {
      ...route,
      filterOverrides: [...route.filterOverrides, { filter: SESSION_FILTER, disabled: false, config }],
    };
  },

  unsupported({ engine, rule }: RouteInput) {
    return engine !== 'grpc' || rule?.session === undefined
      ? []
      : [unsupportedByEngine('grpc', rule.session.source, 'keep sessions', 'remove it')];
  },
};

/** What a filter is that no route has switched on. */
export const NO_SESSION: StatefulSessionFilter = {
  kind: 'stateful-session',
  state: undefined,
  strict: false,
  statPrefix: '',
  notFoundStatus: 0,
};
