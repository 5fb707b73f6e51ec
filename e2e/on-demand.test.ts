/**
 * Scoped routes by SRDS, and routes and clusters that are fetched when a request first wants them: the same bootstrap and the same control
 * plane on our engine and on real Envoy, in state of the world and delta.
 */
import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { describe, test } from 'node:test';
import { engineCommand, type EngineName } from '@weft/testkit/cases';
import { DiscoveryServer, type Resource } from '@weft/testkit/discovery';
import { EchoServer } from '@weft/testkit/echo';
import { temporaryFolder } from '@weft/testkit/folder';
import { exchange } from '@weft/testkit/http-client';
import { freePort } from '@weft/testkit/ports';
import { TestProcess } from '@weft/testkit/process';
import { needs } from '@weft/testkit/tools';
import { until } from '@weft/testkit/wait';

const TYPE = 'type.googleapis.com/';
const ADS = { ads: {}, resource_api_version: 'V3' };
const HTTP = `${TYPE}envoy.extensions.filters.network.http_connection_manager.v3.HttpConnectionManager`;
const CLUSTER_TIMEOUT = '0.6s';

const scope = (name: string, onDemand: boolean): Resource => ({
  '@type': `${TYPE}envoy.config.route.v3.ScopedRouteConfiguration`,
  name,
  route_configuration_name: `${name}-routes`,
  key: { fragments: [{ string_key: name }] },
  on_demand: onDemand,
});

const routes = (name: string, cluster: string): Resource => ({
  '@type': `${TYPE}envoy.config.route.v3.RouteConfiguration`,
  name: `${name}-routes`,
  virtual_hosts: [{ name: 'all', domains: ['*'], routes: [{ match: { prefix: '/' }, route: { cluster } }] }],
  validate_clusters: false,
});

const cluster = (name: string, port: number): Resource => ({
  '@type': `${TYPE}envoy.config.cluster.v3.Cluster`,
  ...plainCluster(name, port),
});

const plainCluster = (name: string, port: number): { readonly name: string } & Record<string, unknown> => ({
  name,
  connect_timeout: '1s',
  type: 'STATIC',
  load_assignment: {
    cluster_name: name,
    endpoints: [
      { lb_endpoints: [{ endpoint: { address: { socket_address: { address: '127.0.0.1', port_value: port } } } }] },
    ],
  },
});

interface Ports {
  readonly own: number;
  readonly control: number;
  readonly echo: number;
}

const bootstrap = (admin: string, { own, control, echo }: Ports, delta: boolean): object => ({
  node: { id: 'on-demand', cluster: 'test' },
  admin: { address: { pipe: { path: admin } } },
  dynamic_resources: {
    ads_config: {
      api_type: delta ? 'DELTA_GRPC' : 'GRPC',
      transport_api_version: 'V3',
      grpc_services: [{ envoy_grpc: { cluster_name: 'control' } }],
      set_node_on_first_message_only: true,
    },
  },
  static_resources: {
    clusters: [{ ...plainCluster('control', control), http2_protocol_options: {} }, plainCluster('here', echo)],
    listeners: [
      {
        name: 'in',
        address: { socket_address: { address: '127.0.0.1', port_value: own } },
        filter_chains: [
          {
            filters: [
              {
                name: 'http',
                typed_config: {
                  '@type': HTTP,
                  stat_prefix: 'in',
                  scoped_routes: {
                    name: 'scopes',
                    scope_key_builder: { fragments: [{ header_value_extractor: { name: 'x-scope', index: 0 } }] },
                    rds_config_source: ADS,
                    scoped_rds: { scoped_rds_config_source: ADS },
                  },
                  http_filters: [
                    {
                      name: 'on-demand',
                      typed_config: {
                        '@type': `${TYPE}envoy.extensions.filters.http.on_demand.v3.OnDemand`,
                        odcds: { source: ADS, timeout: CLUSTER_TIMEOUT },
                      },
                    },
                    {
                      name: 'router',
                      typed_config: { '@type': `${TYPE}envoy.extensions.filters.http.router.v3.Router` },
                    },
                  ],
                },
              },
            ],
          },
        ],
      },
    ],
  },
});

const RUNS = [
  ['weft', 1, false],
  ['weft', 1, true],
  ['weft', 2, false],
  ['weft', 2, true],
  ['envoy', 1, false],
  ['envoy', 1, true],
] as const satisfies readonly (readonly [EngineName, number, boolean])[];

for (const [engine, concurrency, delta] of RUNS) {
  const variant = delta ? 'delta' : 'state of the world';
  const skip = engine === 'envoy' ? needs('envoy') : false;
  describe(`on demand on ${engine}, ${concurrency} threads, ${variant}`, { skip }, () => {
    test('scopes, their routes and clusters', async () => {
      using folder = temporaryFolder();
      const control = new DiscoveryServer();
      const echo = new EchoServer('a');
      const own = await freePort();
      const ports = { own, control: await control.start(), echo: await echo.start() };
      control.put(
        scope('eager', false),
        scope('lazy', true),
        scope('nowhere', true),
        routes('eager', 'here'),
        routes('lazy', 'far'),
        routes('nowhere', 'none'),
        cluster('far', ports.echo),
      );
      const admin = path.join(folder.path, 'admin.sock');
      const file = path.join(folder.path, 'bootstrap.json');
      writeFileSync(file, JSON.stringify(bootstrap(admin, ports, delta)));
      const [program, ...args] = engineCommand(engine, file, { concurrency });
      const proxy = new TestProcess(program, args);
      const get = (scope: string, options: object = {}): ReturnType<typeof exchange> =>
        exchange({ port: own }, { path: '/x', headers: { 'x-scope': scope }, ...options });
      try {
        await until(
          async () => {
            const answer = await exchange({ socketPath: admin }, { path: '/ready' }).catch(() => undefined);
            return answer?.status === 200 ? true : undefined;
          },
          { timeout: 20_000, what: 'ready' },
        );
        assert.equal((await get('eager')).status, 200);
        assert.ok(!control.asked.includes('RouteConfiguration lazy-routes'), 'asked for before anybody wanted it');
        const lazy = await Promise.all([
          get('lazy', { method: 'POST', body: 'a body that waits' }),
          get('lazy', { method: 'POST', body: 'a body that waits' }),
        ]);
        for (const { status, body } of lazy) {
          assert.equal(status, 200, body.toString());
          assert.equal((JSON.parse(body.toString()) as { bodyLength: number }).bodyLength, 17);
        }
        assert.ok(control.asked.includes('RouteConfiguration lazy-routes'));
        assert.ok(control.asked.includes('Cluster far'));
        assert.equal((await get('unknown')).status, 404);
        const began = performance.now();
        assert.equal((await get('nowhere')).status, 503);
        if (!delta) assert.ok(performance.now() - began > 500, 'it waited for the cluster');
        control.put(cluster('none', ports.echo));
        await until(async () => ((await get('nowhere')).status === 200 ? true : undefined), {
          timeout: 10_000,
          what: 'the cluster that came later',
        });
        control.put(scope('late', false), routes('late', 'here'));
        await until(async () => ((await get('late')).status === 200 ? true : undefined), {
          timeout: 10_000,
          what: 'a scope that came later',
        });
        assert.deepEqual(control.refusals, []);
      } catch (error) {
        throw new Error(`${String(error)}\n${control.asked.join('\n')}\n${proxy.stderr}`, { cause: error });
      } finally {
        await proxy.stop(2000);
        await control.stop();
        await echo.stop();
      }
    });
  });
}
