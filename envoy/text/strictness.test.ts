import assert from 'node:assert/strict';
import { test } from 'node:test';
import { formatDiagnostic } from '@weft/core/kernel';
import type { MessageName } from '../tables/index.ts';
import { readText } from './index.ts';
import { textSource } from './yaml/index.ts';

const faults = (name: MessageName, text: string): string[] => {
  const read = readText(name, textSource(text, 'b.yaml'));
  return read.ok ? [] : read.error.map(formatDiagnostic);
};

test('every fault at once, each with file, line, column, path and remedy', () => {
  const text = `
clusters:
- name: x
  connect_timeout: 5
  dns_jiter: 1s
  type: STATICK
  load_assignment:
    clusterName: x
    cluster_name: w
listeners:
- name: yes
  address: {socket_address: {address: 0.0.0.0, port_value: 080}, pipe: {path: a}}
  name: z
`;
  assert.deepEqual(faults('envoy.config.bootstrap.v3.Bootstrap.StaticResources', text), [
    'b.yaml:4:20: clusters[0].connect_timeout: expected a duration such as 1.5s, found 5',
    'b.yaml:5:3: clusters[0].dns_jiter: unknown field of envoy.config.cluster.v3.Cluster (did you mean dns_jitter)',
    'b.yaml:6:9: clusters[0].type: envoy.config.cluster.v3.Cluster.DiscoveryType has no value STATICK (did you mean STATIC)',
    'b.yaml:9:5: clusters[0].load_assignment.cluster_name: the key stands there twice (keep one of the two)',
    'b.yaml:11:9: listeners[0].name: expected a string, found yes (quote it: "yes")',
    'b.yaml:12:60: listeners[0].address.socket_address.port_value: a leading zero means octal to Envoy and decimal to others (drop the zero)',
    'b.yaml:12:66: listeners[0].address.pipe: socket_address and pipe are both set (keep one of the two)',
    'b.yaml:13:3: listeners[0].name: the key stands there twice (keep one of the two)',
  ]);
});

test('an extension of another type: unknown to Envoy and not supported here are two answers', () => {
  const filter = (url: string): string => `{name: f, typed_config: {"@type": "${url}", a: 1}}`;
  assert.match(
    faults(
      'envoy.config.listener.v3.Filter',
      filter('type.googleapis.com/envoy.extensions.filters.http.lua.v3.Lua'),
    )[0] ?? '',
    /b\.yaml:1:35: typed_config: .*Lua is known to Envoy, not supported here/,
  );
  assert.match(
    faults('envoy.config.listener.v3.Filter', filter('type.googleapis.com/envoy.x.Y'))[0] ?? '',
    /has no message/,
  );
  assert.match(faults('envoy.config.listener.v3.Filter', '{name: f, typed_config: {a: 1}}')[0] ?? '', /needs @type/);
});

test('spellings that Envoy takes: JSON names, numbers as text, enumerations by number, words for booleans, null', () => {
  const read = readText(
    'envoy.config.cluster.v3.Cluster',
    textSource(
      'name: a\nconnectTimeout: "0.25s"\ntype: 3\nper_connection_buffer_limit_bytes: "7"\nrespectDnsTtl: yes\nalt_stat_name: null',
      'b.yaml',
    ),
  );
  assert.ok(read.ok);
  assert.deepEqual(read.value.message, {
    name: 'a',
    connect_timeout: { nanos: 250_000_000 },
    type: 'EDS',
    per_connection_buffer_limit_bytes: 7,
    respect_dns_ttl: true,
  });
});

test('anchors and aliases are followed; an alias bomb is refused', () => {
  const read = readText('envoy.config.core.v3.Node', textSource('id: &a x\ncluster: *a', 'b.yaml'));
  assert.deepEqual(read.ok && read.value.message, { id: 'x', cluster: 'x' });
  const lines = ['a0: &a0 [x, x, x, x, x, x, x, x, x, x]'];
  for (let i = 1; i < 12; i += 1)
    lines.push(`a${i}: &a${i} [${Array.from({ length: 10 }, () => `*a${i - 1}`).join(', ')}]`);
  const bomb = `metadata:\n${lines.map((line) => `  ${line}`).join('\n')}`;
  assert.match(faults('envoy.config.core.v3.Node', bomb)[0] ?? '', /aliases/);
});

test('TypedStruct stands for the message that it describes', () => {
  const read = readText(
    'envoy.config.listener.v3.Filter',
    textSource(
      `name: t
typed_config:
  "@type": type.googleapis.com/xds.type.v3.TypedStruct
  type_url: type.googleapis.com/envoy.extensions.filters.network.tcp_proxy.v3.TcpProxy
  value: {stat_prefix: s, cluster: c}`,
      'b.yaml',
    ),
  );
  assert.deepEqual(read.ok && read.value.message.typed_config?.message, { stat_prefix: 's', cluster: 'c' });
});

test('findings that know only a path get their place, through aliases, both spellings and Any', () => {
  const read = readText(
    'envoy.config.listener.v3.FilterChain',
    textSource(
      `filters:
- name: t
  typedConfig:
    "@type": type.googleapis.com/envoy.extensions.filters.network.tcp_proxy.v3.TcpProxy
    statPrefix: s
    cluster: c`,
      'b.yaml',
    ),
  );
  assert.ok(read.ok);
  const [located] = read.value.locate([
    { severity: 'error', code: 'constraint', message: 'm', place: { path: 'filters[0].typed_config.stat_prefix' } },
  ]);
  assert.deepEqual(located?.place, { path: 'filters[0].typed_config.stat_prefix', file: 'b.yaml', line: 5, column: 5 });
});

test('text that is no YAML says where', () => {
  assert.match(faults('envoy.config.core.v3.Node', 'id: [a')[0] ?? '', /^b\.yaml:1:7: /);
  assert.match(faults('envoy.config.core.v3.Node', '- a')[0] ?? '', /expected a mapping/);
});
