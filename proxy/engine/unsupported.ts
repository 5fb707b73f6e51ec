/**
 * What a ProxyConfig can say and this engine cannot do yet. Faults refuse the row; warnings accept it with a remark. Nothing is passed over in
 * silence.
 */
import type { Cluster, FilterChain, Listener } from '@weft/core/proxy-config';
import { speaksHttp2 } from '../http2/alpn.ts';

const PROBES = "TCP keep-alive: time is set, the number and interval of probes are the system's";

export interface Remarks {
  readonly faults: readonly string[];
  readonly warnings: readonly string[];
}

export function listenerRemarks(row: Listener, canSeeOriginalDestination: boolean): Remarks {
  const faults: string[] = [];
  const warnings: string[] = [];
  const chains =
    row.defaultFilterChain === undefined ? row.filterChains : [...row.filterChains, row.defaultFilterChain];
  if (row.apiListener !== undefined) faults.push('an API listener is for proxyless gRPC; this engine cannot serve it');
  for (const { kind } of row.listenerFilters) {
    if (kind === 'original-dst' && !canSeeOriginalDestination) {
      warnings.push('original_dst: redirected connections cannot be told here; the local address counts');
    }
  }
  const { tcpKeepalive: keepalive } = row;
  if (keepalive !== undefined && (keepalive.probes > 0 || keepalive.interval > 0)) warnings.push(PROBES);
  if (!row.enableReusePort)
    warnings.push('enable_reuse_port: where several threads serve, each has a socket of its own all the same');
  if (row.udp !== undefined && row.accessLogs.length > 0)
    warnings.push('access logs of a listener of UDP are not written, those of its proxy are');
  for (const chain of chains) chainRemarks(chain, warnings);
  return { faults, warnings };
}

function chainRemarks({ name, terminal, transport }: FilterChain, warnings: string[]): void {
  if (terminal.kind !== 'http-connection-manager' || terminal.manager.codec !== 'http1') return;
  if (transport.kind === 'tls' && transport.alpnProtocols.some(speaksHttp2)) {
    warnings.push(`filter chain ${name}: its codec is HTTP/1.1, so HTTP/2 is not offered`);
  }
}

export function clusterRemarks(row: Cluster): Remarks {
  const warnings: string[] = [];
  if (row.tcpKeepalive !== undefined && (row.tcpKeepalive.probes > 0 || row.tcpKeepalive.interval > 0)) {
    warnings.push(PROBES);
  }
  return { faults: [], warnings };
}
