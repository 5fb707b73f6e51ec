/** What the proxies of a class cannot do of what the mesh asks, and what they ask for that is not there. */
import type { Diagnostic } from '@weft/core/kernel';
import {
  isVisible,
  nameOf,
  namespaceOf,
  parsePortKey,
  portKey,
  upstreamPort,
  type UnenforcedRow,
} from '@weft/core/mesh-view';
import { BEHAVIOURS, type PortInput } from '../behaviours/index.ts';
import { fixedProbes } from '../behaviours/connections/index.ts';
import { grpcChecks } from '../behaviours/health-check/index.ts';
import { distinct, unsupportedByEngine } from '../findings.ts';
import type { Query, QueryContext } from '../incremental/query.ts';
import { routesRequests } from '../profiles.ts';
import { callersAt } from './callers.ts';
import { expanded } from './expanded.ts';
import { gatewayInputs, gatewayKey, type GatewayOf } from './gateway-routes.ts';
import { classKey, outboundScope, type OutboundClass, scopeKey, scopeOf } from './outbound-class.ts';
import { isNamedByCallers } from './named-hosts.ts';
import { portInput, portOfKey, type PortOf } from './port.ts';
import { routeInput, unrouted } from './routes.ts';
import { tracingFindings } from './tracing.ts';
import { mixedTunnels, untunnelled } from './tunnels.ts';

const portFindings: Query<PortOf, readonly Diagnostic[]> = {
  name: 'port-findings',
  keyOf: portOfKey,
  compute(context, key) {
    const port = portInput(context, key);
    if (port === undefined) return [];
    const entries = context.read('httpRules', key.port);
    const unguarded = (context.read('unenforced', key.port) ?? []).map(unenforced);
    if (!routesRequests(key.engine, port.port.protocol)) {
      const routes = (entries ?? []).map(({ source }) => notRouted(port, source));
      return distinct([...unguarded, ...routes, ...grpcChecks(port), ...fixedProbes(port)]);
    }
    const inputs =
      entries === undefined
        ? [unrouted(context, port)]
        : entries.flatMap(expanded).map((entry) => routeInput(context, entry, port));
    const asked = inputs.flatMap((input) => BEHAVIOURS.flatMap((behaviour) => behaviour.unsupported?.(input) ?? []));
    return distinct([...unguarded, ...asked, ...untunnelled(port)]);
  },
};

/** What the engine of a gateway cannot do of what its routes ask, and which of their backends are not guarded as they should be. */
const gatewayFindings: Query<GatewayOf, readonly Diagnostic[]> = {
  name: 'gateway-findings',
  keyOf: gatewayKey,
  compute(context, of) {
    const inputs = gatewayInputs(context, of);
    const behind = inputs.flatMap(({ rule }) => rule?.backends ?? []);
    const ports = new Set(behind.flatMap((to) => (to.kind === 'service' ? [portKey(to.service, to.port)] : [])));
    return distinct([
      ...inputs.flatMap((input) => BEHAVIOURS.flatMap((behaviour) => behaviour.unsupported?.(input) ?? [])),
      ...[...ports].flatMap((port) => (context.read('unenforced', port) ?? []).map(unenforced)),
      ...guardedDatagrams(context, of),
    ]);
  },
};

/** Fails closed: nothing is asked of datagrams, so that a listener of UDP that policies guard takes none. */
const guardedDatagrams = (context: QueryContext, { gateway }: GatewayOf): Diagnostic[] =>
  (context.read('gateway', gateway)?.listeners ?? []).flatMap(({ key, port, protocol }) =>
    protocol !== 'udp'
      ? []
      : (context.read('edgeAccess', key) ?? [])
          .filter(({ shadow }) => !shadow)
          .map(
            ({ source }): Diagnostic => ({
              severity: 'error',
              code: 'unenforced',
              message: `nobody can ask who sends datagrams: port ${port} of Gateway/${gateway} takes none`,
              place: { object: source, path: 'spec.targetRefs' },
              remedy: 'name the other listeners of the Gateway in `sectionName`',
            }),
          ),
  );

/** Fails closed: the workload is no endpoint. */
function unenforced({ source, workload }: UnenforcedRow): Diagnostic {
  const [object = source, path = ''] = source.split('#', 2);
  return {
    severity: 'error',
    code: 'unenforced',
    message: `Workload/${workload} has no sidecar that could enforce it, and is no endpoint therefore`,
    place: { object, path },
    remedy: 'run it with `weft run`',
  };
}

/** Only proxyless clients leave a port with routes out. */
const notRouted = ({ engine, service, port }: PortInput, source: string): Diagnostic =>
  unsupportedByEngine(
    engine,
    source,
    `route requests on port ${port.port} of Service/${service}, which speaks ${port.protocol}`,
    'attach the route to a `grpc` port',
  );

/** Of all that is called by name. */
const scopeFindings: Query<OutboundClass, readonly Diagnostic[]> = {
  name: 'scope-findings',
  keyOf: (of) => [of.engine, scopeKey(scopeOf(of)), ...of.consumers].join(' '),
  compute: (context, of) =>
    distinct(
      context
        .ask(outboundScope, scopeOf(of))
        .ports.flatMap((port) =>
          context.ask(portFindings, { port, engine: of.engine, callers: callersAt(context, port, of.consumers) }),
        ),
    ),
};

