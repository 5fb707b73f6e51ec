/** What every way to resolve names by DNS is told alike. */
import type { Cluster } from '@weft/core/proxy-config';
import type { Messages } from '../../tables/index.ts';
import type { Cursor } from '../base/cursor.ts';
import { takeDuration } from '../base/duration.ts';
import type { EnumTable } from '../base/enumeration.ts';
import { DNS_REFRESH_RATE } from './standards.ts';

type WireRate =
  | Messages['envoy.config.cluster.v3.Cluster.RefreshRate']
  | Messages['envoy.extensions.clusters.dns.v3.DnsCluster.RefreshRate'];
export type Dns = Extract<Cluster['discovery'], { kind: 'strict-dns' | 'logical-dns' }>;

export const FAMILIES: EnumTable<Dns['family'], 'AUTO' | 'V4_ONLY' | 'V6_ONLY' | 'V4_PREFERRED' | 'ALL'> = [
  ['auto', 'AUTO'],
  ['v4-only', 'V4_ONLY'],
  ['v6-only', 'V6_ONLY'],
  ['v4-preferred', 'V4_PREFERRED'],
  ['all', 'ALL'],
];

/** Envoy's longest is ten times the shortest unless it is stated. */
export function decodeFailureRate(cursor: Cursor<WireRate>): NonNullable<Dns['failureRefreshRate']> {
  const base = takeDuration(cursor, 'base_interval', DNS_REFRESH_RATE);
  const max = takeDuration(cursor, 'max_interval', base * 10);
  if (max < base) cursor.fault('max_interval', 'invalid-value', 'must not be less than base_interval');
  return { base, max };
}
