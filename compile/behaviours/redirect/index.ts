/** HTTPRouteFilter RequestRedirect: the proxy answers itself. */
import type { RedirectAction, Route } from '@weft/core/proxy-config';
import type { HttpFilterRow } from '@weft/core/mesh-view';
import { unsupportedByEngine } from '../../findings.ts';
import type { Behaviour, RouteInput } from '../behaviour.ts';
import { pathRewrite } from '../rewrite/path.ts';

type RedirectRow = Pick<Extract<HttpFilterRow, { kind: 'redirect' }>, 'scheme' | 'hostname' | 'port'>;

export const redirect: Behaviour = {
  name: 'redirect',

  route(route: Route, { rule, match, port, secure = false }: RouteInput): Route {
    const filter = rule?.filters.find((candidate) => candidate.kind === 'redirect');
    if (filter === undefined) return route;
    const action: RedirectAction = {
      kind: 'redirect',
      scheme: filter.scheme,
      host: filter.hostname,
      port: statedPort(filter, port.port, secure),
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

/**
 * Gateway API, HTTPRequestRedirectFilter.port: without one, that of a new scheme, else the port the request came to; and a scheme's own
 * port is not written. A host name that stays keeps its port, so that only stating the new scheme's port replaces it.
 */
function statedPort({ scheme, hostname, port }: RedirectRow, requested: number, secure: boolean): number | undefined {
  const own = (scheme ?? (secure ? 'https' : 'http')) === 'https' ? 443 : 80;
  if (hostname === undefined) return port ?? (scheme === undefined ? undefined : own);
  const wanted = port ?? (scheme === undefined ? requested : own);
  return wanted === own ? undefined : wanted;
}
