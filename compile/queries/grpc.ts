/**
 * Proxyless gRPC (gRFC A27, A28): API listeners named by what a client dials, `xds:///service.namespace:port`; in its own namespace also
 * without it. Only ports that speak gRPC or HTTP/2.
 */
import { nameOf, namespaceOf, ONLY, parsePortKey } from '@weft/core/mesh-view';
import type { HttpConnectionManager, Listener } from '@weft/core/proxy-config';
import type { Query } from '../incremental/query.ts';
import { outboundName } from '../names.ts';
import { routesRequests } from '../profiles.ts';
import { callersAt } from './callers.ts';
import { filtersFor } from './http-filters.ts';
import { httpManager } from './http-manager.ts';
import { listener } from './listener.ts';
import { classKey, outboundScope, type OutboundClass, scopeOf } from './outbound-class.ts';
import { portRoutes } from './routes.ts';

export const apiListeners: Query<OutboundClass, readonly Listener[]> = {
  name: 'api-listeners',
  keyOf: classKey,
  compute(context, of) {
    if (context.read('mesh', ONLY) === undefined) return [];
    return context.ask(outboundScope, scopeOf(of)).ports.flatMap((key) => {
      const { service, port: number } = parsePortKey(key);
      const port = context.read('service', service)?.ports.find((candidate) => candidate.port === number);
      if (port === undefined || !routesRequests(of.engine, port.protocol)) return [];
      const [namespace, name] = [namespaceOf(service), nameOf(service)];
      const names = [`${name}.${namespace}:${number}`, ...(namespace === of.namespace ? [`${name}:${number}`] : [])];
      const callers = callersAt(context, key, of.callers);
      const filters = filtersFor(context, context.ask(portRoutes, { port: key, engine: of.engine, callers }));
      return names.map((dialled) => apiListener(dialled, outboundName(key), port.source, filters));
    });
  },
};

const apiListener = (
  name: string,
  routes: string,
  source: string,
  filters: HttpConnectionManager['httpFilters'],
): Listener => ({
  ...listener({
    name,
    addresses: [{ kind: 'ip', ip: '127.0.0.1', port: 0 }],
    direction: 'outbound',
    chains: [],
    source,
  }),
  apiListener: httpManager({
    statPrefix: routes,
    direction: 'outbound',
    routes: { kind: 'rds', name: routes },
    upgrades: [],
    filters,
    answers: 'nothing',
  }),
});
