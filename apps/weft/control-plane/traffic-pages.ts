/** `/weft/v1/traffic`: what the live table holds, for `weft stat`, `top`, `edges` and `graph`. The document is stable. */
import { type Answer, answer, badRequest, type ExtraRoute, hasRole, refuse } from '@weft/control/api';
import { DEFAULT_WINDOW, LONGEST_WINDOW, type TrafficSource } from '@weft/control/observe';
import type { TrafficDocument } from '@weft/core/documents';
import { parseDuration } from '@weft/core/kernel';

export const trafficPages = (traffic: TrafficSource): ExtraRoute[] => [
  {
    method: 'GET',
    path: '/weft/v1/traffic',
    allowed: (user) => hasRole(user, 'view'),
    run: ({ query }) => page(traffic, query),
  },
];

/** `window`: a duration, default 1m, at most 10m. `reporter`: `once` (default: each call once), or `all`. */
function page(traffic: TrafficSource, query: URLSearchParams): Answer {
  const window = query.has('window') ? parseDuration(query.get('window') ?? '') : DEFAULT_WINDOW;
  const reporter = query.get('reporter') ?? 'once';
  if (window === undefined || window < 1000 || window > LONGEST_WINDOW)
    return refuse(badRequest('window must be a duration from 1s to 10m'));
  if (reporter !== 'once' && reporter !== 'all') return refuse(badRequest('reporter must be once or all'));
  const rows = reporter === 'all' ? traffic.edges(window) : traffic.calls(window);
  return answer({ health: traffic.health, rows } satisfies TrafficDocument);
}
