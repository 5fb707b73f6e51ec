import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { FamilySnapshot, LabelPairs } from '@weft/core/metrics';
import { type StatsTags, taggedBy } from './stats-tags.ts';

const family = (name: string, labels: LabelPairs, dotted: string): FamilySnapshot => ({
  name,
  type: 'counter',
  buckets: [],
  series: [{ labels, dotted, values: [1] }],
});
const CLUSTER = (cluster: string): LabelPairs => [['envoy_cluster_name', cluster]];
const FAMILIES = [
  family('envoy_cluster_upstream_rq_total', CLUSTER('one'), 'cluster.one.upstream_rq_total'),
  family('envoy_cluster_upstream_rq_total', CLUSTER('cluster'), 'cluster.cluster.upstream_rq_total'),
  family(
    'envoy_cluster_upstream_rq',
    [['envoy_response_code', '503'], ...CLUSTER('503')],
    'cluster.503.upstream_rq_503',
  ),
  family(
    'envoy_cluster_upstream_rq_xx',
    [['envoy_response_code_class', '5'], ...CLUSTER('5')],
    'cluster.5.upstream_rq_5xx',
  ),
  family('envoy_server_live', [], 'server.live'),
  family('istio_requests_total', [['reporter', 'source']], ''),
];

const told = (tags: StatsTags['tags'], useDefaultTags = true): string[] =>
  taggedBy({ tags, useDefaultTags })(FAMILIES).flatMap(({ name, series }) =>
    series.map(({ labels }) => `${name}{${labels.map((pair) => pair.join('=')).join(',')}}`),
  );

test('without tags of its own everything is as it was', () => {
  assert.deepEqual(told([]), [
    'envoy_cluster_upstream_rq_total{envoy_cluster_name=one}',
    'envoy_cluster_upstream_rq_total{envoy_cluster_name=cluster}',
    'envoy_cluster_upstream_rq{envoy_response_code=503,envoy_cluster_name=503}',
    'envoy_cluster_upstream_rq_xx{envoy_response_code_class=5,envoy_cluster_name=5}',
    'envoy_server_live{}',
    'istio_requests_total{reporter=source}',
  ]);
});

test('without the default tags names are whole, but for those that are named', () => {
  assert.deepEqual(told([{ kind: 'regex', name: 'envoy.response_code', regex: '' }], false), [
    'envoy_cluster_one_upstream_rq_total{}',
    'envoy_cluster_cluster_upstream_rq_total{}',
    'envoy_cluster_503_upstream_rq{envoy_response_code=503}',
    'envoy_cluster_5_upstream_rq_5xx{}',
    'envoy_server_live{}',
    'istio_requests_total{reporter=source}',
  ]);
});

test('expressions look at the whole name, whatever others take out of it; the second group is the value', () => {
  const half = { kind: 'regex', name: 'half', regex: String.raw`^cluster\.((o)ne)` } as const;
  assert.deepEqual(told([half])[0], 'envoy_cluster_upstream_rq_total{envoy_cluster_name=one,half=o}');
  assert.deepEqual(told([half], false)[0], 'envoy_cluster__upstream_rq_total{half=o}');
  const one = { kind: 'regex', name: 'server', regex: String.raw`server\.(li)` } as const;
  assert.deepEqual(told([one])[4], 'envoy_server_ve{server=li}');
});

test('fixed tags come first, and count before others of their name', () => {
  const fixed = { kind: 'fixed', name: 'my.zone', value: 'z' } as const;
  const name = { kind: 'fixed', name: 'envoy.cluster_name', value: 'all' } as const;
  assert.deepEqual(told([fixed])[0], 'envoy_cluster_upstream_rq_total{my_zone=z,envoy_cluster_name=one}');
  assert.deepEqual(told([name])[0], 'envoy_cluster_upstream_rq_total{envoy_cluster_name=all}');
  assert.deepEqual(told([fixed])[5], 'istio_requests_total{my_zone=z,reporter=source}');
});
