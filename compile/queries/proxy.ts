/** The whole of one proxy: both its sides, as tables. Tables that agree with those of other proxies are the same objects. */
import type { Diagnostic } from '@weft/core/kernel';
import type { Proxy } from '@weft/core/mesh-view';
import type { Cluster, Listener, PatchedConfig, ProxyConfig } from '@weft/core/proxy-config';
import type { Query, QueryContext } from '../incremental/query.ts';
import { accessLogClusters, accessLogsOf, loggedListeners } from './access-logs.ts';
import { type ApplicationPort, inboundCluster } from './cluster.ts';
import { classFindings } from './findings.ts';
import { gatewayListeners } from './gateway-listeners.ts';
import { exposedListeners } from './exposed.ts';
import { inboundListeners } from './inbound.ts';
import { classOf, type OutboundClass } from './outbound-class.ts';
import { clustersKey, outboundClusters, outboundEndpoints, outboundListeners, outboundRoutes } from './outbound.ts';
import { enginePatches } from './patches.ts';
import { loggedToAgent } from './records.ts';
import { tracedListeners, tracingCluster, tracingOfMesh } from './tracing.ts';
import { sameRows, table } from './table.ts';

export interface Compiled {
  readonly config: PatchedConfig;
  /** What the proxy's engine cannot do of what it was asked, and what it asked for that is not there. */
  readonly diagnostics: readonly Diagnostic[];
}

const keys = new WeakMap<Proxy, string>();

/** Everything of a proxy that its configuration depends on. */
function proxyKey(proxy: Proxy): string {
  let key = keys.get(proxy);
  if (key === undefined) {
    const { id, role, engine, mesh, workloads, network, locality, upstreams, httpProxyPort, gateway } = proxy;
    keys.set(
      proxy,
      (key = JSON.stringify([id, role, engine, mesh, workloads, network, locality, upstreams, httpProxyPort, gateway])),
    );
  }
  return key;
}

export const proxyConfigOf: Query<Proxy, Compiled> = {
  name: 'proxy',
  keyOf: proxyKey,
  same: (a, b) =>
    a.diagnostics === b.diagnostics &&
    a.config.listeners === b.config.listeners &&
    a.config.routes === b.config.routes &&
    a.config.clusters === b.config.clusters &&
    a.config.endpoints === b.config.endpoints &&
    a.config.patches === b.config.patches,
  compute(context, proxy) {
    const of = classOf(context, proxy);
    const patches = context.ask(enginePatches, proxy);
    return {
      config: {
        listeners: context.ask(listeners, proxy),
        routes: context.ask(outboundRoutes, of),
        clusters: context.ask(clusters, {
          of,
          inbound: inboundPorts(context, proxy),
          logs: accessLogsOf(context, proxy).map(({ id }) => id),
        }),
        endpoints: context.ask(outboundEndpoints, of),
        scopes: NO_SCOPES,
        trustBundles: NO_BUNDLES,
        ...(patches.length === 0 ? {} : { patches }),
      },
      diagnostics: context.ask(classFindings, of),
    };
  },
};

/** The agent knows the roots and serves them under their name. */
const NO_SCOPES: ProxyConfig['scopes'] = new Map();
const NO_BUNDLES: ProxyConfig['trustBundles'] = new Map();

const hasInbound = (proxy: Proxy): boolean => proxy.role === 'sidecar';

const listeners: Query<Proxy, ReadonlyMap<string, Listener>> = {
  name: 'listeners',
  keyOf: proxyKey,
  same: sameRows,
  compute(context, proxy) {
    const plain = plainListeners(context, proxy);
    const tracing = proxy.role === 'grpc' ? undefined : tracingOfMesh(context);
    const own = context.read('traceShare', proxy.workloads[0] ?? '');
    const traced = tracing === undefined ? plain : tracedListeners(plain, tracing, proxy, own);
    const made = loggedListeners(traced, accessLogsOf(context, proxy));
    return proxy.engine.name === 'envoy' ? loggedToAgent(made, proxy.gateway !== '') : made;
  },
};

function plainListeners(context: QueryContext, proxy: Proxy): ReadonlyMap<string, Listener> {
  const of = classOf(context, proxy);
  const outbound = context.ask(outboundListeners, of);
  if (proxy.gateway !== '') {
    const { gateway, workloads } = proxy;
    return table([...context.ask(gatewayListeners, { gateway, workloads, engine: of.engine }), ...outbound.values()]);
  }
  if (!hasInbound(proxy)) return outbound;
  const inbound = proxy.workloads.flatMap((workload) => [
    ...context.ask(inboundListeners, { workload, engine: of.engine }),
    ...context.ask(exposedListeners, workload),
  ]);
  return inbound.length === 0 ? outbound : table([...inbound, ...outbound.values()]);
}

/** Application ports behind inbound listeners, in order, each once. */
function inboundPorts(context: QueryContext, proxy: Proxy): readonly ApplicationPort[] {
  if (!hasInbound(proxy)) return [];
  const ports = new Map<number, ApplicationPort>();
  for (const key of proxy.workloads)
    for (const { port, protocol, proxyPort } of context.read('workload', key)?.ports ?? [])
      if (proxyPort !== 0 && !ports.has(port)) ports.set(port, { port, protocol });
  return [...ports.values()].sort((a, b) => a.port - b.port);
}

interface ClustersOf {
  readonly of: OutboundClass;
  readonly inbound: readonly ApplicationPort[];
  /** Ids of the access logs that they write. */
  readonly logs: readonly string[];
}

/** Shared by proxies that see the same and whose workloads listen on the same ports. */
const clusters: Query<ClustersOf, ReadonlyMap<string, Cluster>> = {
  name: 'clusters',
  same: sameRows,
  keyOf: ({ of, inbound, logs }) =>
    `${clustersKey(of)} | ${inbound.map(({ port, protocol }) => `${port}/${protocol}`).join(' ')} | ${logs.join()}`,
  compute(context, { of, inbound, logs }) {
    const outbound = context.ask(outboundClusters, of);
    const tracing = of.engine === 'grpc' ? undefined : tracingOfMesh(context);
    const cluster = tracing === undefined ? undefined : tracingCluster(tracing);
    const collectors = [...(cluster === undefined ? [] : [cluster]), ...accessLogClusters(context, logs)];
    return inbound.length + collectors.length === 0
      ? outbound
      : table([...collectors, ...inbound.map((port) => context.ask(inboundCluster, port)), ...outbound.values()]);
  },
};
