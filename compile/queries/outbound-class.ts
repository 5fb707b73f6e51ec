/** What of a proxy its outbound side depends on: proxies of one class share every outbound object. */
import {
  askedByArrivals,
  byName,
  type Locality,
  namespaceOf,
  scope,
  scopeRequest,
  type Proxy,
  type Scope,
  type ScopeRequest,
  type ViewReader,
} from '@weft/core/mesh-view';
import type { Query } from '../incremental/query.ts';
import type { EngineName } from '../profiles.ts';

export interface OutboundClass extends ScopeRequest {
  readonly engine: EngineName;
  /** Its short service names are those of this namespace. */
  readonly namespace: string;
  readonly network: string;
  readonly locality: Locality;
  readonly httpProxyPort: number;
}

const classes = new WeakMap<Proxy, OutboundClass>();

/** Of one proxy always the same object. */
export function outboundClass(proxy: Proxy): OutboundClass {
  let of = classes.get(proxy);
  if (of === undefined) {
    of = {
      engine: proxy.role === 'grpc' ? 'grpc' : proxy.engine.name,
      namespace: namespaceOf(proxy.id),
      network: proxy.network,
      locality: proxy.locality,
      httpProxyPort: proxy.httpProxyPort,
      ...scopeRequest(proxy),
    };
    classes.set(proxy, of);
  }
  return of;
}

/** As `outboundClass`, with what its filters ask about what arrives at its workloads. */
export function classOf(reader: ViewReader, proxy: Proxy): OutboundClass {
  const of = outboundClass(proxy);
  if (proxy.role !== 'sidecar') return of;
  const asked = new Set(proxy.workloads.flatMap((workload) => askedByArrivals(reader, workload)));
  return asked.size === 0 ? of : { ...of, asked: [...asked].sort(byName) };
}

const keys = new WeakMap<OutboundClass, string>();

/** As text; the order of upstreams does not matter. */
export function classKey(of: OutboundClass): string {
  let key = keys.get(of);
  if (key === undefined) {
    const upstreams = of.upstreams
      .map(({ service, port, localPort }) => `${localPort}=${service}:${port ?? ''}`)
      .sort();
    const { region, zone, subZone } = of.locality;
    key = [
      of.engine,
      of.namespace,
      of.network,
      `${region}/${zone}/${subZone}`,
      of.httpProxyPort,
      of.everything,
      of.gateway,
      of.asked.join(','),
      ...upstreams,
    ].join(' ');
    keys.set(of, key);
  }
  return key;
}

export const outboundScope: Query<OutboundClass, Scope> = {
  name: 'scope',
  keyOf: classKey,
  compute: (context, of) => scope(context, of),
};
