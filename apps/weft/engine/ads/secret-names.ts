/** Which secrets rows name: those to be asked for on the ADS stream, and those that a cluster of its own serves (SDS). Pure. */
import {
  STATIC_SECRET,
  type CertificateSource,
  type DownstreamTransport,
  type PeerValidation,
  type SdsSource,
  type UpstreamTransport,
} from '@weft/core/proxy-config';
import type { ArrivedRows } from './warming.ts';

export function namedSecrets({ clusters, listeners }: Pick<ArrivedRows, 'clusters' | 'listeners'>): SdsSource[] {
  const named: SdsSource[] = [];
  const add = (transport: DownstreamTransport | UpstreamTransport): void => {
    if (transport.kind !== 'tls') return;
    const sources: readonly (CertificateSource | PeerValidation['trust'] | undefined)[] = [
      ...transport.certificates,
      transport.validation?.trust,
    ];
    for (const source of sources) if (source?.kind === 'sds') named.push(source);
  };
  for (const { transport } of clusters.values()) add(transport);
  for (const { filterChains, defaultFilterChain } of listeners.values()) {
    for (const { transport } of filterChains) add(transport);
    if (defaultFilterChain !== undefined) add(defaultFilterChain.transport);
  }
  return named;
}

export const adsSecretNames = (rows: Pick<ArrivedRows, 'clusters' | 'listeners'>): string[] =>
  namedSecrets(rows).flatMap(({ name, sdsCluster, file }) =>
    sdsCluster === undefined && file === undefined ? [name] : [],
  );

/** Cluster to the names it is asked for. */
export function sdsNames(rows: Pick<ArrivedRows, 'clusters' | 'listeners'>): ReadonlyMap<string, readonly string[]> {
  const byCluster = new Map<string, string[]>();
  for (const { name, sdsCluster } of namedSecrets(rows)) {
    if (sdsCluster === undefined || sdsCluster === STATIC_SECRET) continue;
    const names = byCluster.get(sdsCluster);
    if (names === undefined) byCluster.set(sdsCluster, [name]);
    else names.push(name);
  }
  return byCluster;
}
