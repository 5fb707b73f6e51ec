/** `/weft/v1/traces` and `/weft/v1/traces/ID`: what the control plane keeps of requests, for `weft traces`, `weft trace` and the dashboard. */
import { answer, type Answer, badRequest, type ExtraRoute, hasRole, refuse } from '@weft/control/api';
import type { ObserveService, TraceStore } from '@weft/control/observe';
import type { TraceDocument, TracesDocument } from '@weft/core/documents';
import { parseDuration } from '@weft/core/kernel';
import { type KeptSpan, spanTree } from '@weft/core/traces';

const MOST = 500;
const STANDARD = 50;

export const tracePages = (observe: () => ObserveService): ExtraRoute[] => [
  {
    method: 'GET',
    path: '/weft/v1/traces',
    allowed: (user) => hasRole(user, 'view'),
    run: ({ query }) => list(observe().traces, query),
  },
  {
    method: 'GET',
    path: '/weft/v1/traces/:id',
    allowed: (user) => hasRole(user, 'view'),
    run: ({ params }) => {
      const { traces } = observe();
      const spans = traces.trace(params['id'] ?? '');
      const [first] = spans;
      return answer({
        traces: first === undefined ? [] : [documentOf(first.trace, spans)],
        health: traces.health,
      } satisfies TracesDocument);
    },
  },
];

/** `namespace`, `workload`, `errors=true`, `slowerThan` (a duration), `limit` (default 50, at most 500). */
function list(traces: TraceStore, query: URLSearchParams): Answer {
  const slowerThan = query.has('slowerThan') ? parseDuration(query.get('slowerThan') ?? '') : 0;
  const limit = Number(query.get('limit') ?? STANDARD);
  if (slowerThan === undefined) return refuse(badRequest('slowerThan must be a duration such as 250ms'));
  if (!Number.isInteger(limit) || limit < 1 || limit > MOST)
    return refuse(badRequest(`limit must be a whole number from 1 to ${MOST}`));
  const found = traces.find({
    namespace: query.get('namespace') ?? '',
    workload: query.get('workload') ?? '',
    errors: query.get('errors') === 'true',
    slowerThan,
    limit,
  });
  return answer({
    traces: found.flatMap((spans) => (spans[0] === undefined ? [] : [documentOf(spans[0].trace, spans)])),
    health: traces.health,
  } satisfies TracesDocument);
}

/** Each span after its parent, those of one parent by their beginning: clocks of different hosts alone do not tell who called whom. */
const documentOf = (id: string, spans: readonly KeptSpan[]): TraceDocument => ({
  id,
  spans: spanTree(spans).map(({ span }) => span),
});
