/** envoy.config.listener.v3.FilterChain and FilterChainMatch. */
import {
  ANY_CONNECTION,
  type FilterChain,
  type FilterChainMatch,
  type NetworkFilter,
  NO_TERMINAL,
  type TerminalFilter,
} from '@weft/core/proxy-config';
import type { Messages } from '../../tables/index.ts';
import { decodeCidr, encodeCidr } from '../base/address.ts';
import type { Cursor } from '../base/cursor.ts';
import { durationUnless, takeDuration } from '../base/duration.ts';
import { filled, some, type Encoding } from '../base/encoding.ts';
import { enumName, takeEnum, type EnumTable } from '../base/enumeration.ts';
import { sourceMetadata, takeSource } from '../base/metadata.ts';
import { decodeDownstream, encodeDownstream } from '../tls/transport.ts';
import { decodeFilter, encodeNetworkFilter, encodeTerminalFilter } from './filters.ts';

type Wire = Messages['envoy.config.listener.v3.FilterChain'];
type WireMatch = Messages['envoy.config.listener.v3.FilterChainMatch'];

const SOURCES: EnumTable<FilterChainMatch['sourceType'], 'ANY' | 'SAME_IP_OR_LOOPBACK' | 'EXTERNAL'> = [
  ['any', 'ANY'],
  ['same-ip-or-loopback', 'SAME_IP_OR_LOOPBACK'],
  ['external', 'EXTERNAL'],
];

export function decodeChain(cursor: Cursor<Wire>): FilterChain {
  cursor.only('use_proxy_proto', false);
  const match = cursor.within('filter_chain_match', decodeMatch) ?? ANY_CONNECTION;
  return {
    name: cursor.take('name') ?? '',
    match,
    transport: cursor.within('transport_socket', decodeDownstream) ?? { kind: 'plaintext' },
    transportConnectTimeout: takeDuration(cursor, 'transport_socket_connect_timeout', 0),
    ...decodeFilters(cursor),
    source: takeSource(cursor),
  };
}

function decodeFilters(cursor: Cursor<Wire>): { networkFilters: NetworkFilter[]; terminal: TerminalFilter } {
  const placed = cursor.each('filters', decodeFilter);
  const networkFilters: NetworkFilter[] = [];
  let terminal: TerminalFilter | undefined;
  placed.forEach((entry, index) => {
    const last = index === placed.length - 1;
    const path = cursor.at('filters').index(index);
    if (entry === undefined) return;
    if (!entry.ends) {
      networkFilters.push(entry.filter);
      if (last)
        cursor.report.fault(
          path,
          'invalid-value',
          'the last filter must end the chain: tcp_proxy or http_connection_manager',
        );
    } else if (last) terminal = entry.filter;
    else cursor.report.fault(path, 'invalid-value', 'a filter that ends the chain must be the last one');
  });
  if (placed.length === 0) {
    cursor.fault(
      'filters',
      'missing-field',
      'a chain without filters closes every connection',
      'add tcp_proxy or http_connection_manager',
    );
  }
  return { networkFilters, terminal: terminal ?? NO_TERMINAL };
}

function decodeMatch(cursor: Cursor<WireMatch>): FilterChainMatch {
  const protocol = cursor.take('transport_protocol') ?? '';
  const known = protocol === '' || protocol === 'raw_buffer' || protocol === 'tls';
  if (!known) cursor.fault('transport_protocol', 'unsupported-value', 'only raw_buffer and tls are supported here');
  return {
    destinationPort: cursor.take('destination_port'),
    prefixRanges: cursor.each('prefix_ranges', decodeCidr),
    serverNames: (cursor.take('server_names') ?? []).map((name, index) => {
      if (name.lastIndexOf('*') > 0 || (name.startsWith('*') && !name.startsWith('*.')) || name === '*') {
        const path = cursor.at('server_names').index(index);
        cursor.report.fault(path, 'invalid-value', 'a server name is exact or starts with *.');
      }
      return name.toLowerCase();
    }),
    transportProtocol: known ? protocol : '',
    applicationProtocols: cursor.take('application_protocols') ?? [],
    sourceType: takeEnum(cursor, 'source_type', SOURCES),
    sourcePrefixRanges: cursor.each('source_prefix_ranges', decodeCidr),
    sourcePorts: cursor.take('source_ports') ?? [],
  };
}

export const encodeChain = (chain: FilterChain, encoding: Encoding, path: string): Wire => ({
  name: chain.name || undefined,
  filter_chain_match: filled(encodeMatch(chain.match)),
  filters: [
    ...chain.networkFilters.map((filter, index) =>
      encodeNetworkFilter(filter, encoding, `${path}.networkFilters[${index}]`),
    ),
    encodeTerminalFilter(chain.terminal, encoding, `${path}.terminal`),
  ],
  metadata: sourceMetadata(chain.source),
  transport_socket: encodeDownstream(chain.transport),
  transport_socket_connect_timeout: durationUnless(chain.transportConnectTimeout, 0),
});

const encodeMatch = (match: FilterChainMatch): WireMatch => ({
  destination_port: match.destinationPort,
  prefix_ranges: some(match.prefixRanges.map(encodeCidr)),
  server_names: some(match.serverNames),
  transport_protocol: match.transportProtocol || undefined,
  application_protocols: some(match.applicationProtocols),
  source_type: enumName(match.sourceType, SOURCES),
  source_prefix_ranges: some(match.sourcePrefixRanges.map(encodeCidr)),
  source_ports: some(match.sourcePorts),
});