export const classFindings: Query<OutboundClass, readonly Diagnostic[]> = {
  name: 'class-findings',
  keyOf: classKey,
  compute(context, of) {
    const { ports } = context.ask(outboundScope, scopeOf(of));
    return distinct([
      ...context.ask(scopeFindings, of),
      ...(of.gateway === '' ? [] : context.ask(gatewayFindings, { gateway: of.gateway, engine: of.engine })),
      ...missing(context, of),
      ...withoutHost(context, of),
      ...hidden(context, of),
      ...brought(context, of, ports),
      ...plaintextOnly(context, of),
      ...mixedTunnels(context, of),
      ...tracingFindings(context, of.engine),
    ]);
  },
};

/** Fails closed: a strict port has no endpoints without mutual TLS. Said of the routes and the upstreams that lead there. */
function plaintextOnly(context: QueryContext, of: OutboundClass): Diagnostic[] {
  const isStrict = (service: string, port: number): boolean =>
    portInput(context, { port: portKey(service, port), engine: of.engine })?.mtls === 'strict';
  const asked = of.upstreams.flatMap((upstream) => {
    const port = upstreamPort(context, upstream);
    return port?.protocol === 'udp' && isStrict(upstream.service, port.port) ? [port.source] : [];
  });
  const listeners = of.gateway === '' ? [] : (context.read('gateway', of.gateway)?.listeners ?? []);
  const routed = listeners
    .filter(({ protocol }) => protocol === 'udp')
    .flatMap(({ key }) => context.read('listenerRoutes', key)?.streams ?? [])
    .filter(({ rule }) => rule.backends.some((to) => to.kind === 'service' && isStrict(to.service, to.port)))
    .map(({ rule }) => rule.source);
  return [...asked, ...routed].map((source) => {
    const [object = source, path = ''] = source.split('#', 2);
    return {
      severity: 'error',
      code: 'datagrams-not-secured',
      message: 'datagrams travel in plaintext, and mutual TLS is strict there: none are sent',
      place: { object, path },
      remedy: 'write `mtls: { mode: Permissive }` in the Mesh or in an Authentication about the port, or use TCP',
    };
  });
}

/** Upstreams that lead nowhere: nothing listens for them until they do. */
const missing = (context: QueryContext, { upstreams }: OutboundClass): Diagnostic[] =>
  upstreams
    .filter((upstream) => upstreamPort(context, upstream) === undefined)
    .map(({ service, port, localPort }): Diagnostic => {
      const row = context.read('service', service);
      const name = port === undefined ? service : `${service}:${port}`;
      const there = row?.ports.map((candidate) => candidate.port).join(', ');
      return {
        severity: 'warning',
        code: 'upstream-not-found',
        message:
          row === undefined
            ? `there is no Service ${service}: nothing listens on ${localPort} until it is there`
            : `upstream ${name} names no port of the service: nothing listens on ${localPort}`,
        place: { object: `Service/${service}` },
        remedy: there === undefined ? 'start the service' : `name one of its ports: ${there}`,
      };
    });

/** Upstreams that are each host that a caller names: a port of the caller's own says none. */
const withoutHost = (context: QueryContext, { upstreams }: OutboundClass): Diagnostic[] =>
  upstreams
    .filter((upstream) => isNamedByCallers(context, upstream.service) && upstreamPort(context, upstream) !== undefined)
    .map(
      ({ service, localPort }): Diagnostic => ({
        severity: 'warning',
        code: 'upstream-not-found',
        message: `ExternalService ${service} is each host that a caller names, which a port of its own cannot: nothing listens on ${localPort}`,
        place: {
          object: context.read('service', service)?.source ?? `ExternalService/${service}`,
          path: 'spec.endpoints',
        },
        remedy: 'call it through the forward proxy (`weft run --http-proxy`), or write `endpoints`',
      }),
    );

/** Upstreams that the caller's Visibility hides: nothing listens for them. */
function hidden(context: QueryContext, { hidden: upstreams, visibility, namespace }: OutboundClass): Diagnostic[] {
  const [object = '', path = ''] = context.read('visibility', visibility)?.source.split('#', 2) ?? [];
  return upstreams.map(
    ({ service, localPort }): Diagnostic => ({
      severity: 'warning',
      code: 'not-visible',
      message: `a caller of namespace ${namespace} asks for Service/${service}, which is hidden from it: nothing listens on ${localPort}`,
      place: { object, path },
      remedy: `add \`{ namespace: ${namespaceOf(service)}, name: ${nameOf(service)} }\``,
    }),
  );
}

/** What routes of visible services lead to is there, also where it is hidden by name. */
function brought(
  context: QueryContext,
  { visibility, namespace }: OutboundClass,
  ports: readonly string[],
): Diagnostic[] {
  const row = visibility === '' ? undefined : context.read('visibility', visibility);
  if (row === undefined) return [];
  return ports.flatMap((port) => {
    const entries = context.read('httpRules', port) ?? [];
    const backends = [
      ...entries.flatMap(({ rule }) => rule.backends),
      ...(context.read('tcpRule', port)?.backends ?? []),
    ];
    return backends.flatMap((to): Diagnostic[] => {
      if (to.kind !== 'service' || isVisible(row, namespace, to.service)) return [];
      const [object = '', path = ''] = to.source.split('#', 2);
      return [
        {
          severity: 'info',
          code: 'hidden-backend',
          message: `${row.source.split('#', 1)[0]} hides Service/${to.service} from callers of namespace ${namespace}; as a backend of ${parsePortKey(port).service} they reach it`,
          place: { object, path },
          remedy: undefined,
        },
      ];
    });
  });
}
