import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Diagnostic } from '@weft/core/kernel';
import type { PatchMatch, PatchOperation, PatchPart, ResourcePatch } from '@weft/core/proxy-config';
import fc from 'fast-check';
import { Report, readInto, writeMessage } from '../codec/index.ts';
import { ENVOY_PROFILE, WEFT_PROFILE } from '../profile/index.ts';
import {
  readCluster,
  readListener,
  readRouteConfiguration,
  writeCluster,
  writeListener,
  writeRouteConfiguration,
} from '../resources/index.ts';
import { messageType, type Field, type MessageName, type MessageType } from '../tables/index.ts';
import { anyMessageOf } from '../testing/messages.ts';
import { cluster, listener, routeConfiguration } from '../testing/rows/index.ts';
import { addedResources, patchedResource, patchFaults } from './index.ts';
import { merged, type Fields } from './merge.ts';
import { PART_MESSAGES } from './parts.ts';

const ANYTHING: PatchMatch = {
  direction: undefined,
  listener: undefined,
  filterChain: undefined,
  networkFilter: undefined,
  httpFilter: undefined,
  routeConfiguration: undefined,
  virtualHost: undefined,
  route: undefined,
  cluster: undefined,
};
const patch = (
  part: PatchPart,
  operation: PatchOperation,
  value?: Record<string, unknown>,
  match: Partial<PatchMatch> = {},
): ResourcePatch => ({
  part,
  operation,
  value,
  match: { ...ANYTHING, ...match },
  source: 'EnginePatch/shop/a#spec.patches[0]',
});

/** Types without oneofs, of which our reader of bytes keeps every member that it meets. */
const PLAIN = [
  'envoy.config.route.v3.RetryPolicy',
  'envoy.config.route.v3.VirtualCluster',
  'envoy.config.cluster.v3.OutlierDetection',
  'envoy.config.cluster.v3.CircuitBreakers',
] as const satisfies readonly MessageName[];

function typeOf(name: MessageName): MessageType {
  const type = messageType(name);
  assert.ok(type !== undefined);
  return type;
}

/** Whether the message holds a form whose merging protobuf does by bytes, or a map, whose order it leaves open. */
const hasOwnForm = (type: MessageType, message: Fields): boolean =>
  Object.entries(message).some(([name, value]) => {
    const field = type.byName.get(name);
    if (field === undefined || value === undefined) return false;
    if (field.mapKey !== undefined) return true;
    if (field.kind !== 'message') return false;
    if (field.message.form !== 'fields') return true;
    const list = (field.repeated ? value : [value]) as readonly Fields[];
    return list.some((one) => hasOwnForm(field.message, one));
  });

/** The number at `at` and where it ends. Of what our writer wrote: tags and lengths below 2^32. */
function varint(bytes: Buffer, at: number): [number, number] {
  let value = 0;
  for (let shift = 0; ; shift += 7) {
    const byte = bytes.readUInt8(at++);
    value += (byte & 0x7f) * 2 ** shift;
    if (byte < 0x80) return [value, at];
  }
}

function varintBytes(value: number): Buffer {
  const bytes: number[] = [];
  for (let rest = value; ; rest = Math.floor(rest / 128)) {
    if (rest < 128) return Buffer.from([...bytes, rest]);
    bytes.push((rest % 128) | 0x80);
  }
}

/**
 * The same message with every singular message field once: of one that stands there again, protobuf reads both bodies as one.
 * Our reader refuses what stands there twice, so that it alone is no judge of merging. Source: protobuf.dev "Encoding", last one wins.
 */
function onceEach(type: MessageType, bytes: Buffer): Buffer {
  const others: Buffer[] = [];
  const bodies = new Map<Field, Buffer[]>();
  for (let at = 0; at < bytes.length; ) {
    const start = at;
    const [tag, behindTag] = varint(bytes, at);
    const [length, behindNumber] = [0, 2].includes(tag & 7) ? varint(bytes, behindTag) : [0, behindTag];
    at = { 0: behindNumber, 1: behindTag + 8, 2: behindNumber + length, 5: behindTag + 4 }[tag & 7] ?? Number.NaN;
    const field = type.byNumber.get(tag >>> 3);
    assert.ok(field !== undefined && at <= bytes.length);
    if (field.kind !== 'message' || field.repeated || field.mapKey !== undefined)
      others.push(bytes.subarray(start, at));
    else bodies.set(field, [...(bodies.get(field) ?? []), bytes.subarray(behindNumber, at)]);
  }
  const joined = [...bodies].flatMap(([field, parts]) => {
    assert.equal(field.kind, 'message');
    const body = onceEach(field.message, Buffer.concat(parts));
    return [varintBytes(field.number * 8 + 2), varintBytes(body.length), body];
  });
  return Buffer.concat([...others, ...joined]);
}

