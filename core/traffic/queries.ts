/** Which requests failed, as queries over Istio's series (Prometheus' language): the same that `isFailure` says of an answer. */
import { GRPC_FAULTS } from './counts.ts';

/**
 * Failed requests over `range` (Prometheus' form, `90s`), of those that `matchers` choose: 0 where none failed. `as`: `increase` counts them,
 * `rate` gives them a second.
 */
export function failedQuery(matchers: string, range: string, as: 'increase' | 'rate' = 'increase'): string {
  const chosen = matchers === '' ? '' : `${matchers},`;
  const none = `${chosen}grpc_response_status="",response_code="0",response_flags!="DC"`;
  const http = `${chosen}grpc_response_status="",response_code=~"5.."`;
  const grpc = `${chosen}grpc_response_status=~"${[...GRPC_FAULTS].join('|')}"`;
  return [http, none, grpc]
    .map((labels) => `(sum(${as}(istio_requests_total{${labels}}[${range}])) or vector(0))`)
    .join(' + ');
}

/** Their share, 0 to 1; no answer where there were no requests. */
export function failedShareQuery(matchers: string, range: string, as: 'increase' | 'rate' = 'increase'): string {
  return `(${failedQuery(matchers, range, as)}) / (sum(${as}(istio_requests_total{${matchers}}[${range}])) > 0)`;
}
