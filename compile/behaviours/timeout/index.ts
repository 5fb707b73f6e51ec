/** Time limits: HTTPRouteRule.timeouts (GEP-1742) and TrafficPolicy `timeouts`. A route's own limit goes before the policy's. */
import type { Cluster, FilterChain, Listener, Route } from '@weft/core/proxy-config';
import { milliseconds } from '../../durations.ts';
import { unsupportedByEngine } from '../../findings.ts';
import type { Behaviour, ClusterInput, PortInput, RouteInput } from '../behaviour.ts';

export const timeout: Behaviour = {
  name: 'timeout',

  route(route: Route, { rule, conf }: RouteInput): Route {
    if (route.action.kind !== 'forward') return route;
    const { timeouts } = conf;
    const request = rule?.timeouts.request ?? optional(timeouts?.request);
    const perTry = rule?.timeouts.backendRequest ?? optional(timeouts?.backendRequest);
    const idle = optional(timeouts?.streamIdle);
    const tryIdle = optional(timeouts?.backendIdle);
    const stream = request === undefined ? optional(timeouts?.stream) : undefined;
    const { retryPolicy } = route.action;
    return {
      ...route,
      action: {
        ...route.action,
        timeout: request ?? route.action.timeout,
        idleTimeout: idle ?? route.action.idleTimeout,
        streamDuration:
          stream === undefined
            ? route.action.streamDuration
            : { duration: stream, grpcHeaderMax: undefined, grpcHeaderOffset: 0 },
        retryPolicy:
          retryPolicy === undefined
            ? undefined
            : {
                ...retryPolicy,
                perTryTimeout: perTry ?? retryPolicy.perTryTimeout,
                perTryIdleTimeout: tryIdle ?? retryPolicy.perTryIdleTimeout,
              },
      },
    };
  },

  cluster(cluster: Cluster, { conf: { timeouts } }: ClusterInput): Cluster {
    return {
      ...cluster,
      connectTimeout: optional(timeouts?.connect) ?? cluster.connectTimeout,
      idleTimeout: optional(timeouts?.idle) ?? cluster.idleTimeout,
      maxConnectionDuration: optional(timeouts?.connection) ?? cluster.maxConnectionDuration,
    };
  },

  outboundListener(listener: Listener, { conf: { timeouts } }: PortInput): Listener {
    const idleTimeout = optional(timeouts?.idle);
    if (idleTimeout === undefined) return listener;
    return { ...listener, filterChains: listener.filterChains.map((chain) => withTcpIdle(chain, idleTimeout)) };
  },

  /** Proxyless clients take a whole call's limit as its deadline (gRFC A31); tries and silence they do not measure. */
  unsupported({ engine, conf, rule }: RouteInput) {
    if (engine !== 'grpc') return [];
    const fields = (['backendRequest', 'backendIdle', 'streamIdle'] as const).filter(
      (field) => conf.timeouts?.[field] !== undefined,
    );
    return [
      ...(rule?.timeouts.backendRequest === undefined ? [] : [limit(`${rule.source}.timeouts.backendRequest`)]),
      ...fields.map((field) => limit(`${conf.origins.timeouts ?? ''}.${field}`)),
    ];
  },
};

const limit = (source: string) =>
  unsupportedByEngine('grpc', source, 'limit the time of a try, or of silence', 'write `request`, or use a sidecar');

const optional = (text: string | undefined): number | undefined =>
  text === undefined ? undefined : milliseconds(text);

const withTcpIdle = (chain: FilterChain, idleTimeout: number): FilterChain =>
  chain.terminal.kind === 'tcp-proxy'
    ? { ...chain, terminal: { ...chain.terminal, proxy: { ...chain.terminal.proxy, idleTimeout } } }
    : chain;
