/** HTTPRouteFilter RequestRedirect: the proxy answers itself. */
import type { RedirectAction, Route } from '@weft/core/proxy-config';
import { unsupportedByEngine } from '../../findings.ts';
import type { Behaviour, RouteInput } from '../behaviour.ts';
import { pathRewrite } from '../rewrite/path.ts';

export const redirect: Behaviour = {
  name: 'redirect',

  route(route: Route, { rule, match }: RouteInput): Route {
    const filter = rule?.filters.find((candidate) => candidate.kind === 'redirect');
    if (filter === undefined) return route;
    const action: RedirectAction = {
      kind: 'redirect',
      scheme: filter.scheme,
      host: filter.hostname,
      port: filter.port ?? wellKnownPort(filter.scheme),
      path: filter.path === undefined ? { kind: 'keep' } : pathRewrite(filter.path, match),
      status: filter.status,
      stripQuery: false,
    };
    return { ...route, action };
  },

  unsupported({ engine, rule }: RouteInput) {
    const filter = rule?.filters.find((candidate) => candidate.kind === 'redirect');
    return engine !== 'grpc' || filter === undefined
      ? []
      : [unsupportedByEngine('grpc', filter.source, 'answer with a redirect', 'remove the filter')];
  },
};

/** A new scheme without a port means that scheme's own (Gateway API, HTTPRequestRedirectFilter.port). */
function wellKnownPort(scheme: string | undefined): number | undefined {
  if (scheme === undefined) return undefined;
  return scheme === 'https' ? 443 : 80;
}
