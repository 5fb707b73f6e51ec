/** HTTPRouteFilter URLRewrite: host name and path that the endpoint gets to see. */
import type { ForwardAction, Route } from '@weft/core/proxy-config';
import { unsupportedByEngine } from '../../findings.ts';
import type { Behaviour, RouteInput } from '../behaviour.ts';
import { literal, pathRewrite } from './path.ts';

export const rewrite: Behaviour = {
  name: 'rewrite',

  route(route: Route, { rule, match }: RouteInput): Route {
    const filter = rule?.filters.find((candidate) => candidate.kind === 'rewrite');
    if (filter === undefined || route.action.kind !== 'forward') return route;
    const path = filter.path === undefined ? undefined : pathRewrite(filter.path, match);
    return {
      ...route,
      action: {
        ...route.action,
        rewrite: {
          ...route.action.rewrite,
          path: path === undefined ? { kind: 'none' } : forwardPath(path),
          host: filter.hostname === undefined ? { kind: 'none' } : { kind: 'literal', value: filter.hostname },
        },
      },
    };
  },

  unsupported({ engine, rule }: RouteInput) {
    const filter = rule?.filters.find((candidate) => candidate.kind === 'rewrite');
    return engine !== 'grpc' || filter === undefined
      ? []
      : [unsupportedByEngine('grpc', filter.source, 'rewrite requests', 'remove the filter')];
  },
};

/** A forward action knows no whole-path replacement: an expression that matches every path says the same. */
const forwardPath = (path: ReturnType<typeof pathRewrite>): ForwardAction['rewrite']['path'] =>
  path.kind === 'full' ? { kind: 'regex', regex: '^/.*$', substitution: literal(path.value) } : path;
