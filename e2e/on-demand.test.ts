/** What `weft proxy` loads: code that its configuration has no use for stays where it is, since a sidecar's start and memory are paid per workload. */
import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { test } from 'node:test';
import { engineCommand } from '@weft/testkit/cases';
import { temporaryFolder } from '@weft/testkit/folder';
import { exchange } from '@weft/testkit/http-client';
import { freePort } from '@weft/testkit/ports';
import { TestProcess } from '@weft/testkit/process';
import { until } from '@weft/testkit/wait';

const ROOT = path.resolve(import.meta.dirname, '..');
const RECORD = path.join(ROOT, 'testkit/loaded/record.mjs');
const EXTENSIONS = 'type.googleapis.com/envoy.extensions.filters';

/** Parts that need a configuration which asks for them, by the beginning of their path. */
const ON_DEMAND = [
  'proxy/jwt/',
  'proxy/network/',
  'proxy/tcp/tcp-proxy.ts',
  'proxy/udp/udp-proxy.ts',
  'proxy/admin/stats.ts',
  'proxy/telemetry/grpc-log.ts',
  'proxy/telemetry/attributes.ts',
  'core/cel/',
  'proxy/upstream/health-checker.ts',
  'proxy/upstream/resolving.ts',
  'proxy/upstream/balance/maglev.ts',
  'proxy/workers/',
  'apps/weft/engine/dynamic-config.ts',
  'apps/weft/engine/config-dump.ts',
  'apps/weft/cli/',
  'envoy/services/',
  'compile/',
  'control/',
  'agent/',
  'node_modules/',
];

/** A folder of a filter in proxy/filters. */
const FILTER = /^proxy\/filters\/([a-z-]+)\//;

const bootstrap = (
  port: number,
  admin: string,
  more: readonly object[],
  networkFilters: readonly object[],
): object => ({
  node: { id: 'n', cluster: 'n' },
  admin: { address: { pipe: { path: admin } } },
  static_resources: {
    listeners: [
      {
        name: 'in',
        address: { socket_address: { address: '127.0.0.1', port_value: port } },
        filter_chains: [
          {
            filters: [
              ...networkFilters,
              {
                name: 'http',
                typed_config: {
                  '@type': `${EXTENSIONS}.network.http_connection_manager.v3.HttpConnectionManager`,
                  stat_prefix: 'in',
                  http_filters: [
                    ...more,
                    { name: 'router', typed_config: { '@type': `${EXTENSIONS}.http.router.v3.Router` } },
                  ],
                  route_config: {
                    virtual_hosts: [
                      {
                        name: 'all',
                        domains: ['*'],
                        routes: [{ match: { prefix: '/' }, direct_response: { status: 200 } }],
                      },
                    ],
                  },
                },
              },
            ],
          },
        ],
      },
    ],
  },
});

interface Loading {
  readonly loaded: () => readonly string[];
  readonly port: number;
  readonly admin: string;
}

async function proxyLoading(
  more: readonly object[],
  networkFilters: readonly object[],
  use: (loading: Loading) => Promise<void>,
): Promise<void> {
  using folder = temporaryFolder();
  const port = await freePort();
  const [file, admin, list] = ['b.json', 'a.sock', 'loaded'].map((name) => path.join(folder.path, name)) as [
    string,
    string,
    string,
  ];
  writeFileSync(file, JSON.stringify(bootstrap(port, admin, more, networkFilters)));
  writeFileSync(list, '');
  const [command, ...args] = engineCommand('weft', file);
  const env = { NODE_OPTIONS: `--import=${RECORD}`, WEFT_LOADED_MODULES: list };
  const running = new TestProcess(command, args, { env });
  try {
    await until(() => exchange({ port }).catch(() => undefined), {
      what: `an answer\n${running.stderr}`,
    });
    const loaded = (): readonly string[] =>
      readFileSync(list, 'utf8')
        .split('\n')
        .filter((url) => url.startsWith('file:'))
        .map((url) => path.relative(ROOT, new URL(url).pathname));
    await use({ loaded, port, admin });
  } finally {
    await running.stop(3000);
  }
}

const filtersOf = (loaded: readonly string[]): string[] => [
  ...new Set(loaded.flatMap((file) => FILTER.exec(file)?.[1] ?? [])),
];

test('a plain bootstrap loads no filter, no other proxy and no page', async () => {
  await proxyLoading([], [], ({ loaded }) => {
    const files = loaded();
    assert.ok(files.includes('proxy/engine/engine.ts'), 'the list is one of what was loaded');
    assert.deepEqual(filtersOf(files), []);
    assert.deepEqual(
      files.filter((file) => ON_DEMAND.some((part) => file.startsWith(part))),
      [],
    );
    return Promise.resolve();
  });
});

test('what a bootstrap names is loaded, and nothing beside; a page with the one who asks for it', async () => {
  const cors = { name: 'cors', typed_config: { '@type': `${EXTENSIONS}.http.cors.v3.Cors` } };
  const limit = {
    name: 'limit',
    typed_config: {
      '@type': `${EXTENSIONS}.network.connection_limit.v3.ConnectionLimit`,
      stat_prefix: 'limit',
      max_connections: 100,
    },
  };
  await proxyLoading([cors], [limit], async ({ loaded, admin }) => {
    assert.deepEqual(filtersOf(loaded()), ['cors']);
    assert.deepEqual(
      loaded().filter((file) => file.startsWith('proxy/network/')),
      ['proxy/network/connection-limit.ts'],
    );
    assert.ok(!loaded().includes('proxy/admin/stats.ts'));
    const { status } = await exchange({ socketPath: admin }, { path: '/stats' });
    assert.equal(status, 200);
    assert.ok(loaded().includes('proxy/admin/stats.ts'));
  });
});
