/** Admin pages that scripts ask, on our engine and on Envoy with equal outcome: configuration dumps by resource, mask and name, statistics, allowed paths. */
import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { after, before, describe, test } from 'node:test';
import { engineCommand, type EngineName } from '@weft/testkit/cases';
import { temporaryFolder } from '@weft/testkit/folder';
import { exchange } from '@weft/testkit/http-client';
import { TestProcess } from '@weft/testkit/process';
import { needs } from '@weft/testkit/tools';
import { START, until } from '@weft/testkit/wait';

const TYPE = 'type.googleapis.com/envoy.extensions.filters';

const listener = (name: string): object => ({
  name,
  address: { socket_address: { address: '127.0.0.1', port_value: 0 } },
  filter_chains: [
    {
      filters: [
        {
          name: 'http',
          typed_config: {
            '@type': `${TYPE}.network.http_connection_manager.v3.HttpConnectionManager`,
            stat_prefix: name,
            route_config: {
              virtual_hosts: [
                {
                  name: 'all',
                  domains: ['*'],
                  routes: [{ match: { prefix: '/' }, direct_response: { status: 200 } }],
                },
              ],
            },
            http_filters: [{ name: 'router', typed_config: { '@type': `${TYPE}.http.router.v3.Router` } }],
          },
        },
      ],
    },
  ],
});

const cluster = (name: string): object => ({
  name,
  connect_timeout: '1s',
  load_assignment: {
    cluster_name: name,
    endpoints: [
      { lb_endpoints: [{ endpoint: { address: { socket_address: { address: '127.0.0.1', port_value: 9 } } } }] },
    ],
  },
});

