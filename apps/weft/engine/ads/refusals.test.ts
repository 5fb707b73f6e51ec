// Bytes in, bytes out: a resource with several fields that are not taken is refused with all of their paths at once, in both variants of the
// protocol, and so are several resources of one response; what is good in it is taken.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { ProxyConfig } from '@weft/core/proxy-config';
import { writeMessage } from '@weft/envoy/codec';
import {
  assembleDeltaDiscoveryResponse,
  assembleDiscoveryResponse,
  decodeDeltaDiscoveryRequest,
  decodeDiscoveryRequest,
  deltaPart,
  NO_NODE,
  type Refusal,
  stateOfTheWorldPart,
} from '@weft/envoy/discovery';
import { type Messages, pack } from '@weft/envoy/tables';
import { AdsClient } from './client.ts';
import { adsCodec } from './codec.ts';
import { TYPE_URLS } from './types.ts';

const address = { socket_address: { address: '127.0.0.1', port_value: 1 } };

const cluster = (over: Messages['envoy.config.cluster.v3.Cluster']): Uint8Array =>
  writeMessage('envoy.config.cluster.v3.Cluster', { type: 'STATIC', ...over });

const GOOD = cluster({ name: 'good' });
const BAD = cluster({
  name: 'bad',
  use_tcp_for_dns_lookups: true,
  cleanup_interval: { seconds: 9 },
  circuit_breakers: { thresholds: [{ max_connections: 3 }, { priority: 'HIGH', max_connection_pools: 3 }] },
  load_assignment: {
    cluster_name: 'bad',
    endpoints: [
      {
        proximity: 4,
        lb_endpoints: [{ endpoint: { address, observability_name: 'x' } }],
      },
    ],
  },
});
const WORSE = cluster({
  name: 'worse',
  dns_resolvers: [address],
  track_cluster_stats: { request_response_sizes: true },
});
const LISTENER = writeMessage('envoy.config.listener.v3.Listener', {
  name: 'l',
  address,
  tcp_fast_open_queue_length: 9,
  filter_chains: [
    {
      filter_chain_match: { address_suffix: 'x' },
      filters: [
        {
          name: 't',
          typed_config: pack('envoy.extensions.filters.network.tcp_proxy.v3.TcpProxy', {
            stat_prefix: 't',
            cluster: 'good',
            max_early_data_bytes: 5,
            on_demand: {},
          }),
        },
      ],
    },
  ],
});

const PATHS = {
  clusters: [
    'use_tcp_for_dns_lookups',
    'cleanup_interval',
    'circuit_breakers.thresholds[1].max_connection_pools',
    'load_assignment.endpoints[0].proximity',
    'load_assignment.endpoints[0].lb_endpoints[0].endpoint.observability_name',
    'dns_resolvers',
    'track_cluster_stats',
  ],
  listeners: [
    'tcp_fast_open_queue_length',
    'filter_chains[0].filter_chain_match.address_suffix',
    'filter_chains[0].filters[0].typed_config.max_early_data_bytes',
    'filter_chains[0].filters[0].typed_config.on_demand',
  ],
};

for (const delta of [false, true]) {
  test(`${delta ? 'delta' : 'state of the world'}: a refusal names every field, of every resource`, async () => {
    const said: { readonly typeUrl: string; readonly error: Refusal | undefined }[] = [];
    let applied: ProxyConfig | undefined;
    const client = new AdsClient({
      delta,
      codec: adsCodec({ ...NO_NODE, id: 'n' }),
      apply: (config) => {
        applied = config;
        return Promise.resolve(new Map<string, string>());
      },
      onRefused: () => undefined,
      onReady: () => undefined,
    });
    client.opened((bytes) => {
      const read = delta ? decodeDeltaDiscoveryRequest(bytes) : decodeDiscoveryRequest(bytes);
      assert.ok(read.ok);
      said.push(read.value);
    });
    const send = async (
      table: 'clusters' | 'listeners',
      resources: ReadonlyMap<string, Uint8Array>,
    ): Promise<string> => {
      const typeUrl = TYPE_URLS[table];
      const head = { typeUrl, versionInfo: '1', nonce: `${table}-1` };
      const parts = [...resources].map(([name, bytes]) =>
        delta ? deltaPart(typeUrl, name, '1', bytes) : stateOfTheWorldPart(typeUrl, bytes),
      );
      client.received(delta ? assembleDeltaDiscoveryResponse(head, parts, []) : assembleDiscoveryResponse(head, parts));
      for (let turn = 0; turn < 20; turn += 1) await Promise.resolve();
      const refusals = said.filter((one) => one.typeUrl === typeUrl && one.error !== undefined);
      assert.equal(refusals.length, 1, 'one refusal for the whole response');
      return refusals[0]?.error?.message ?? '';
    };
    const clusters = await send(
      'clusters',
      new Map([
        ['bad', BAD],
        ['good', GOOD],
        ['worse', WORSE],
      ]),
    );
    for (const path of PATHS.clusters) assert.ok(clusters.includes(path), `${path} in:\n${clusters}`);
    assert.ok(clusters.includes('bad') && clusters.includes('worse'));
    const listeners = await send('listeners', new Map([['l', LISTENER]]));
    for (const path of PATHS.listeners) assert.ok(listeners.includes(path), `${path} in:\n${listeners}`);
    assert.deepEqual([...(applied?.clusters.keys() ?? [])], ['good']);
    assert.equal(applied?.listeners.size, 0);
  });
}
