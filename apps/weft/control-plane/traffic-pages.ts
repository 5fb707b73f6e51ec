/** `/weft/v1/traffic`: what the live table holds, for `weft stat`, `top`, `edges` and `graph`. The document is stable. */
import { type Answer, badRequest, type ExtraRoute, hasRole, Pieces, refuse } from '@weft/control/api';
import { DEFAULT_WINDOW, LONGEST_WINDOW, type TrafficSource } from '@weft/control/observe';
import type { EdgeTraffic, TrafficHealth } from '@weft/core/documents';
import { parseDuration } from '@weft/core/kernel';

export const trafficPages = (traffic: TrafficSource): ExtraRoute[] => [
  {
    method: 'GET',
    path: '/weft/v1/traffic',
    allowed: (user) => hasRole(user, 'view'),
    run: ({ query }) => page(traffic, query),
  },
];

/** A TrafficDocument. `window`: a duration, default 1m, at most 10m. `reporter`: `once` (default: each call once), or `all`. */
function page(traffic: TrafficSource, query: URLSearchParams): Answer {
  const window = query.has('window') ? parseDuration(query.get('window') ?? '') : DEFAULT_WINDOW;
  const reporter = query.get('reporter') ?? 'once';
  if (window === undefined || window < 1000 || window > LONGEST_WINDOW)
    return refuse(badRequest('window must be a duration from 1s to 10m'));
  if (reporter !== 'once' && reporter !== 'all') return refuse(badRequest('reporter must be once or all'));
  // Text row by row: thousands of rows as objects, all at once, would outlive the young generation, each time somebody looks.
  const body = new Pieces();
  body.add(`{"health":${JSON.stringify(traffic.health satisfies TrafficHealth)},"rows":[`);
  let between = '';
  for (const row of traffic.rows(window, reporter)) {
    body.add(between + JSON.stringify(row satisfies EdgeTraffic));
    between = ',';
  }
  body.add(']}\n');
  return { code: 200, type: 'application/json', body: body.done() };
}