/** Labels of a line of Prometheus' text. */
const labelsOf = (line: string): Record<string, string> =>
  Object.fromEntries([...line.matchAll(/(\w+)="([^"]*)"/g)].map(([, name = '', value = '']) => [name, value]));

interface Json {
  readonly [field: string]: Json | undefined;
}
interface ListenerStatuses {
  readonly listener_statuses?: readonly {
    readonly name: string;
    readonly local_address: { readonly socket_address: { readonly port_value: number } };
  }[];
}

const RUNS: readonly (readonly [EngineName, number])[] = [
  ['weft', 1],
  ['weft', 2],
  ['envoy', 1],
];

for (const [engine, concurrency] of RUNS) {
  describe(`admin pages of ${engine}, ${concurrency} thread(s)`, {
    skip: engine === 'envoy' ? needs('envoy') : false,
  }, () => {
    const folder = temporaryFolder();
    const socketPath = path.join(folder.path, 'admin.sock');
    let running: TestProcess;
    let port = 0;

    const ask = async (page: string, method = 'GET'): Promise<{ readonly status: number; readonly text: string }> => {
      const { status, body } = await exchange({ socketPath }, { path: page, method });
      return { status, text: body.toString() };
    };
    const configs = async (query: string): Promise<readonly Json[]> => {
      const { status, text } = await ask(`/config_dump?${query}`);
      assert.equal(status, 200, text);
      return (JSON.parse(text) as { readonly configs?: readonly Json[] }).configs ?? [];
    };

    before(async () => {
      const file = path.join(folder.path, 'bootstrap.json');
      const allow_paths = ['/ready', '/stats', '/config_dump', '/listeners', '/reset_counters'].map((prefix) => ({
        prefix,
      }));
      const bootstrap = {
        admin: { address: { pipe: { path: socketPath } }, allow_paths },
        stats_config: {
          stats_tags: [
            { tag_name: 'place', regex: '^http\\.((fro)nt\\.)' },
            { tag_name: 'half', regex: '^cluster\\.((two))fold' },
            { tag_name: 'my.zone', fixed_value: 'z1' },
          ],
        },
        static_resources: {
          listeners: [listener('front'), listener('back')],
          clusters: [cluster('one'), cluster('two'), cluster('twofold')],
        },
      };
      writeFileSync(file, JSON.stringify(bootstrap));
      const [command, ...args] = engineCommand(engine, file, { concurrency });
      running = new TestProcess(command, args);
      port = await until(
        async () => {
          if ((await ask('/ready')).status !== 200) return undefined;
          const { listener_statuses: rows } = JSON.parse(
            (await ask('/listeners?format=json')).text,
          ) as ListenerStatuses;
          return rows?.find(({ name }) => name === 'front')?.local_address.socket_address.port_value;
        },
        { timeout: START, what: `${engine} ready` },
      );
    });
    after(async () => {
      await running.stop();
      folder[Symbol.dispose]();
    });

    test('a dump holds one resource, by name and by mask', async () => {
      const names = (dumped: readonly Json[]): unknown[] => dumped.map((entry) => entry['cluster']?.['name']);
      const all = await configs('resource=static_clusters');
      assert.deepEqual(names(all), ['one', 'two', 'twofold']);
      assert.equal(String(all[0]?.['@type']), 'type.googleapis.com/envoy.admin.v3.ClustersConfigDump.StaticCluster');
      assert.deepEqual(names(await configs('resource=static_clusters&name_regex=two')), ['two']);
      assert.deepEqual(names(await configs('resource=static_clusters&name_regex=two.*')), ['two', 'twofold']);
      const [masked] = await configs('resource=static_clusters&name_regex=one&mask=cluster.name');
      assert.deepEqual(Object.keys(masked?.['cluster'] ?? {}).sort(), ['@type', 'name']);
      assert.deepEqual(await configs('resource=dynamic_listeners'), []);
      assert.equal((await ask('/config_dump?resource=nobody')).status, 404);
      assert.equal((await ask('/config_dump?name_regex=(')).status, 400);
    });

    test('endpoints stand in a dump only when they are asked for', async () => {
      const types = async (query: string): Promise<boolean> =>
        (await configs(query))
          .map((dump) => String(dump['@type']))
          .includes('type.googleapis.com/envoy.admin.v3.EndpointsConfigDump');
      assert.equal(await types(''), false);
      assert.equal(await types('include_eds'), true);
    });

    test('statistics by type and name; counters begin again', async () => {
      const total = 'http.front.downstream_rq_total';
      assert.equal((await exchange({ port })).status, 200);
      const stat = async (query: string): Promise<string> => (await ask(`/stats?filter=^${total}$${query}`)).text;
      assert.equal(await stat('&type=Counters'), `${total}: 1\n`);
      assert.equal((await stat('&type=Gauges')).trim(), '');
      assert.equal((await ask('/stats?type=Nonsense')).status, 400);
      assert.equal((await ask('/stats?filter=(')).status, 400);
      assert.equal((await ask('/reset_counters', 'POST')).text, 'OK\n');
      await until(async () => (await stat('')) === `${total}: 0\n`, { what: 'the counter at 0' });
    });

    test('tags of the bootstrap are taken out of names, beside the default ones, or added to all', async () => {
      await exchange({ port });
      const told = async (name: string): Promise<string[]> =>
        (await ask(`/stats/prometheus?filter=${name}`)).text
          .split('\n')
          .filter((line) => /^\w+\{/.test(line))
          .map((line) => line.replace(/\} .*/, '}'))
          .sort();
      // Each engine filters by its own names.
      const managers = (await told('downstream_rq')).filter((line) =>
        /^envoy_http_downstream_rq_xx\{.*"2".*"front"/.test(line),
      );
      assert.deepEqual(managers.map(labelsOf), [
        {
          my_zone: 'z1',
          envoy_response_code_class: '2',
          envoy_http_conn_manager_prefix: 'front',
          place: 'fro',
        },
      ]);
      const clusters = (await told('membership_total')).filter((line) =>
        line.startsWith('envoy_cluster_membership_total{'),
      );
      assert.deepEqual(
        clusters
          .map(labelsOf)
          .sort((a, b) => String(a['envoy_cluster_name']).localeCompare(String(b['envoy_cluster_name']))),
        [
          { my_zone: 'z1', envoy_cluster_name: 'one' },
          { my_zone: 'z1', envoy_cluster_name: 'two' },
          { my_zone: 'z1', envoy_cluster_name: 'twofold', half: 'two' },
        ],
      );
    });

    test('a path that is not allowed is refused', async () => {
      assert.equal((await ask('/server_info')).status, 403);
      assert.equal((await ask('/quitquitquit', 'POST')).status, 403);
      assert.equal((await ask('/ready')).status, 200);
    });
  });
}
