/** envoy.extensions.filters.http.health_check.v3. */
import type { HealthCheckFilter } from '@weft/core/proxy-config';
import type { Messages } from '../../tables/index.ts';
import type { Cursor } from '../base/cursor.ts';
import { fromMilliseconds, takeDuration } from '../base/duration.ts';
import { some } from '../base/encoding.ts';
import { decodeHeader, encodeHeader } from '../base/matcher.ts';

type Wire = Messages['envoy.extensions.filters.http.health_check.v3.HealthCheck'];

export const HEALTH_CHECK = 'envoy.extensions.filters.http.health_check.v3.HealthCheck';

export function decodeHealthCheckFilter(cursor: Cursor<Wire>): HealthCheckFilter {
  const passThrough = cursor.take('pass_through_mode') ?? false;
  const cacheTime = takeDuration(cursor, 'cache_time', 0);
  const wanted = [...(cursor.take('cluster_min_healthy_percentages') ?? [])];
  if (!passThrough && cacheTime > 0)
    cursor.fault('cache_time', 'invalid-value', 'without pass_through_mode there is no answer to keep');
  if (passThrough && wanted.length > 0)
    cursor.fault('cluster_min_healthy_percentages', 'invalid-value', 'beside pass_through_mode it has no effect');
  return {
    kind: 'health-check',
    passThrough,
    cacheTime,
    clusters: wanted
      .map(([cluster, percent]) => ({ cluster, percent: percent.value ?? 0 }))
      .toSorted((a, b) => (a.cluster < b.cluster ? -1 : 1)),
    headers: cursor.each('headers', decodeHeader),
  };
}

export const encodeHealthCheckFilter = (filter: HealthCheckFilter): Wire => ({
  pass_through_mode: filter.passThrough,
  cache_time: filter.cacheTime === 0 ? undefined : fromMilliseconds(filter.cacheTime),
  cluster_min_healthy_percentages:
    filter.clusters.length === 0
      ? undefined
      : new Map(filter.clusters.map(({ cluster, percent }) => [cluster, { value: percent }])),
  headers: some(filter.headers.map(encodeHeader)),
});
