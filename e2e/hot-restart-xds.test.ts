/** Hot restart of `weft proxy` whose configuration comes by xDS: the successor gets its own, warms, takes the sockets; nobody who calls notices. */
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { DiscoveryServer, type Resource } from '@weft/testkit/discovery';
import { EchoServer } from '@weft/testkit/echo';
import { temporaryFolder } from '@weft/testkit/folder';
import { exchange } from '@weft/testkit/http-client';
import { until } from '@weft/testkit/wait';
import { Caller, ProxyUnderRestart } from './hot-restart/proxy-under-restart.ts';

const TYPE = 'type.googleapis.com/envoy';
const FILTERS = `${TYPE}.extensions.filters`;
const ADS = { ads: {}, resource_api_version: 'V3' };

const address = (port: number): object => ({ socket_address: { address: '127.0.0.1', port_value: port } });

/** A listener whose routes come by name, so that a process is not ready before it has them. */
const listener = (port: number): Resource => ({
  '@type': `${TYPE}.config.listener.v3.Listener`,
  name: 'front',
  address: address(port),
  filter_chains: [
    {
      filters: [
        {
          name: 'hcm',
          typed_config: {
            '@type': `${FILTERS}.network.http_connection_manager.v3.HttpConnectionManager`,
            stat_prefix: 'front',
            rds: { route_config_name: 'routes', config_source: ADS },
            http_filters: [{ name: 'router', typed_config: { '@type': `${FILTERS}.http.router.v3.Router` } }],
          },
        },
      ],
    },
  ],
});

/** `version` comes back with each answer. */
const routes = (version: number): Resource => ({
  '@type': `${TYPE}.config.route.v3.RouteConfiguration`,
  name: 'routes',
  response_headers_to_add: [{ header: { key: 'x-version', value: String(version) } }],
  virtual_hosts: [{ name: 'all', domains: ['*'], routes: [{ match: { prefix: '/' }, route: { cluster: 'behind' } }] }],
});

const CLUSTER: Resource = {
  '@type': `${TYPE}.config.cluster.v3.Cluster`,
  name: 'behind',
  type: 'EDS',
  eds_cluster_config: { eds_config: ADS },
};

const endpoints = (port: number): Resource => ({
  '@type': `${TYPE}.config.endpoint.v3.ClusterLoadAssignment`,
  cluster_name: 'behind',
  endpoints: [{ lb_endpoints: [{ endpoint: { address: address(port) } }] }],
});

for (const delta of [false, true]) {
  for (const concurrency of [1, 2]) {
    describe(`hot restart, ${delta ? 'delta' : 'state of the world'}, ${concurrency} thread(s)`, () => {
      const folder = temporaryFolder();
      const echo = new EchoServer('a');
      const control = new DiscoveryServer();
      let proxy: ProxyUnderRestart;

      before(async () => {
        const behind = await echo.start();
        const port = await control.start();
        control.put(CLUSTER, endpoints(behind), routes(0));
        const backends = { http: behind, udp: behind };
        proxy = await ProxyUnderRestart.start(folder.path, backends, concurrency, { port, delta });
        control.put(listener(proxy.port));
        await served('0');
      });
      after(async () => {
        await proxy.stop();
        await control.stop();
        await echo.stop();
        folder[Symbol.dispose]();
      });

      const served = (version: string): Promise<unknown> =>
        until(
          async () => {
            const answer = await exchange({ port: proxy.port }).catch(() => undefined);
            return answer?.status === 200 && answer.headers['x-version'] === version;
          },
          { what: `routes ${version}` },
        );

      test('restarts under load, with a change after each: no request fails, and the new process has what is new', async () => {
        const callers = [true, true, false].map((kept) => new Caller({ port: proxy.port }, kept));
        try {
          for (let version = 1; version <= 3; version += 1) {
            const before = callers.reduce((sum, { ok }) => sum + ok, 0);
            await until(() => callers.reduce((sum, { ok }) => sum + ok, 0) >= before + 50, { what: '50 more answers' });
            await proxy.restart();
            control.put(routes(version));
            await served(String(version));
          }
        } finally {
          for (const caller of callers) await caller.stop();
        }
        for (const { failures, ok } of callers) {
          assert.deepEqual(failures, []);
          assert.ok(ok > 20);
        }
        assert.deepEqual(control.refusals, []);
        assert.equal(await proxy.stat('server.hot_restart_epoch'), 3);
      });
    });
  }
}
