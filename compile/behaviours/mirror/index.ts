/** HTTPRouteFilter RequestMirror: copies of requests, whose answers nobody sees (Envoy: RouteAction.RequestMirrorPolicy). */
import { portKey } from '@weft/core/mesh-view';
import type { Mirror, Route } from '@weft/core/proxy-config';
import { unsupportedByEngine } from '../../findings.ts';
import { outboundName } from '../../names.ts';
import type { Behaviour, RouteInput } from '../behaviour.ts';

const filtersOf = (rule: RouteInput['rule']) => (rule?.filters ?? []).filter((filter) => filter.kind === 'mirror');

export const mirror: Behaviour = {
  name: 'mirror',

  route(route: Route, { rule }: RouteInput): Route {
    const filters = filtersOf(rule);
    if (filters.length === 0 || route.action.kind !== 'forward') return route;
    const mirrors = filters.map(
      ({ service, port, share }): Mirror => ({
        cluster: outboundName(portKey(service, port)),
        clusterHeader: '',
        fraction: share.numerator === share.denominator ? undefined : share,
        marksHost: false,
        hostRewrite: '',
        request: [],
      }),
    );
    return { ...route, action: { ...route.action, mirrors } };
  },

  unsupported({ engine, rule }: RouteInput) {
    return engine !== 'grpc'
      ? []
      : filtersOf(rule).map(({ source }) => unsupportedByEngine('grpc', source, 'copy requests', 'remove the filter'));
  },
};
