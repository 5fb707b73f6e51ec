/** Where envoy.config.route.v3.RouteAction sends to: a cluster, one that a header names, or one of several by weight. */
import type { ForwardAction, WeightedCluster } from '@weft/core/proxy-config';
import type { Messages } from '../../tables/index.ts';
import type { Cursor } from '../base/cursor.ts';
import { metadataMatchField, takeMetadataMatch } from '../base/lb-metadata.ts';
import type { Encoding } from '../base/encoding.ts';
import { encodeFilterOverrides, takeFilterOverrides } from '../http-filters/overrides.ts';
import { encodeHeaders, takeHeaders } from './headers.ts';

type Wire = Messages['envoy.config.route.v3.RouteAction'];
type WireWeight = Messages['envoy.config.route.v3.WeightedCluster.ClusterWeight'];
type Target = ForwardAction['target'];

export function decodeTarget(cursor: Cursor<Wire>): Target {
  const header = cursor.take('cluster_header');
  if (header !== undefined) return { kind: 'cluster-header', header: header.toLowerCase() };
  const weighted = cursor.within('weighted_clusters', decodeWeightedClusters);
  return weighted ?? { kind: 'cluster', cluster: cursor.take('cluster') ?? '' };
}

function decodeWeightedClusters(cursor: Cursor<Messages['envoy.config.route.v3.WeightedCluster']>): Target {
  cursor.only('runtime_key_prefix', '');
  const clusters = cursor.each('clusters', decodeWeighted);
  const sum = clusters.reduce((total, cluster) => total + cluster.weight, 0);
  if (sum < 1 || sum > 0xffffffff) cursor.fault('clusters', 'invalid-value', `the weights add up to ${sum}`);
  const total = cursor.take('total_weight');
  if (total !== undefined && total !== sum)
    cursor.fault('total_weight', 'invalid-value', `the weights add up to ${sum}`);
  const header = cursor.take('header_name');
  const choice =
    header !== undefined && header !== ''
      ? ({ kind: 'header', header: header.toLowerCase() } as const)
      : cursor.take('use_hash_policy') === true
        ? ({ kind: 'hash' } as const)
        : ({ kind: 'random' } as const);
  return { kind: 'weighted', clusters, choice };
}

function decodeWeighted(cursor: Cursor<WireWeight>): WeightedCluster {
  const cluster = cursor.take('name') ?? '';
  const clusterHeader = (cursor.take('cluster_header') ?? '').toLowerCase();
  if (cluster === '' && clusterHeader === '')
    cursor.fault('name', 'missing-field', 'an entry needs the name of its cluster');
  if (cluster !== '' && clusterHeader !== '')
    cursor.fault('cluster_header', 'oneof-conflict', 'name and cluster_header are both set');
  return {
    cluster,
    clusterHeader,
    hostRewrite: cursor.take('host_rewrite_literal') ?? '',
    weight: cursor.take('weight') ?? 0,
    metadataMatch: takeMetadataMatch(cursor.take('metadata_match'), cursor.at('metadata_match'), cursor.report),
    headers: takeHeaders(cursor),
    filterOverrides: takeFilterOverrides(cursor),
  };
}

export function encodeTarget({ target }: ForwardAction, encoding: Encoding, path: string): Wire {
  switch (target.kind) {
    case 'cluster':
      return { cluster: target.cluster };
    case 'cluster-header':
      return { cluster_header: target.header };
    case 'weighted': {
      const { choice } = target;
      return {
        weighted_clusters: {
          clusters: target.clusters.map((cluster, index) => ({
            name: cluster.cluster || undefined,
            cluster_header: cluster.clusterHeader || undefined,
            host_rewrite_literal: cluster.hostRewrite || undefined,
            weight: cluster.weight,
            metadata_match: metadataMatchField(cluster.metadataMatch),
            ...encodeHeaders(cluster.headers),
            ...encodeFilterOverrides(cluster.filterOverrides, encoding, `${path}.clusters[${index}].filterOverrides`),
          })),
          ...(choice.kind === 'header'
            ? { header_name: choice.header }
            : choice.kind === 'hash'
              ? { use_hash_policy: true }
              : {}),
        },
      };
    }
  }
}
