// The two laws of the normal form, for every table and over bytes: what compile makes survives the wire, and what was accepted from
// elsewhere settles after one round.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { formatDiagnostic, type Diagnostic, type Result } from '@weft/core/kernel';
import type { Cluster } from '@weft/core/proxy-config';
import fc from 'fast-check';
import { ENVOY_PROFILE, WEFT_PROFILE, type ClientProfile } from '../profile/index.ts';
import {
  apiListener,
  cluster,
  endpointSet,
  internalListener,
  listener,
  routeConfiguration,
  routeScope,
} from '../testing/rows/index.ts';
import {
  readCluster,
  readEndpointSet,
  readListener,
  readRouteConfiguration,
  readRouteScope,
  writeCluster,
  writeEndpointSet,
  writeListener,
  writeRouteConfiguration,
  writeRouteScope,
  type Written,
} from './index.ts';

function law<Row>(
  what: string,
  rows: fc.Arbitrary<Row>,
  write: (row: Row, profile: ClientProfile) => Written,
  read: (bytes: Uint8Array) => Result<Row, readonly Diagnostic[]>,
  profile: ClientProfile,
  numRuns: number,
): void {
  test(`${what} for ${profile.engine}: decode(encode(c)) equals c, and bytes are deterministic`, () => {
    fc.assert(
      fc.property(rows, (row) => {
        const written = write(row, profile);
        assert.deepEqual(written.diagnostics, []);
        const back = read(written.bytes);
        assert.ok(back.ok, back.ok ? '' : back.error.map(formatDiagnostic).join('\n'));
        assert.deepEqual(back.value, row);
        assert.deepEqual(write(back.value, profile).bytes, written.bytes);
      }),
      { numRuns },
    );
  });
}

/** Envoy as it is published has every policy but one, and every detection but our own. */
const inEnvoy = ({ loadBalancing, outlierDetection }: Cluster): boolean =>
  loadBalancing.kind !== 'peak-ewma' && outlierDetection?.own === undefined;

for (const profile of [WEFT_PROFILE, ENVOY_PROFILE]) {
  law('listeners', listener, writeListener, readListener, profile, 100);
  law('routes', routeConfiguration, writeRouteConfiguration, readRouteConfiguration, profile, 100);
  law('scopes', routeScope, writeRouteScope, readRouteScope, profile, 40);
  law('endpoint sets', endpointSet, writeEndpointSet, readEndpointSet, profile, 100);
}
law('clusters', cluster, writeCluster, readCluster, WEFT_PROFILE, 150);
law('clusters', cluster.filter(inEnvoy), writeCluster, readCluster, ENVOY_PROFILE, 150);
law('internal listeners', internalListener, writeListener, readListener, ENVOY_PROFILE, 40);
law('API listeners', apiListener, writeListener, readListener, WEFT_PROFILE, 40);
