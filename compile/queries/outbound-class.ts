/** What of a proxy its outbound side depends on: proxies of one class share every outbound object. */
import {
  askedByArrivals,
  byName,
  ONLY,
  type Locality,
  isVisible,
  scope,
  scopeRequest,
  type Proxy,
  type Scope,
  type ScopeRequest,
  type UpstreamRequest,
  type ViewReader,
  visibilityOf,
} from '@weft/core/mesh-view';
import type { Query } from '../incremental/query.ts';
import type { EngineName } from '../profiles.ts';
import { NO_LABELS } from './endpoints.ts';

export interface OutboundClass extends ScopeRequest {
  readonly engine: EngineName;
  readonly network: string;
  readonly locality: Locality;
  readonly httpProxyPort: number;
  /** Upstreams that its Visibility hides: nothing listens for them. */
  readonly hidden: readonly UpstreamRequest[];
  /** What holds for it of what is asked about callers, sorted. */
  readonly callers: readonly string[];
  /** Of these what TrafficPolicies ask. */
  readonly consumers: readonly string[];
  /** Its labels that any `locality` asks about; its endpoints alone depend on them, so that they are not part of `classKey`. */
  readonly labels: Readonly<Record<string, string>>;
}

const classes = new WeakMap<Proxy, OutboundClass>();

/** Of one proxy always the same object. */
export function outboundClass(proxy: Proxy): OutboundClass {
  let of = classes.get(proxy);
  if (of === undefined) {
    of = {
      engine: proxy.role === 'grpc' ? 'grpc' : proxy.engine.name,
      network: proxy.network,
      locality: proxy.locality,
      httpProxyPort: proxy.httpProxyPort,
      hidden: [],
      callers: [],
      consumers: [],
      labels: NO_LABELS,
      ...scopeRequest(proxy),
    };
    classes.set(proxy, of);
  }
  return of;
}

/** As `outboundClass`, with what its Visibility leaves, and what its filters ask about what arrives at its workloads. */
export function classOf(reader: ViewReader, proxy: Proxy): OutboundClass {
  const of = asCaller(narrowed(reader, outboundClass(proxy), visibilityOf(reader, proxy)), reader, proxy);
  if (proxy.role !== 'sidecar') return of;
  const asked = new Set(proxy.workloads.flatMap((workload) => askedByArrivals(reader, workload)));
  return asked.size === 0 ? of : { ...of, asked: [...asked].sort(byName) };
}

function asCaller(of: OutboundClass, reader: ViewReader, { id, role, gateway }: Proxy): OutboundClass {
  const calls = gateway === '' && (role === 'sidecar' || role === 'grpc');
  const callers = calls ? reader.read('callerConditions', id) : undefined;
  const labels = calls ? reader.read('localityLabels', id) : undefined;
  if (callers === undefined && labels === undefined) return of;
  const asked = callers === undefined ? [] : (reader.read('consumers', ONLY) ?? []);
  const consumers = callers?.filter((key) => asked.includes(key)) ?? [];
  return { ...of, callers: callers ?? of.callers, consumers, labels: labels ?? of.labels };
}

function narrowed(reader: ViewReader, of: OutboundClass, visibility: string): OutboundClass {
  const row = visibility === '' ? undefined : reader.read('visibility', visibility);
  if (row === undefined) return of;
  const [upstreams, hidden]: [UpstreamRequest[], UpstreamRequest[]] = [[], []];
  for (const one of of.upstreams) (isVisible(row, of.namespace, one.service) ? upstreams : hidden).push(one);
  return { ...of, visibility, upstreams, hidden };
}

const keys = new WeakMap<OutboundClass, string>();

/** As text; the order of upstreams does not matter. */
export function classKey(of: OutboundClass): string {
  let key = keys.get(of);
  if (key === undefined) {
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
      of.visibility,
      ...textsOf(of.upstreams),
      '|',
      ...textsOf(of.hidden),
      '|',
      ...of.callers,
    ].join(' ');
    keys.set(of, key);
  }
  return key;
}

const textsOf = (upstreams: readonly UpstreamRequest[]): string[] =>
  upstreams.map(({ service, port, localPort }) => `${localPort}=${service}:${port ?? ''}`).sort();

const scopes = new WeakMap<OutboundClass, ScopeRequest>();
const scopeKeys = new WeakMap<ScopeRequest, string>();

/** What of a class decides about its scope alone: classes that see the same share tables of clusters and endpoints, whatever their namespaces. */
export function scopeOf(of: OutboundClass): ScopeRequest {
  let request = scopes.get(of);
  if (request === undefined) {
    const { gateway, everything, visibility, asked } = of;
    const namespace = visibility === '' ? '' : of.namespace;
    request = { gateway, everything, namespace, visibility, asked, upstreams: of.upstreams };
    scopes.set(of, request);
  }
  return request;
}

/** As text; at which ports upstreams are listened for does not matter. */
export function scopeKey(request: ScopeRequest): string {
  let key = scopeKeys.get(request);
  if (key === undefined) {
    const { gateway, everything, namespace, visibility, asked, upstreams } = request;
    const called = [...new Set(upstreams.map(({ service, port }) => `${service}:${port ?? ''}`))].sort();
    key = [gateway, everything, namespace, visibility, asked.join(','), ...called].join(' ');
    scopeKeys.set(request, key);
  }
  return key;
}

export const outboundScope: Query<ScopeRequest, Scope> = {
  name: 'scope',
  keyOf: scopeKey,
  compute: (context, request) => scope(context, request),
};
