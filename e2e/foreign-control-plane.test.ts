/**
 * Our engine under a control plane that is not ours: go-control-plane's own test server drives `weft proxy -c FILE` through its scenario
 * (snapshots replaced under requests; TCP, HTTP and scoped HTTP listeners, with TLS their certificates by SDS) and judges it by its exit code.
 */
import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import http from 'node:http';
import type { AddressInfo } from 'node:net';
import path from 'node:path';
import { after, before, describe, test } from 'node:test';
import { engineCommand } from '@weft/testkit/cases';
import { temporaryFolder } from '@weft/testkit/folder';
import { freePort, portsInARow } from '@weft/testkit/ports';
import { TestProcess } from '@weft/testkit/process';
import { needs, toolPath } from '@weft/testkit/tools';

const MESSAGE = 'Default message';
/** Of each sort: TCP, HTTP, HTTP with scoped routes. */
const LISTENERS = 2;

const bootstrap = (port: number, delta: boolean): object => ({
  node: { id: 'test-id', cluster: 'test-cluster' },
  dynamic_resources: {
    ads_config: {
      api_type: delta ? 'DELTA_GRPC' : 'GRPC',
      transport_api_version: 'V3',
      grpc_services: [{ envoy_grpc: { cluster_name: 'xds_cluster' } }],
      set_node_on_first_message_only: true,
    },
    cds_config: { resource_api_version: 'V3', ads: {} },
    lds_config: { resource_api_version: 'V3', ads: {} },
  },
  layered_runtime: {
    layers: [
      { name: 'runtime-0', rtds_layer: { name: 'runtime-0', rtds_config: { ads: {}, resource_api_version: 'V3' } } },
    ],
  },
  static_resources: {
    clusters: [
      {
        name: 'xds_cluster',
        connect_timeout: '1s',
        http2_protocol_options: {},
        load_assignment: {
          cluster_name: 'xds_cluster',
          endpoints: [
            {
              lb_endpoints: [{ endpoint: { address: { socket_address: { address: '127.0.0.1', port_value: port } } } }],
            },
          ],
        },
      },
    ],
  },
});

describe('under go-control-plane', { skip: needs('go-control-plane-test'), concurrency: true }, () => {
  const upstream = http.createServer((_request, response) => response.end(MESSAGE));
  before(() => new Promise<void>((resolve) => upstream.listen(0, '127.0.0.1', resolve)));
  after(() => new Promise((resolve) => upstream.close(resolve)));

  for (const [mode, tls] of [
    ['ads', false],
    ['ads', true],
    ['delta-ads', false],
    ['delta-ads', true],
  ] as const) {
    test(`${mode}${tls ? ', TLS by SDS' : ''}`, async () => {
      using folder = temporaryFolder();
      const [port, gateway, als] = [await freePort(), await freePort(), await freePort()];
      // The judge counts up from the first.
      const base = await portsInARow(3 * LISTENERS);
      const judge = new TestProcess(toolPath('go-control-plane-test'), [
        `-xds=${mode}`,
        `-tls=${tls}`,
        `-port=${port}`,
        `-gateway=${gateway}`,
        `-als=${als}`,
        `-base=${base}`,
        `-upstream=${(upstream.address() as AddressInfo).port}`,
        `-tcp=${LISTENERS}`,
        `-http=${LISTENERS}`,
        `-scopedhttp=${LISTENERS}`,
        '-runtimes=1',
        '-extension=0',
        '-u=3',
        // So many rounds of requests of which one must go well, each change anew: a busy machine needs some.
        '-r=80',
        '-delay=100ms',
      ]);
      const file = path.join(folder.path, 'bootstrap.json');
      writeFileSync(file, JSON.stringify(bootstrap(port, mode === 'delta-ads')));
      const [program, ...args] = engineCommand('weft', file);
      const engine = new TestProcess(program, args);
      try {
        await judge.matching(/Test for .* passed|failed all requests/);
        assert.match(judge.stderr, /passed!/, `${judge.stderr}\n${engine.stderr}`);
        assert.doesNotMatch(engine.stderr, /refused configuration/);
      } finally {
        await engine.stop(2000);
        await judge.stop(2000);
      }
    });
  }
});