test('merging is what protobuf makes of one message’s bytes behind another’s', () => {
  let compared = 0;
  for (const name of PLAIN) {
    const type = typeOf(name);
    const any = anyMessageOf(type).filter((message) => !hasOwnForm(type, message as Fields)) as fc.Arbitrary<Fields>;
    fc.assert(
      fc.property(any, any, (base, over) => {
        const bytes = Buffer.concat([writeMessage(name, base as never), writeMessage(name, over as never)]);
        const joined = readInto(name, onceEach(type, bytes), new Report());
        assert.deepEqual(
          Buffer.from(writeMessage(name, merged(type, base, over) as never)),
          Buffer.from(writeMessage(name, joined as never)),
        );
        compared += 1;
      }),
      {
        numRuns: 100,
        examples:
          name === 'envoy.config.route.v3.RetryPolicy'
            ? [[{ rate_limited_retry_back_off: { reset_headers: [{}] } }, { rate_limited_retry_back_off: {} }]]
            : [],
      },
    );
  }
  assert.ok(compared >= 400);
});

test('a patch that finds nothing leaves the bytes as they are, and says so', () => {
  const elsewhere = [
    patch('cluster', 'remove', undefined, { cluster: 'no such cluster' }),
    patch('listener', 'remove', undefined, { listener: 'no such listener' }),
    patch('route', 'remove', undefined, { routeConfiguration: 'no such table' }),
    patch('http-filter', 'remove', undefined, { httpFilter: 'no such filter' }),
    patch('virtual-host', 'remove', undefined, { virtualHost: 'no such host' }),
  ];
  fc.assert(
    fc.property(listener, routeConfiguration, cluster, (one, table, upstream) => {
      const made = [
        [patchedResource('listener', one, WEFT_PROFILE, elsewhere), writeListener(one, WEFT_PROFILE)],
        [
          patchedResource('route-configuration', table, WEFT_PROFILE, elsewhere),
          writeRouteConfiguration(table, WEFT_PROFILE),
        ],
        [patchedResource('cluster', upstream, WEFT_PROFILE, elsewhere), writeCluster(upstream, WEFT_PROFILE)],
      ] as const;
      for (const [patched, plain] of made) {
        assert.deepEqual(patched.bytes, plain.bytes);
        assert.deepEqual(patched.matched, []);
      }
    }),
    { numRuns: 60 },
  );
});

const HEADER = { header: { key: 'x-patched', value: 'yes' } };
const FILTER = {
  name: 'tagging',
  typed_config: {
    '@type': 'type.googleapis.com/envoy.extensions.filters.http.header_mutation.v3.HeaderMutation',
    mutations: { request_mutations: [{ append: HEADER }] },
  },
};

test('whatever our engine gets of any patches it can read, and the row it is told as is what the bytes say', () => {
  const some: fc.Arbitrary<ResourcePatch> = fc.constantFrom(
    patch('virtual-host', 'merge', { response_headers_to_add: [HEADER] }),
    patch('virtual-host', 'add-first', { name: 'patched', domains: ['patched.example'] }),
    patch('route', 'add-first', { name: 'r', match: { prefix: '/x' }, direct_response: { status: 418 } }),
    patch('route', 'merge', { request_headers_to_add: [HEADER] }),
    patch('route', 'remove', undefined, { route: 'r*' }),
    patch('http-filter', 'add-first', FILTER),
    patch('http-filter', 'add-last', FILTER),
    patch('http-filter', 'replace', FILTER, { httpFilter: 'tagging' }),
    patch('network-filter', 'remove', undefined, { networkFilter: 'x*' }),
    patch('filter-chain', 'remove'),
    patch('cluster', 'merge', { per_connection_buffer_limit_bytes: 4096 }),
    patch('cluster', 'merge', { track_cluster_stats: { timeout_budgets: true } }),
    patch('listener', 'merge', { stat_prefix: 'x' }),
    patch('listener', 'replace', { stat_prefix: 'x' }),
    patch('route-configuration', 'merge', { max_direct_response_body_size_bytes: 5 }),
  );
  fc.assert(
    fc.property(
      fc.array(some, { maxLength: 5 }),
      listener,
      routeConfiguration,
      cluster,
      (patches, one, table, upstream) => {
        const l = patchedResource('listener', one, WEFT_PROFILE, patches);
        const t = patchedResource('route-configuration', table, WEFT_PROFILE, patches);
        const c = patchedResource('cluster', upstream, WEFT_PROFILE, patches);
        for (const [patched, read] of [
          [l, readListener],
          [t, readRouteConfiguration],
          [c, readCluster],
        ] as const) {
          assert.ok(patched.bytes !== undefined);
          const back = read(patched.bytes);
          assert.ok(back.ok);
          assert.deepEqual(back.value, patched.row);
          for (const { source, diagnostics } of patched.refused) {
            assert.ok(patched.matched.includes(source));
            assert.ok(diagnostics.length > 0);
          }
        }
      },
    ),
    { numRuns: 120 },
  );
});

