import assert from 'node:assert/strict';
import { test } from 'node:test';
import { envoyRefuses, findEnvoy } from '../testing/real-envoy.ts';
import { readBootstrap, validateBootstrap } from './index.ts';
import { textSource } from '../text/yaml/index.ts';

const envoy = findEnvoy();
const monitor = (name: string, config: string, fields: string): string =>
  `{name: ${name}, typed_config: {"@type": type.googleapis.com/envoy.extensions.resource_monitors.${config}, ${fields}}}`;
const HEAP = monitor('heap', 'fixed_heap.v3.FixedHeapConfig', 'max_heap_size_bytes: 1000000');
const CONNECTIONS = monitor(
  'envoy.resource_monitors.global_downstream_max_connections',
  'downstream_connections.v3.DownstreamConnectionsConfig',
  'max_active_downstream_connections: 7',
);
const action = (name: string, trigger = '{name: heap, threshold: {value: 0.9}}'): string =>
  `{name: envoy.overload_actions.${name}, triggers: [${trigger}]}`;
const bootstrap = (monitors: readonly string[], actions: readonly string[]): string =>
  `overload_manager: {refresh_interval: 0.25s, resource_monitors: [${monitors.join(', ')}], actions: [${actions.join(', ')}]}`;

const WHOLE = bootstrap(
  [HEAP, CONNECTIONS],
  [
    action('disable_http_keepalive', '{name: heap, threshold: {value: 0.8}}'),
    action('stop_accepting_requests'),
    action('stop_accepting_connections', '{name: heap, threshold: {value: 1}}'),
  ],
);

test('monitors, actions and thresholds are taken; the monitor of connections is their limit', () => {
  const read = readBootstrap(textSource(WHOLE, 'b.yaml'));
  assert.ok(read.ok, JSON.stringify(read));
  assert.equal(read.value.maxDownstreamConnections, 7);
  assert.deepEqual(read.value.overload, {
    refreshInterval: 250,
    monitors: [{ name: 'heap', resource: { kind: 'fixed-heap', maxBytes: 1_000_000 } }],
    actions: [
      { action: 'disable-keepalive', triggers: [{ monitor: 'heap', threshold: 0.8 }] },
      { action: 'stop-accepting-requests', triggers: [{ monitor: 'heap', threshold: 0.9 }] },
      { action: 'stop-accepting-connections', triggers: [{ monitor: 'heap', threshold: 1 }] },
    ],
  });
});

test('Envoy takes the same', { skip: envoy === undefined ? 'no envoy binary' : false }, () => {
  assert.equal(envoyRefuses(envoy ?? '', WHOLE), undefined);
});

test('what is not supported is refused by its name and path', () => {
  const codes = (text: string): string[] =>
    validateBootstrap(textSource(text, 'b.yaml')).map(
      ({ code, message, place }) => `${code} ${place?.path ?? ''} ${message}`,
    );
  const refused = (text: string, pattern: RegExp): void => {
    const found = codes(text);
    assert.equal(found.length, 1, found.join('\n'));
    assert.match(found[0] ?? '', pattern);
  };
  const actions = 'overload_manager\\.actions\\[0\\]';
  refused(bootstrap([HEAP], [action('shrink_heap')]), /^unsupported-value .*shrink_heap is not supported here/);
  refused(
    bootstrap([HEAP], [action('stop_accepting_requests', '{name: other, threshold: {value: 1}}')]),
    new RegExp(`^invalid-value .*${actions}.*other`),
  );
  refused(
    bootstrap(
      [HEAP, CONNECTIONS],
      [
        action(
          'stop_accepting_requests',
          '{name: envoy.resource_monitors.global_downstream_max_connections, threshold: {value: 1}}',
        ),
      ],
    ),
    /^unsupported-value .*limits by itself/,
  );
  refused(bootstrap([HEAP, HEAP], []), /^duplicate-name .*two resource monitors are named heap/);
  refused(bootstrap([HEAP], [action('stop_accepting_requests'), action('stop_accepting_requests')]), /^duplicate-name/);
  refused(
    bootstrap([monitor('heap', 'injected_resource.v3.InjectedResourceConfig', 'filename: x')], []),
    /InjectedResourceConfig/,
  );
});
