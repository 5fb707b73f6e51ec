/** envoy.config.route.v3.RouteAction.RequestMirrorPolicy. */
import type { Mirror } from '@weft/core/proxy-config';
import type { Messages } from '../../tables/index.ts';
import type { Cursor } from '../base/cursor.ts';
import { some } from '../base/encoding.ts';
import { decodeFraction, encodeFraction } from '../base/matcher.ts';
import { decodeStep, encodeStep } from './header-steps.ts';

type Wire = Messages['envoy.config.route.v3.RouteAction.RequestMirrorPolicy'];

export function decodeMirror(cursor: Cursor<Wire>): Mirror {
  const cluster = cursor.take('cluster') ?? '';
  const clusterHeader = (cursor.take('cluster_header') ?? '').toLowerCase();
  if (cluster === '' && clusterHeader === '')
    cursor.fault('cluster', 'missing-field', 'a mirror policy needs its cluster');
  if (cluster !== '' && clusterHeader !== '')
    cursor.fault('cluster_header', 'oneof-conflict', 'cluster and cluster_header are both set');
  return {
    cluster,
    clusterHeader,
    fraction: cursor.within('runtime_fraction', decodeFraction),
    marksHost: !(cursor.take('disable_shadow_host_suffix_append') ?? false),
    hostRewrite: cursor.take('host_rewrite_literal') ?? '',
    request: cursor.each('request_headers_mutations', decodeStep),
  };
}

export const encodeMirror = (mirror: Mirror): Wire => ({
  cluster: mirror.cluster || undefined,
  cluster_header: mirror.clusterHeader || undefined,
  runtime_fraction: mirror.fraction === undefined ? undefined : encodeFraction(mirror.fraction),
  disable_shadow_host_suffix_append: mirror.marksHost ? undefined : true,
  host_rewrite_literal: mirror.hostRewrite || undefined,
  request_headers_mutations: some(mirror.request.map(encodeStep)),
});
