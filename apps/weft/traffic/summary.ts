/** Rows of traffic as people ask for them: success, rate and latency of whatever they are grouped by. Pure. */
import type { EdgeTraffic } from '@weft/core/documents';
import { failures, GatheredCounts, quantile, successRate, type TrafficCounts } from '@weft/core/traffic';

export interface Summary {
  readonly requests: number;
  readonly failures: number;
  /** 0 to 1; null without requests. */
  readonly success: number | null;
  /** Requests a second. */
  readonly rate: number;
  /** ms; null without requests. */
  readonly p50: number | null;
  readonly p95: number | null;
  readonly p99: number | null;
  readonly retries: number;
  /** TCP connections opened a second, and octets a second towards and from the called side. */
  readonly connections: number;
  /** TCP connections that were open, on average. */
  readonly open: number;
  readonly bytesIn: number;
  readonly bytesOut: number;
  /** Of requests and connections with mTLS: all, none or part. */
  readonly mtls: 'all' | 'none' | 'part';
}

/** In the order of first appearance. */
export function grouped(
  rows: readonly EdgeTraffic[],
  keyOf: (row: EdgeTraffic) => string | undefined,
): Map<string, { readonly rows: EdgeTraffic[]; readonly summary: Summary }> {
  const groups = new Map<string, EdgeTraffic[]>();
  for (const row of rows) {
    const key = keyOf(row);
    if (key === undefined) continue;
    const group = groups.get(key);
    if (group === undefined) groups.set(key, [row]);
    else group.push(row);
  }
  return new Map([...groups].map(([key, group]) => [key, { rows: group, summary: summaryOf(group) }]));
}

export function summaryOf(rows: readonly EdgeTraffic[]): Summary {
  const gathered = new GatheredCounts();
  for (const { counts } of rows) gathered.add(counts);
  const counts = gathered.counts();
  const seconds = Math.max(0.001, ...rows.map((row) => row.seconds));
  return {
    requests: counts.requests,
    failures: failures(counts),
    success: number(successRate(counts)),
    rate: counts.requests / seconds,
    p50: number(quantile(counts.durations, 0.5)),
    p95: number(quantile(counts.durations, 0.95)),
    p99: number(quantile(counts.durations, 0.99)),
    retries: counts.retries,
    connections: counts.opened / seconds,
    open: counts.openTime / 1000 / seconds,
    bytesIn: counts.requestBytes / seconds,
    bytesOut: counts.responseBytes / seconds,
    mtls: securityOf(rows),
  };
}

const number = (value: number): number | null => (Number.isNaN(value) ? null : value);

function securityOf(rows: readonly EdgeTraffic[]): Summary['mtls'] {
  const weight = ({ requests, opened, closed, openTime }: TrafficCounts): number =>
    requests + opened + closed + Math.sign(openTime);
  const all = rows.reduce((sum, { counts }) => sum + weight(counts), 0);
  const secured = rows.reduce(
    (sum, { edge, counts }) => sum + (edge.security === 'mutual_tls' ? weight(counts) : 0),
    0,
  );
  return secured === 0 ? 'none' : secured === all ? 'all' : 'part';
}
