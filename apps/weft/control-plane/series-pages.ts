/** Prometheus' HTTP API of the mesh's time series, below `/weft/v1/prometheus`: what Grafana takes as the URL of a Prometheus. */
import { badRequest, type Call, type ExtraRoute, hasRole, type Outcome, readText, refuse } from '@weft/control/api';
import type { SeriesQueries } from '@weft/control/series';

/** Below `/api/v1/`; everything else is 404 and is never handed on. */
const CALLS = [
  'query',
  'query_range',
  'query_exemplars',
  'series',
  'labels',
  'label/:name/values',
  'metadata',
  'rules',
  'alerts',
  'status/buildinfo',
];

export function seriesPages(series: SeriesQueries): ExtraRoute[] {
  return CALLS.flatMap((name) =>
    (['GET', 'POST'] as const).map((method) => ({
      method,
      path: `/weft/v1/prometheus/api/v1/${name}`,
      allowed: (user) => hasRole(user, 'view'),
      run: (call) => answered(series, name, call),
    })),
  );
}

async function answered(series: SeriesQueries, name: string, call: Call): Promise<Outcome> {
  const parameters = new URLSearchParams(call.query);
  if (call.request.method === 'POST') {
    const text = await readText(call.request);
    if (!text.ok) return refuse(text.error);
    if ((call.request.headers['content-type'] ?? '').split(';')[0]?.trim() !== 'application/x-www-form-urlencoded')
      return refuse(badRequest('the body must be application/x-www-form-urlencoded'));
    for (const [key, value] of new URLSearchParams(text.value)) parameters.append(key, value);
  }
  const label = call.params['name'];
  const path = label === undefined ? name : name.replace(':name', encodeURIComponent(label));
  const { code, body } = await series.query(path, parameters);
  return { code, type: 'application/json', body };
}
