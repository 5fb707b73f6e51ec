/** Attributes of spans: those that Envoy gives every span, and those that a configuration adds. */
import { metadataAt, type MetadataView } from '@weft/core/decide';
import type { CustomTag, TagValue } from '@weft/core/proxy-config';
import type { LogNode } from '@weft/core/services';
import type { Exchange } from '../http/exchange.ts';
import { formatResponseFlags } from '../response-flags.ts';
import { compileText } from '../telemetry/access-log.ts';
import { sortedJson } from '../telemetry/json-text.ts';

export type Attribute = readonly [name: string, value: string];
/** '' and undefined: no tag. */
type ReadTag = (exchange: Exchange) => string | undefined;

export interface CompiledTag {
  readonly name: string;
  readonly read: ReadTag;
}

/** Throws when a format has an unknown operator. */
export const compileTags = (tags: readonly CustomTag[]): readonly CompiledTag[] =>
  tags.map(({ name, value }) => ({ name, read: reader(value) }));

function reader(value: TagValue): ReadTag {
  switch (value.kind) {
    case 'literal':
      return () => value.value;
    case 'environment': {
      const text = process.env[value.name] ?? value.fallback;
      return () => text;
    }
    case 'request-header':
      return (exchange) => exchange.requestHeader(value.name) ?? value.fallback;
    case 'metadata': {
      const { of, namespace, path, fallback } = value;
      return (exchange) => {
        const found = metadataAt(viewOf(exchange, of), namespace, path);
        if (found === undefined || found === null) return fallback;
        return typeof found === 'string' ? found : sortedJson(found);
      };
    }
    case 'format': {
      const write = compileText({ kind: 'text', text: value.format });
      return (exchange) => {
        const text = write(exchange);
        return text === '-' ? undefined : text;
      };
    }
  }
}

function viewOf(exchange: Exchange, of: Extract<TagValue, { kind: 'metadata' }>['of']): MetadataView | undefined {
  switch (of) {
    case 'request':
      return exchange.metadata;
    case 'route':
      return exchange.routeMetadata;
    case 'cluster': {
      const metadata = exchange.cluster?.config.metadata;
      return metadata && new Map(metadata);
    }
    case 'host': {
      const metadata = exchange.endpoint?.endpoint.metadata;
      return metadata && new Map(metadata);
    }
  }
}

/** As gRPC statuses that the server's side is to blame for. */
const SERVER_FAULTS = new Set([2, 4, 12, 13, 14, 15]);

export const isFault = ({ status, grpc, grpcStatus }: Exchange): boolean =>
  status === 0 || status >= 500 || (grpc && SERVER_FAULTS.has(grpcStatus));

/** Envoy's tags of a request's own span. */
export function requestTags(exchange: Exchange, node: LogNode, maxPath: number): Attribute[] {
  const { head } = exchange;
  const header = (name: string): string => exchange.requestHeader(name) ?? '-';
  const path = exchange.requestHeader('x-envoy-original-path') ?? exchange.path;
  const tags: Attribute[] = [
    ['node_id', node.id],
    ['zone', node.locality.zone],
    ['guid:x-request-id', exchange.requestHeader('x-request-id') ?? ''],
    ['http.url', `${head.scheme}://${exchange.authority}${path.slice(0, maxPath)}`],
    ['http.method', exchange.method],
    ['downstream_cluster', header('x-envoy-downstream-service-cluster')],
    ['user_agent', header('user-agent')],
    ['http.protocol', exchange.protocol],
    ['peer.address', (exchange.downstream.directRemote ?? exchange.downstream.remote).ip],
  ];
  const client = exchange.requestHeader('x-client-trace-id');
  if (client !== undefined) tags.push(['guid:x-client-trace-id', client]);
  if (exchange.grpcClient) {
    tags.push(['grpc.path', path], ['grpc.authority', exchange.authority]);
    for (const name of ['content-type', 'grpc-timeout'] as const) {
      const value = exchange.requestHeader(name);
      if (value !== undefined) tags.push([name === 'content-type' ? 'grpc.content_type' : 'grpc.timeout', value]);
    }
  }
  tags.push(['request_size', String(exchange.bytesReceived)], ['response_size', String(exchange.bytesSent)]);
  tags.push(...commonTags(exchange, exchange.status));
  if (exchange.grpc && exchange.grpcStatus >= 0) {
    tags.push(['grpc.status_code', String(exchange.grpcStatus)]);
    const message = exchange.responseHeader('grpc-message');
    if (message !== undefined) tags.push(['grpc.message', message]);
  }
  if (isFault(exchange)) tags.push(['error', 'true']);
  return tags;
}

/** Envoy's tags of both kinds of spans. */
export function commonTags({ cluster, clusterName, flags }: Exchange, status: number): Attribute[] {
  const tags: Attribute[] = [['component', 'proxy']];
  if (cluster !== undefined || clusterName !== '') {
    const name = cluster?.name ?? clusterName;
    tags.push(['upstream_cluster', name], ['upstream_cluster.name', cluster?.config.altStatName || name]);
  }
  tags.push(['http.status_code', String(status)], ['response_flags', flags === 0 ? '-' : formatResponseFlags(flags)]);
  return tags;
}
