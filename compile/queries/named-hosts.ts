/**
 * Hosts that are resolved when a caller names them (Envoy: dynamic forward proxy): below wildcards, of ExternalServices with several hosts or
 * addresses, and all where the Mesh says `egress.mode: Allow`. DNS may lead a name anywhere, so that addresses of private networks, of this machine
 * and of the mesh's workloads are no answer, unless the ExternalService lists them. An ExternalService with an
 * `egressGateway` is resolved by the processes of that Gateway, in the same way.
 */
import { parseCidr, SPECIAL_RANGES, isSpecialRange, withoutRanges } from '@weft/core/kernel';
import { byName, ONLY, parsePortKey, type ScopeRequest, type ServiceRow, type ViewReader } from '@weft/core/mesh-view';
import type { Cluster, DnsCache, HttpFilter } from '@weft/core/proxy-config';
import type { Query } from '../incremental/query.ts';
import { OUTSIDE_NAME } from '../names.ts';
import { EMPTY_CLUSTER } from './cluster-defaults.ts';
import { outboundScope, scopeKey } from './outbound-class.ts';

/** Hosts of one ExternalService, and of all that are no service's, at a time; queries and requests that wait for them alike. */
const HOSTS = 1024;

/** undefined: its endpoints are known, or it is reached by a Gateway. */
export const cacheOfService = (reader: ViewReader, row: ServiceRow | undefined): DnsCache | undefined =>
  row?.external?.through === undefined ? cacheOfHosts(reader, row) : undefined;

/** The same where nobody stands between: at the Gateway that it is reached by. */
export const cacheOfHosts = (reader: ViewReader, row: ServiceRow | undefined): DnsCache | undefined =>
  row?.external === undefined || row.external.endpoints !== undefined
    ? undefined
    : cache(reader, row.external.addresses);

/** Whoever calls it by a port of its own has not said which host is meant: the forward proxy is the only way. */
export const isNamedByCallers = (reader: ViewReader, service: string): boolean => {
  const external = reader.read('service', service)?.external;
  return external !== undefined && external.endpoints === undefined;
};

/** `listed`: what its ExternalService lists. */
function cache(reader: ViewReader, listed: readonly string[]): DnsCache {
  const asked = listed.flatMap((text) => parseCidr(text) ?? []).filter(isSpecialRange);
  const own = reader.read('ownAddresses', ONLY) ?? [];
  const ranges = withoutRanges([...SPECIAL_RANGES, ...own], asked);
  return {
    // Envoy takes no other settings under a name that it knows: what differs has another name.
    name: asked.length + own.length === 0 ? 'named-hosts' : `named-hosts/${digest(ranges.join())}`,
    family: 'v4-preferred',
    refreshRate: 60_000,
    minRefreshRate: 5000,
    failureRefreshRate: { base: 1000, max: 10_000 },
    hostTtl: 300_000,
    maxHosts: HOSTS,
    maxPendingRequests: HOSTS,
    queryTimeout: 5000,
    refused: { ranges, inverted: false },
  };
}

/** FNV-1a over two bases, 16 hexadecimal digits. */
function digest(text: string): string {
  let [one, other] = [0x811c9dc5, 0x01000193];
  for (let index = 0; index < text.length; index += 1) {
    const code = text.charCodeAt(index);
    one = Math.imul(one ^ code, 0x01000193) >>> 0;
    other = Math.imul(other ^ code, 0x85ebca6b) >>> 0;
  }
  return [one, other].map((half) => half.toString(16).padStart(8, '0')).join('');
}

const opens = (reader: ViewReader): boolean => reader.read('mesh', ONLY)?.egress === 'allow';

/** For what is no service's; undefined: nothing of it is reached. */
export const cacheOfOutside = (reader: ViewReader): DnsCache | undefined =>
  opens(reader) ? cache(reader, []) : undefined;

/** The filters of a forward proxy, off but where a route says otherwise; the last ones, as nothing else waits for DNS. */
export const namedHostFilters: Query<ScopeRequest, readonly HttpFilter[]> = {
  name: 'named-host-filters',
  keyOf: scopeKey,
  compute(context, request) {
    const caches = new Map<string, DnsCache>();
    const keep = (one: DnsCache | undefined): void => void (one !== undefined && caches.set(one.name, one));
    keep(cacheOfOutside(context));
    for (const port of context.ask(outboundScope, request).ports)
      keep(cacheOfService(context, context.read('service', parsePortKey(port).service)));
    return [...caches.values()]
      .sort((a, b) => byName(a.name, b.name))
      .map((one) => ({ kind: 'dynamic-forward-proxy', name: one.name, disabled: true, cache: one }));
  },
};

/** Everything that is no service's. */
export const outsideCluster = (cache: DnsCache): Cluster => ({
  ...EMPTY_CLUSTER,
  name: OUTSIDE_NAME,
  discovery: { kind: 'dynamic-forward-proxy', cache },
  loadBalancing: { kind: 'cluster-provided' },
});
