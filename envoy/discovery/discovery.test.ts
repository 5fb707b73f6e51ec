import assert from 'node:assert/strict';
import { test } from 'node:test';
import { writeMessage } from '../codec/index.ts';
import {
  assembleDeltaDiscoveryResponse,
  assembleDiscoveryResponse,
  CLUSTER_TYPE,
  decodeDeltaDiscoveryRequest,
  decodeDeltaDiscoveryResponse,
  decodeDiscoveryRequest,
  decodeDiscoveryResponse,
  deltaPart,
  encodeDeltaDiscoveryRequest,
  encodeDiscoveryRequest,
  joined,
  NO_NODE,
  profileOf,
  stateOfTheWorldPart,
} from './index.ts';

const NODE = {
  ...NO_NODE,
  id: 'n',
  cluster: 'c',
  metadata: { a: [1, { b: null }] },
  userAgent: 'weft',
  version: '0.1.0',
};

test('requests survive the way to bytes and back', () => {
  const request = {
    typeUrl: CLUSTER_TYPE,
    versionInfo: 'v',
    responseNonce: '7',
    resourceNames: ['a', 'b'],
    node: { ...NODE, locality: { region: 'r', zone: '', subZone: 's' }, clientFeatures: ['x'] },
    error: { code: 3, message: 'no' },
  };
  assert.deepEqual(decodeDiscoveryRequest(encodeDiscoveryRequest(request)), { ok: true, value: request });
  const delta = {
    typeUrl: CLUSTER_TYPE,
    responseNonce: '',
    subscribe: ['*'],
    unsubscribe: ['q'],
    initialVersions: new Map([['a', '1']]),
    node: undefined,
    error: undefined,
  };
  assert.deepEqual(decodeDeltaDiscoveryRequest(encodeDeltaDiscoveryRequest(delta)), { ok: true, value: delta });
});

test('a request of a newer client is read without what the tables do not know', () => {
  const bytes = joined([encodeDiscoveryRequest({ ...EMPTY, typeUrl: CLUSTER_TYPE }), Uint8Array.of(0xf8, 0x07, 0x01)]);
  const read = decodeDiscoveryRequest(bytes);
  assert.equal(read.ok && read.value.typeUrl, CLUSTER_TYPE);
  assert.ok(!decodeDiscoveryRequest(Uint8Array.of(0x0a, 0x05)).ok);
});

const EMPTY = { typeUrl: '', versionInfo: '', responseNonce: '', resourceNames: [], node: undefined, error: undefined };

test('a response is assembled from parts that were encoded once', () => {
  const cluster = writeMessage('envoy.config.cluster.v3.Cluster', { name: 'a' });
  const part = stateOfTheWorldPart(CLUSTER_TYPE, cluster);
  const bytes = assembleDiscoveryResponse(
    { typeUrl: CLUSTER_TYPE, versionInfo: 'v', nonce: '1', controlPlane: 'weft' },
    [part, part],
  );
  const whole = writeMessage('envoy.service.discovery.v3.DiscoveryResponse', {
    version_info: 'v',
    type_url: CLUSTER_TYPE,
    nonce: '1',
    control_plane: { identifier: 'weft' },
    resources: [
      { type_url: CLUSTER_TYPE, message: { name: 'a' } },
      { type_url: CLUSTER_TYPE, message: { name: 'a' } },
    ],
  });
  assert.deepEqual(bytes, whole);
  const resource = { name: '', version: '', typeUrl: CLUSTER_TYPE, value: cluster };
  assert.deepEqual(decodeDiscoveryResponse(bytes), {
    ok: true,
    value: {
      typeUrl: CLUSTER_TYPE,
      versionInfo: 'v',
      nonce: '1',
      controlPlane: 'weft',
      resources: [resource, resource],
    },
  });
});

test('a delta response carries names, versions and removals', () => {
  const cluster = writeMessage('envoy.config.cluster.v3.Cluster', { name: 'a' });
  const bytes = assembleDeltaDiscoveryResponse(
    { typeUrl: CLUSTER_TYPE, versionInfo: 's', nonce: '2' },
    [deltaPart(CLUSTER_TYPE, 'a', 'h1', cluster)],
    ['gone'],
  );
  assert.deepEqual(decodeDeltaDiscoveryResponse(bytes), {
    ok: true,
    value: {
      typeUrl: CLUSTER_TYPE,
      versionInfo: 's',
      nonce: '2',
      controlPlane: '',
      resources: [{ name: 'a', version: 'h1', typeUrl: CLUSTER_TYPE, value: cluster }],
      removed: ['gone'],
    },
  });
});

test('a wrapped resource is unwrapped in state of the world', () => {
  const cluster = writeMessage('envoy.config.cluster.v3.Cluster', { name: 'a' });
  const wrapper = writeMessage('envoy.service.discovery.v3.Resource', {
    name: 'a',
    version: '9',
    resource: { type_url: CLUSTER_TYPE, value: cluster },
  });
  const part = stateOfTheWorldPart('type.googleapis.com/envoy.service.discovery.v3.Resource', wrapper);
  const read = decodeDiscoveryResponse(
    assembleDiscoveryResponse({ typeUrl: CLUSTER_TYPE, versionInfo: '', nonce: '' }, [part]),
  );
  assert.deepEqual(read.ok && read.value.resources, [
    { name: 'a', version: '9', typeUrl: CLUSTER_TYPE, value: cluster },
  ]);
});

test('a client is told by its user agent', () => {
  assert.equal(profileOf({ ...NODE, userAgent: 'envoy', version: '1.40.0' }).engine, 'envoy');
  assert.equal(profileOf({ ...NODE, userAgent: 'gRPC Node Pure JS' }).engine, 'grpc');
  assert.equal(profileOf(NODE).engine, 'weft');
});
