/**
 * What of a mesh one proxy gets to see: the service ports it may call. An HTTP forward proxy and a proxyless client may name any
 * service that is visible to them; a sidecar with explicit upstreams sees these and what their routes lead to.
 */
import { askedAtListener, askedByRules, referredPort } from './asked.ts';
import { byName, namespaceOf, portKey } from './keys.ts';
import type { Proxy, UpstreamRequest } from './proxy.ts';
import type { BackendRow, HttpRuleRow, ServicePortRow } from './rows.ts';
import type { ViewReader } from './view.ts';
import { visibleServices } from './visible.ts';

/** What decides about a proxy's scope; proxies that agree in it share everything outbound. */
export interface ScopeRequest {
  /** Key of a Gateway whose backends belong to it; '': none. */
  readonly gateway: string;
  readonly everything: boolean;
  /** The caller's. */
  readonly namespace: string;
  /** Key of the Visibility that narrows `everything`; '': none. Hidden upstreams are not among `upstreams`. */
  readonly visibility: string;
  readonly upstreams: readonly UpstreamRequest[];
  /** Port keys that its own filters ask about what arrives, sorted. */
  readonly asked: readonly string[];
}

export const scopeRequest = (proxy: Proxy): ScopeRequest => ({
  gateway: proxy.gateway,
  everything: proxy.httpProxyPort !== 0 || proxy.role === 'grpc',
  namespace: namespaceOf(proxy.id),
  visibility: '',
  upstreams: proxy.upstreams,
  asked: [],
});

export interface Scope {
  /** Port keys that may be called by name: each gets a route table (HTTP) and a cluster. Sorted. */
  readonly ports: readonly string[];
  /** Port keys that traffic may end at: `ports`, the backends of their routes, and who stands in for these. Sorted. */
  readonly destinations: readonly string[];
}

/** The port that an upstream request means; undefined when the service or the port is absent, or no port is named and there are several. */
export const upstreamPort = (reader: ViewReader, upstream: UpstreamRequest): ServicePortRow | undefined =>
  referredPort(reader, upstream);

export function scope(reader: ViewReader, request: ScopeRequest): Scope {
  const ports = new Set<string>();
  for (const upstream of request.upstreams) {
    const port = upstreamPort(reader, upstream);
    if (port !== undefined) ports.add(portKey(upstream.service, port.port));
  }
  if (request.everything) {
    for (const key of visibleServices(reader, request.visibility, request.namespace)) {
      for (const port of reader.read('service', key)?.ports ?? []) ports.add(portKey(key, port.port));
    }
  }
  const destinations = new Set([...ports, ...request.asked]);
  for (const key of ports) for (const backend of backendsOf(reader, key)) destinations.add(backend);
  for (const backend of gatewayBackends(reader, request.gateway)) destinations.add(backend);
  // Those that are added on the way come to their turn too.
  for (const key of destinations) for (const to of reader.read('failover', key)?.to ?? []) destinations.add(to);
  return { ports: [...ports].sort(byName), destinations: [...destinations].sort(byName) };
}

/** Port keys that requests, connections and copies of requests go to. */
function backendsOf(reader: ViewReader, key: string): string[] {
  const rules = (reader.read('httpRules', key) ?? []).map((entry) => entry.rule);
  return [...portsOf(rules, reader.read('tcpRule', key)?.backends ?? []), ...askedByRules(reader, rules)];
}

function portsOf(rules: readonly HttpRuleRow[], streams: readonly BackendRow[]): string[] {
  const backends = [...rules.flatMap((rule) => rule.backends), ...streams];
  const services = backends.flatMap((backend) => (backend.kind === 'service' ? [backend] : []));
  const mirrors = [...rules, ...services].flatMap(({ filters }) => filters.filter(({ kind }) => kind === 'mirror'));
  return [...services, ...mirrors].flatMap((to) => ('service' in to ? [portKey(to.service, to.port)] : []));
}

function gatewayBackends(reader: ViewReader, gateway: string): string[] {
  const listeners = gateway === '' ? [] : (reader.read('gateway', gateway)?.listeners ?? []);
  return listeners.flatMap(({ key }) => {
    const { hosts, streams } = reader.read('listenerRoutes', key) ?? { hosts: [], streams: [] };
    const rules = hosts.flatMap(({ entries }) => entries.map(({ rule }) => rule));
    return [
      ...portsOf(
        rules,
        streams.flatMap(({ rule }) => rule.backends),
      ),
      ...askedByRules(reader, rules),
      ...askedAtListener(reader, key),
    ];
  });
}
