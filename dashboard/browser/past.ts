/** The graph of an earlier minute, out of the time series: what the live table would have said then. */
import { instant, type Series } from './api.ts';
import { type Edge, NO_COUNTS, NOBODY, type ResponseCount } from '@weft/core/traffic';
import type { EdgeTraffic } from '@weft/core/documents';

const BY =
  'source_workload, source_workload_namespace, source_principal, destination_workload, destination_workload_namespace, destination_principal, destination_service_name, destination_service_namespace, request_protocol, connection_security_policy, route';
const WINDOW = 120;

/** `at`: Unix seconds. */
export async function pastRows(at: number, signal?: AbortSignal): Promise<readonly EdgeTraffic[]> {
  const [answers, buckets] = await Promise.all([
    instant(
      `sum by (${BY}, response_code, grpc_response_status, response_flags) (increase(istio_requests_total{reporter="source"}[${WINDOW}s])) > 0`,
      at,
      signal,
    ),
    instant(
      `sum by (${BY}, le) (increase(istio_request_duration_milliseconds_bucket{reporter="source"}[${WINDOW}s]))`,
      at,
      signal,
    ),
  ]);
  const rows = new Map<string, { edge: Edge; responses: ResponseCount[]; buckets: [number, number][] }>();
  const row = ({ metric }: Series) => {
    const edge = edgeOf(metric);
    const key = JSON.stringify(edge);
    const known = rows.get(key) ?? { edge, responses: [], buckets: [] };
    rows.set(key, known);
    return known;
  };
  for (const series of answers) {
    const { response_code: code = '0', grpc_response_status: grpc = '', response_flags: flags = '-' } = series.metric;
    row(series).responses.push({
      code: Number(code),
      grpc: grpc === '' ? -1 : Number(grpc),
      flags: flags === '-' ? '' : flags,
      count: Number(series.values[0]?.[1] ?? 0),
    });
  }
  for (const series of buckets) {
    const le = series.metric['le'] ?? '';
    if (le === '+Inf') continue;
    row(series).buckets.push([Math.round(Math.log2(Number(le)) * 8), Number(series.values[0]?.[1] ?? 0)]);
  }
  return [...rows.values()].flatMap(({ edge, responses, buckets: cumulative }) => {
    const requests = responses.reduce((sum, { count }) => sum + count, 0);
    if (requests === 0) return [];
    const sorted = cumulative.toSorted(([a], [b]) => a - b);
    const held = sorted.map(([index, count], at) => [index, count - (sorted[at - 1]?.[1] ?? 0)] as const);
    const count = sorted.at(-1)?.[1] ?? 0;
    const durations = { count, sum: 0, buckets: held.filter(([, amount]) => amount > 0) };
    return [{ edge, counts: { ...NO_COUNTS, requests, responses, durations }, seconds: WINDOW, lastSeen: at * 1000 }];
  });
}

const SECURITIES = ['mutual_tls', 'none'] as const;

const known = (text: string | undefined): string => (text === undefined || text === 'unknown' ? '' : text);

function edgeOf(metric: Readonly<Record<string, string>>): Edge {
  const party = (side: string): Edge['source'] => ({
    ...NOBODY,
    namespace: known(metric[`${side}_workload_namespace`]),
    workload: known(metric[`${side}_workload`]),
    identity: known(metric[`${side}_principal`]),
  });
  return {
    reporter: 'source',
    protocol: metric['request_protocol'] === 'grpc' ? 'grpc' : 'http',
    source: party('source'),
    destination: party('destination'),
    service: {
      namespace: known(metric['destination_service_namespace']),
      name: known(metric['destination_service_name']),
    },
    route: metric['route'] ?? '',
    security: SECURITIES.find((known) => known === metric['connection_security_policy']) ?? 'unknown',
  };
}
