/** envoy.extensions.filters.http.on_demand.v3: what of it is fetched is the same for the filter and for a route. */
import type { OnDemandFilter } from '@weft/core/proxy-config';
import type { Messages } from '../../tables/index.ts';
import { ADS, decodeSource } from '../base/config-source.ts';
import type { Cursor } from '../base/cursor.ts';
import { durationUnless, takeDuration } from '../base/duration.ts';

export const ON_DEMAND = 'envoy.extensions.filters.http.on_demand.v3.OnDemand';
export const ON_DEMAND_PER_ROUTE = 'envoy.extensions.filters.http.on_demand.v3.PerRouteConfig';

/** Envoy's default for clusters, ms. */
const TIMEOUT = 5000;

type Wire = Messages[typeof ON_DEMAND];

export const decodeOnDemand = (cursor: Cursor<Wire>): OnDemandFilter => ({
  kind: 'on-demand',
  clusterTimeout: cursor.within('odcds', (odcds) => {
    const file = odcds.within('source', decodeSource);
    if (file !== undefined) odcds.fault('source', 'unsupported-value', 'only ads is supported for clusters on demand');
    if (!odcds.has('source'))
      odcds.fault('source', 'missing-field', 'clusters need their source', 'set source: {ads: {}}');
    const timeout = takeDuration(odcds, 'timeout', TIMEOUT);
    if (timeout === 0) odcds.fault('timeout', 'invalid-value', 'must be more than 0');
    return timeout;
  }),
});

export const encodeOnDemand = ({ clusterTimeout }: OnDemandFilter): Wire =>
  clusterTimeout === undefined ? {} : { odcds: { source: ADS, timeout: durationUnless(clusterTimeout, TIMEOUT) } };
