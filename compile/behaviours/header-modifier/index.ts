/** HTTPRouteFilter RequestHeaderModifier and ResponseHeaderModifier of a rule; those of one backend are `split`'s. */
import type { Route } from '@weft/core/proxy-config';
import { unsupportedByEngine } from '../../findings.ts';
import type { Behaviour, RouteInput } from '../behaviour.ts';
import { headerMutations } from './mutations.ts';

export const headerModifier: Behaviour = {
  name: 'header-modifier',

  route(route: Route, { rule }: RouteInput): Route {
    return rule === undefined ? route : { ...route, headers: headerMutations(rule.filters) };
  },

  unsupported({ engine, rule }: RouteInput) {
    if (engine !== 'grpc' || rule === undefined) return [];
    const backends = rule.backends.flatMap((backend) => (backend.kind === 'service' ? backend.filters : []));
    return [...rule.filters, ...backends]
      .filter(({ kind }) => kind === 'request-headers' || kind === 'response-headers')
      .map(({ source }) => unsupportedByEngine('grpc', source, 'change headers', 'remove the filter'));
  },
};