const [sample] = fc.sample(cluster, { numRuns: 1, seed: 7 });
assert.ok(sample !== undefined);
const refusal = (given: ResourcePatch, profile = WEFT_PROFILE): readonly Diagnostic[] =>
  patchedResource('cluster', sample, profile, [given]).refused.flatMap(({ diagnostics }) => diagnostics);

test('a field that our engine does not know is named, at the patch; real Envoy gets it', () => {
  const given = patch('cluster', 'merge', { track_cluster_stats: { request_response_sizes: true } });
  const [fault] = refusal(given);
  assert.match(fault?.message ?? '', /track_cluster_stats/);
  assert.deepEqual(fault?.place, { object: 'EnginePatch/shop/a', path: 'spec.patches[0].value' });
  assert.deepEqual(refusal(given, ENVOY_PROFILE), []);
});

test('what breaks Envoy’s limits is left out for either engine', () => {
  const given = patch('cluster', 'replace', { connect_timeout: '0s' });
  for (const profile of [WEFT_PROFILE, ENVOY_PROFILE]) assert.notDeepEqual(refusal(given, profile), []);
});

test('additions: a new name once, with a name, before anything else that is called so', () => {
  const beside = { name: 'beside', type: 'STATIC', connect_timeout: '1s', load_assignment: { cluster_name: 'beside' } };
  const added = (taken: readonly string[], ...values: Record<string, unknown>[]) =>
    addedResources(
      'cluster',
      new Set(taken),
      WEFT_PROFILE,
      values.map((value) => patch('cluster', 'add-last', value)),
    ).map(({ name, bytes, refused }) => [
      name,
      bytes !== undefined,
      refused.flatMap(({ diagnostics }) => diagnostics[0]?.code),
    ]);
  assert.deepEqual(added([], beside), [['beside', true, []]]);
  assert.deepEqual(added([], beside, beside), [
    ['beside', true, []],
    ['beside', false, ['duplicate-name']],
  ]);
  assert.deepEqual(added(['beside'], beside), [['beside', false, ['duplicate-name']]]);
  assert.deepEqual(added([], { ...beside, name: '' }), [['', false, ['duplicate-name']]]);
});

test('values are checked before any proxy sees them: unknown fields, types, enumerations, types of extensions', () => {
  const faults = patchFaults({
    patches: [
      { part: 'Cluster', value: { conect_timeout: '1s' } },
      { part: 'Cluster', value: { lb_policy: 'ROUND_ROBBIN' } },
      { part: 'Route', value: { route: { timeout: 5 } } },
      { part: 'HttpFilter', value: { name: 'x', typed_config: { '@type': 'type.googleapis.com/nobody.knows.This' } } },
      { part: 'VirtualHost', value: { routes: [{}, { match: { prefix: 1 } }] } },
      { part: 'Listener', value: { stat_prefix: 'fine' } },
    ],
  });
  assert.deepEqual(
    faults.map(({ code, place }) => `${code} ${place.path}`),
    [
      'unknown-field spec.patches[0].value.conect_timeout',
      'unknown-enum-value spec.patches[1].value.lb_policy',
      'wrong-type spec.patches[2].value.route.timeout',
      'unknown-type spec.patches[3].value.typed_config',
      'wrong-type spec.patches[4].value.routes[1].match.prefix',
    ],
  );
  assert.equal(Object.keys(PART_MESSAGES).length, 8);
});
