/** Consistent hashing: our engine and real Envoy, before the same endpoints, send every key to the same one. */
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { type Case, type CaseEndpoint, chosenBackends, type RunningCases, startCases } from '@weft/testkit/cases';
import { EchoServer } from '@weft/testkit/echo';
import { temporaryFolder } from '@weft/testkit/folder';
import { needs } from '@weft/testkit/tools';

const NAMES = ['one', 'two', 'three', 'four', 'five'];
const KEYS = Array.from({ length: 100 }, (_, index) => `key-${index}`);
const HEADER = [{ header: { header_name: 'x-key' } }];
const SEND = { path: '/{{key}}?q={{key}}', headers: { 'x-key': '{{key}}', cookie: 'sid={{key}}' } };

const all = (endpoint: (name: string, index: number) => Partial<CaseEndpoint> = () => ({})): CaseEndpoint[] =>
  NAMES.map((name, index) => ({ backend: name, ...endpoint(name, index) }));
const hashing = (name: string, cluster: object, endpoints = all(), policy: object[] = HEADER): Case => ({
  name,
  clusters: { a: { ...cluster, endpoints } },
  routes: [{ match: { prefix: '/' }, route: { cluster: 'a', hash_policy: policy } }],
  requests: [],
});
const ring = { lb_policy: 'RING_HASH' };
const maglev = { lb_policy: 'MAGLEV' };
const policy = (name: string, type: string, fields: object): object => ({
  load_balancing_policy: {
    policies: [
      {
        typed_extension_config: {
          name: `envoy.load_balancing_policies.${name}`,
          typed_config: {
            '@type': `type.googleapis.com/envoy.extensions.load_balancing_policies.${name}.v3.${type}`,
            ...fields,
          },
        },
      },
    ],
  },
});
const weights = all((_, index) => ({ weight: index + 1 }));
const zones = all((_, index) => ({ zone: `zone-${4 - index}`, locality_weight: index + 1 }));
const localities = { common_lb_config: { locality_weighted_lb_config: {} } };

const CASES: readonly Case[] = [
  hashing('a ring', ring),
  hashing('a ring of odd size by weights', { ...ring, ring_hash_lb_config: { minimum_ring_size: 37 } }, weights),
  hashing('a ring that is cut off', { ...ring, ring_hash_lb_config: { minimum_ring_size: 1, maximum_ring_size: 7 } }),
  hashing('a ring by MurmurHash2', { ...ring, ring_hash_lb_config: { hash_function: 'MURMUR_HASH_2' } }),
  hashing('a ring over weighted localities', { ...ring, ...localities }, zones),
  hashing('a ring over priorities, the first one half there', ring, [
    { backend: 'one' },
    { backend: 'two', health: 'UNHEALTHY' },
    { backend: 'three', priority: 1 },
    { backend: 'four', priority: 1 },
  ]),
  hashing(
    'a ring in panic',
    ring,
    all((_, index) => (index > 1 ? { health: 'UNHEALTHY' } : {})),
  ),
  hashing(
    'a ring without unhealthy and draining endpoints',
    { ...ring, common_lb_config: { healthy_panic_threshold: { value: 0 } } },
    all((_, index) => (index > 2 ? { health: index === 3 ? 'UNHEALTHY' : 'DRAINING' } : {})),
  ),
  hashing('a ring in its typed form', policy('ring_hash', 'RingHash', { hash_function: 'MURMUR_HASH_2' }), weights),
  hashing('a table', maglev),
  hashing('a small table by weights', { ...maglev, maglev_lb_config: { table_size: 101 } }, weights),
  hashing('a table over weighted localities', { ...maglev, ...localities }, zones),
  hashing(
    'a table by host names',
    policy('maglev', 'Maglev', { consistent_hashing_lb_config: { use_hostname_for_hashing: true } }),
    all((name) => ({ hostname: `${name}.example` })),
  ),
  hashing(
    'a table in its typed form',
    policy('maglev', 'Maglev', { table_size: 211, locality_weighted_lb_config: {} }),
    zones,
  ),
  hashing('by cookie and query together', ring, all(), [
    { cookie: { name: 'sid' } },
    { query_parameter: { name: 'q' } },
  ]),
  hashing('by a rewritten header, which is terminal', ring, all(), [
    {
      header: { header_name: 'x-key', regex_rewrite: { pattern: { regex: 'key-(\\d).*' }, substitution: '\\1' } },
      terminal: true,
    },
    { query_parameter: { name: 'q' } },
  ]),
  hashing('by the address of the caller', ring, all(), [{ connection_properties: { source_ip: true } }]),
  {
    ...hashing('weighted clusters by hash', {}),
    clusters: Object.fromEntries(NAMES.map((name) => [name, {}])),
    routes: [
      {
        match: { prefix: '/' },
        route: {
          hash_policy: HEADER,
          weighted_clusters: {
            use_hash_policy: true,
            clusters: NAMES.map((name, index) => ({ name, weight: index + 3 })),
          },
        },
      },
    ],
  },
];

describe('consistent hashing', { skip: needs('envoy') }, () => {
  const folder = temporaryFolder();
  const echoes = NAMES.map((name) => new EchoServer(name));
  const running: RunningCases[] = [];

  before(async () => {
    const ports = await Promise.all(echoes.map((echo) => echo.start()));
    const backends = Object.fromEntries(NAMES.map((name, index) => [name, ports[index] ?? 0]));
    for (const engine of ['weft', 'envoy'] as const)
      running.push(await startCases(engine, folder.path, { cases: CASES, backends }));
  });
  after(async () => {
    for (const { process } of running) await process.stop();
    await Promise.all(echoes.map((echo) => echo.stop()));
    folder[Symbol.dispose]();
  });

  for (const [index, { name }] of CASES.entries()) {
    test(name, async () => {
      const [weft, envoy] = running.map(({ ports }) => Number(ports[index]));
      const chosen = await chosenBackends(SEND, weft ?? 0, KEYS);
      assert.deepEqual(chosen, await chosenBackends(SEND, envoy ?? 0, KEYS));
    });
  }
});
