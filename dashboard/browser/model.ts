/** From rows of traffic to what pages show: nodes, edges, golden signals. Pure. */
import { failures, GatheredCounts, quantile, successRate } from '@weft/core/traffic';
import type { EdgeTraffic } from '@weft/core/documents';

/** Rates, shares and quantiles of some traffic. */
export interface Golden {
  /** Requests a second. */
  readonly rate: number;
  /** 0 to 1; NaN without requests. */
  readonly success: number;
  readonly failing: number;
  /** ms; NaN without requests. */
  readonly p50: number;
  readonly p95: number;
  readonly p99: number;
  /** TCP: octets a second, both ways. */
  readonly octets: number;
}

export interface GraphNode {
  /** `namespace/workload`; `outside` for callers that the mesh does not know. */
  readonly id: string;
  readonly namespace: string;
  readonly name: string;
  readonly inbound: Golden;
  readonly outbound: Golden;
  /** `external`: a host outside the mesh; `namespace`: all workloads of one. */
  readonly kind: 'workload' | 'outside' | 'external' | 'namespace';
  /** Of a namespace: the worst of its callers' edges. Absent: what its own numbers say. */
  readonly health?: Health;
}

export interface GraphEdge {
  readonly id: string;
  readonly from: string;
  readonly to: string;
  readonly golden: Golden;
  readonly protocols: readonly string[];
  readonly security: 'mutual_tls' | 'none' | 'mixed' | 'unknown';
  readonly services: readonly string[];
  readonly routes: readonly string[];
  /** The worst of the edges that it stands for. Absent: what its own numbers say. */
  readonly health?: Health;
}

export interface Graph {
  readonly nodes: readonly GraphNode[];
  readonly edges: readonly GraphEdge[];
}

export const NOTHING: Golden = {
  rate: 0,
  success: Number.NaN,
  failing: 0,
  p50: Number.NaN,
  p95: Number.NaN,
  p99: Number.NaN,
  octets: 0,
};

/** Rows may cover different times: a rate is the sum of what each row's own seconds make of it. */
export function golden(rows: readonly EdgeTraffic[]): Golden {
  const [only] = rows;
  if (only === undefined) return NOTHING;
  const gathered = new GatheredCounts();
  let rate = 0;
  let octets = 0;
  for (const { counts, seconds } of rows) {
    if (rows.length > 1) gathered.add(counts);
    const per = seconds > 0 ? seconds : 1;
    rate += counts.requests / per;
    if (counts.requests === 0) octets += (counts.requestBytes + counts.responseBytes) / per;
  }
  const sum = rows.length > 1 ? gathered.counts() : only.counts;
  return {
    rate,
    success: successRate(sum),
    failing: failures(sum),
    p50: quantile(sum.durations, 0.5),
    p95: quantile(sum.durations, 0.95),
    p99: quantile(sum.durations, 0.99),
    octets,
  };
}

const OUTSIDE = 'outside';

export const callerOf = ({ edge: { source } }: EdgeTraffic): string =>
  source.workload === '' ? OUTSIDE : `${source.namespace}/${source.workload}`;

/** A service whose workload is not known (nothing answered, a host outside) stands for itself. */
export function calledOf({ edge: { destination, service } }: EdgeTraffic): string {
  if (destination.workload !== '') return `${destination.namespace}/${destination.workload}`;
  return `${service.namespace}/${service.name}`;
}

export const serviceOf = ({ edge: { service } }: EdgeTraffic): string =>
  service.namespace === '' ? service.name : `${service.namespace}/${service.name}`;

export function graphOf(rows: readonly EdgeTraffic[]): Graph {
  const nodes = new Map<string, { inbound: EdgeTraffic[]; outbound: EdgeTraffic[] }>();
  const edges = new Map<string, EdgeTraffic[]>();
  const node = (id: string) => {
    const known = nodes.get(id) ?? { inbound: [], outbound: [] };
    nodes.set(id, known);
    return known;
  };
  for (const row of rows) {
    const [from, to] = [callerOf(row), calledOf(row)];
    node(from).outbound.push(row);
    node(to).inbound.push(row);
    const id = `${from}\u0000${to}`;
    const known = edges.get(id);
    if (known === undefined) edges.set(id, [row]);
    else known.push(row);
  }
  return {
    nodes: [...nodes].map(([id, { inbound, outbound }]) => nodeOf(id, inbound, outbound)),
    edges: [...edges].map(([id, members]) => edgeOf(id, members)),
  };
}

function nodeOf(id: string, inbound: readonly EdgeTraffic[], outbound: readonly EdgeTraffic[]): GraphNode {
  const slash = id.indexOf('/');
  return {
    id,
    namespace: slash < 0 ? '' : id.slice(0, slash),
    name: slash < 0 ? id : id.slice(slash + 1),
    inbound: golden(inbound),
    outbound: golden(outbound),
    kind: id === OUTSIDE ? 'outside' : id.startsWith('/') ? 'external' : 'workload',
  };
}

function edgeOf(id: string, members: readonly EdgeTraffic[]): GraphEdge {
  const [from = '', to = ''] = id.split('\u0000');
  // What was answered before there was a connection says nothing of how it would have been secured.
  const known = new Set(members.map(({ edge }) => edge.security).filter((security) => security !== 'unknown'));
  const securities = known.size === 0 ? new Set(['unknown' as const]) : known;
  const [only] = securities;
  return {
    id,
    from,
    to,
    golden: golden(members),
    protocols: distinct(members.map(({ edge }) => edge.protocol)),
    security: securities.size === 1 && only !== undefined ? only : 'mixed',
    services: distinct(members.map(serviceOf)),
    routes: distinct(members.map(({ edge }) => edge.route).filter((route) => route !== '')),
  };
}

export const distinct = (texts: readonly string[]): string[] => [...new Set(texts)].sort();

/** How an edge of a graph is shown. */
export const edgeHealth = ({ golden: own, health }: GraphEdge): Health => health ?? healthOf(own);

export type Health = 'good' | 'poor' | 'bad' | 'idle';

/** What catches the eye: five of a hundred failed, or one. */
export function healthOf({ success, rate, octets }: Golden): Health {
  if (Number.isNaN(success)) return rate > 0 || octets > 0 ? 'good' : 'idle';
  if (success < 0.95) return 'bad';
  return success < 0.99 ? 'poor' : 'good';
}
