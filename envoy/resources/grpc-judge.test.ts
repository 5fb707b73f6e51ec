// @grpc/grpc-js-xds judges what is encoded for proxyless gRPC clients: its own decoders and validators read the bytes.
import assert from 'node:assert/strict';
import { createRequire } from 'node:module';
import path from 'node:path';
import { test } from 'node:test';
import fc from 'fast-check';
import { CLUSTER_TYPE, ENDPOINT_TYPE, LISTENER_TYPE, ROUTE_TYPE } from '../discovery/index.ts';
import { GRPC_PROFILE } from '../profile/index.ts';
import { apiListener, cluster, endpointSet, listener, routeConfiguration } from '../testing/rows/index.ts';
import { writeCluster, writeEndpointSet, writeListener, writeRouteConfiguration, type Written } from './index.ts';

interface ResourceType {
  decode(
    context: object,
    any: { type_url: string; value: Uint8Array },
  ): { name: string; value?: object; error?: string };
}

const require = createRequire(import.meta.url);
const entry = require.resolve('@grpc/grpc-js-xds');
(require('@grpc/grpc-js-xds') as { register(): void }).register();
const kind = (file: string, name: string): ResourceType => {
  const module = require(path.join(path.dirname(entry), 'xds-resource-type', file)) as Record<
    string,
    { get(): ResourceType }
  >;
  const type = module[name];
  assert.ok(type, name);
  return type.get();
};
const LISTENERS = kind('listener-resource-type.js', 'ListenerResourceType');
const ROUTES = kind('route-config-resource-type.js', 'RouteConfigurationResourceType');
const CLUSTERS = kind('cluster-resource-type.js', 'ClusterResourceType');
const ENDPOINTS = kind('endpoint-resource-type.js', 'EndpointResourceType');

/** What a client whose bootstrap names the certificate provider `default` knows. */
const CONTEXT = { bootstrap: { certificateProviders: { default: {} } }, server: {} };

const judged = (type: ResourceType, url: string, written: Written): string | undefined =>
  type.decode(CONTEXT, { type_url: url, value: Buffer.from(written.bytes) }).error;

const errors = (written: Written): string[] =>
  written.diagnostics.filter((each) => each.severity === 'error').map((each) => each.place.path ?? '');

/** Whatever is encoded without an error must be accepted; enough rows must be so. */
function judge<Row>(rows: fc.Arbitrary<Row>, write: (row: Row) => Written, type: ResourceType, url: string): number {
  let accepted = 0;
  fc.assert(
    fc.property(rows, (row) => {
      const written = write(row);
      if (errors(written).length > 0) return;
      assert.equal(judged(type, url, written), undefined);
      accepted += 1;
    }),
    { numRuns: 300 },
  );
  return accepted;
}

test('gRPC accepts the clusters that are encoded without an error', () => {
  assert.ok(judge(cluster, (row) => writeCluster(row, GRPC_PROFILE), CLUSTERS, CLUSTER_TYPE) > 20);
});

test('gRPC accepts the endpoint sets that are encoded without an error', () => {
  assert.ok(judge(endpointSet, (row) => writeEndpointSet(row, GRPC_PROFILE), ENDPOINTS, ENDPOINT_TYPE) > 20);
});

test('gRPC accepts the routes that are encoded without an error', () => {
  assert.ok(judge(routeConfiguration, (row) => writeRouteConfiguration(row, GRPC_PROFILE), ROUTES, ROUTE_TYPE) > 20);
});

test('gRPC accepts the API listeners that are encoded without an error', () => {
  assert.ok(judge(apiListener, (row) => writeListener(row, GRPC_PROFILE), LISTENERS, LISTENER_TYPE) > 20);
});

test('a listener that binds an address cannot be told to a gRPC client', () => {
  const [row] = fc.sample(listener, { seed: 1, numRuns: 1 });
  assert.ok(row);
  assert.deepEqual(errors(writeListener(row, GRPC_PROFILE)), [`listeners[${row.name}].apiListener`]);
});
