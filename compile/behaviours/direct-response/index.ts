/** HTTPRouteFilter `directResponse`: the proxy that routes the request answers it. */
import type { Route } from '@weft/core/proxy-config';
import { unsupportedByEngine } from '../../findings.ts';
import type { Behaviour, RouteInput } from '../behaviour.ts';

export const directResponse: Behaviour = {
  name: 'direct-response',

  route(route: Route, { rule }: RouteInput): Route {
    const filter = rule?.filters.find(({ kind }) => kind === 'answer');
    if (filter?.kind !== 'answer') return route;
    const body = { kind: 'inline', text: filter.body } as const;
    return { ...route, action: { kind: 'direct-response', status: filter.status, body, bodyFormat: undefined } };
  },

  unsupported({ engine, rule }: RouteInput) {
    const filter = rule?.filters.find(({ kind }) => kind === 'answer');
    return engine !== 'grpc' || filter === undefined
      ? []
      : [unsupportedByEngine('grpc', filter.source, 'answer calls itself', 'remove the filter')];
  },
};
