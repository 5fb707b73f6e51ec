/** What the proxies count: scrapes their admin sockets (Prometheus text) and turns two readings into rates and percentiles by edge. */
import http from 'node:http';

export interface Sample {
  readonly name: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly value: number;
}

export function scrape(socketPath: string): Promise<readonly Sample[]> {
  return new Promise((resolve, reject) => {
    http
      .get({ socketPath, path: '/stats/prometheus', agent: false, timeout: 3000 }, (response) => {
        let text = '';
        response.setEncoding('utf8').on('data', (chunk: string) => {
          text += chunk;
        });
        response.on('end', () => resolve(parseExposition(text))).on('error', reject);
      })
      .on('error', reject);
  });
}

/** Prometheus text exposition format 0.0.4: `name{label="value",...} value`. */
export function parseExposition(text: string): Sample[] {
  const samples: Sample[] = [];
  for (const line of text.split('\n')) {
    const match = /^([a-zA-Z_:][\w:]*)(?:\{(.*)\})? (\S+)/.exec(line);
    if (match === null) continue;
    const labels: Record<string, string> = {};
    for (const [, key = '', value = ''] of (match[2] ?? '').matchAll(/([a-zA-Z_]\w*)="((?:[^"\\]|\\.)*)"/g)) {
      labels[key] = value.replace(/\\(.)/g, (_, char: string) => (char === 'n' ? '\n' : char));
    }
    samples.push({ name: match[1] ?? '', labels, value: Number(match[3]) });
  }
  return samples;
}

/** Who calls whom, since the reading before. */
export interface Edge {
  readonly from: string;
  readonly to: string;
  /** Version of the callee, '' when unknown. */
  readonly version: string;
  readonly requests: number;
  readonly failures: number;
  /** ms; NaN without requests. */
  readonly p50: number;
  readonly p99: number;
  readonly mtls: boolean;
  /** TCP connections that are open now; requests and percentiles are not counted on them. */
  readonly connections: number;
}

const edgeKey = ({ labels }: Sample): string =>
  [
    labels.source_app ?? labels.source_workload ?? '',
    labels.destination_service_name ?? labels.destination_app ?? '',
    labels.destination_version ?? '',
  ].join('>');

/** Counts of `later` less those of `earlier`, as the callers' proxies (reporter="source") saw them. */
export function edges(earlier: readonly Sample[], later: readonly Sample[]): Edge[] {
  const id = ({ name, labels }: Sample): string => `${name} ${JSON.stringify(labels)}`;
  const before = new Map(earlier.map((sample) => [id(sample), sample.value]));
  const grouped = new Map<
    string,
    { requests: number; failures: number; mtls: boolean; connections: number; buckets: Map<number, number> }
  >();
  for (const sample of later) {
    if (sample.labels.reporter !== 'source') continue;
    const grown = Math.max(0, sample.value - (before.get(id(sample)) ?? 0));
    const key = edgeKey(sample);
    const group = grouped.get(key) ?? {
      requests: 0,
      failures: 0,
      mtls: false,
      connections: 0,
      buckets: new Map<number, number>(),
    };
    grouped.set(key, group);
    if (sample.name === 'istio_requests_total') {
      group.requests += grown;
      if (Number(sample.labels.response_code) >= 500 || sample.labels.response_code === '0') group.failures += grown;
      if (grown > 0 && sample.labels.connection_security_policy === 'mutual_tls') group.mtls = true;
    } else if (sample.name === 'istio_request_duration_milliseconds_bucket') {
      const bound = sample.labels.le === '+Inf' ? Number.POSITIVE_INFINITY : Number(sample.labels.le);
      group.buckets.set(bound, (group.buckets.get(bound) ?? 0) + grown);
    } else if (sample.name === 'istio_tcp_connections_opened_total') {
      group.connections += sample.value;
      if (sample.labels.connection_security_policy === 'mutual_tls') group.mtls = true;
    } else if (sample.name === 'istio_tcp_connections_closed_total') group.connections -= sample.value;
  }
  return [...grouped]
    .filter(([, { requests, connections }]) => requests > 0 || connections > 0)
    .map(([key, { requests, failures, mtls, connections, buckets }]) => {
      const [from = '', to = '', version = ''] = key.split('>');
      return {
        from,
        to,
        version,
        requests,
        failures,
        mtls,
        connections,
        p50: percentile(buckets, 0.5),
        p99: percentile(buckets, 0.99),
      };
    })
    .sort((a, b) => (a.from + a.to + a.version < b.from + b.to + b.version ? -1 : 1));
}

/** Upper estimate by linear interpolation within a cumulative histogram, as histogram_quantile does. */
export function percentile(buckets: ReadonlyMap<number, number>, quantile: number): number {
  const sorted = [...buckets].sort(([a], [b]) => a - b);
  const total = sorted.at(-1)?.[1] ?? 0;
  if (total === 0) return Number.NaN;
  const rank = quantile * total;
  let lower = 0;
  let below = 0;
  for (const [bound, count] of sorted) {
    if (count >= rank)
      return bound === Number.POSITIVE_INFINITY
        ? lower
        : lower + ((bound - lower) * (rank - below)) / Math.max(1, count - below);
    lower = bound;
    below = count;
  }
  return lower;
}
