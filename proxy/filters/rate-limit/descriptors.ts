/** Descriptors of a request by the actions of its route, compiled once (envoy.config.route.v3.RateLimit). */
import {
  compileHeader,
  compileQueryParameter,
  metadataAt,
  type RequestPredicate,
  type MetadataView,
} from '@weft/core/decide';
import { formatIp, type IpAddress } from '@weft/core/kernel';
import type { RateLimit, RateLimitAction } from '@weft/core/proxy-config';
import type { RateLimitDescriptor } from '@weft/core/services';
import type { Exchange } from '../../http/exchange.ts';
import { routeCluster } from '../route-cluster.ts';

type Report = (fault: string) => void;
type Entry = readonly [key: string, value: string];
/** `no-descriptor`: nothing to say, and without it the descriptor says something else. */
type EntryOf = (exchange: Exchange) => Entry | 'no-entry' | 'no-descriptor';

export interface CompiledLimit {
  readonly stage: number;
  readonly entries: readonly EntryOf[];
}

/** `serviceCluster`: the proxy's own. */
export const compileLimits = (
  limits: readonly RateLimit[],
  serviceCluster: string,
  report: Report,
): readonly CompiledLimit[] =>
  limits.map(({ stage, actions }) => ({
    stage,
    entries: actions.map((action) => compileAction(action, serviceCluster, report)),
  }));

export function addDescriptors(
  limits: readonly CompiledLimit[],
  stage: number,
  exchange: Exchange,
  into: RateLimitDescriptor[],
): void {
  for (const limit of limits) {
    if (limit.stage !== stage) continue;
    const entries = entriesOf(limit, exchange);
    if (entries !== undefined) into.push({ entries });
  }
}

function entriesOf({ entries }: CompiledLimit, exchange: Exchange): Entry[] | undefined {
  const made: Entry[] = [];
  for (const entryOf of entries) {
    const entry = entryOf(exchange);
    if (entry === 'no-descriptor') return undefined;
    if (entry !== 'no-entry') made.push(entry);
  }
  return made;
}

function compileAction(action: RateLimitAction, serviceCluster: string, report: Report): EntryOf {
  switch (action.kind) {
    case 'source-cluster':
      return () => ['source_cluster', serviceCluster];
    case 'destination-cluster':
      return (exchange) => ['destination_cluster', routeCluster(exchange)];
    case 'request-header':
      return (exchange) => present(action, exchange.requestHeader(action.name));
    case 'query-parameter':
      return (exchange) => present(action, exchange.queryParameter(action.name) || undefined);
    case 'remote-address':
      return ({ head }) =>
        head.remoteIp === undefined ? 'no-descriptor' : ['remote_address', formatIp(head.remoteIp)];
    case 'masked-remote-address':
      return ({ head }) => {
        const { remoteIp } = head;
        if (remoteIp === undefined) return 'no-descriptor';
        const bits = remoteIp.family === 4 ? action.v4 : action.v6;
        return ['masked_remote_address', `${formatIp(masked(remoteIp, bits))}/${bits}`];
      };
    case 'generic-key':
      return () => [action.key, action.value];
    case 'header-value-match': {
      const headers = action.headers.map((matcher) => compileHeader(matcher, report));
      return valued(action, all(headers, action.expectMatch));
    }
    case 'query-value-match': {
      const parameters = action.parameters.map((matcher) => compileQueryParameter(matcher, report));
      return valued(action, ({ head }) => parameters.every((matches) => matches(head.query)) === action.expectMatch);
    }
    case 'metadata':
      return (exchange) => metadataEntry(action, exchange);
  }
}

const present = (
  { key, skipIfAbsent }: { readonly key: string; readonly skipIfAbsent: boolean },
  value: string | undefined,
): Entry | 'no-entry' | 'no-descriptor' =>
  value === undefined ? (skipIfAbsent ? 'no-entry' : 'no-descriptor') : [key, value];

const all =
  (predicates: readonly RequestPredicate[], wanted: boolean) =>
  ({ head }: Exchange): boolean =>
    predicates.every((matches) => matches(head, 'joined')) === wanted;

const valued =
  (
    { key, value }: { readonly key: string; readonly value: string },
    matches: (exchange: Exchange) => boolean,
  ): EntryOf =>
  (exchange) =>
    matches(exchange) ? [key, value] : 'no-descriptor';

function metadataEntry(
  action: Extract<RateLimitAction, { kind: 'metadata' }>,
  { head }: Exchange,
): Entry | 'no-entry' | 'no-descriptor' {
  const view: MetadataView | undefined = action.source === 'route' ? head.routeMetadata : head.metadata;
  const value = metadataAt(view, action.namespace, action.path);
  const text = typeof value === 'string' && value !== '' ? value : action.fallback;
  return present(action, text === '' ? undefined : text);
}

/** The address with only its first bits. */
function masked({ family, bytes }: IpAddress, bits: number): IpAddress {
  return { family, bytes: bytes.map((byte, index) => byte & (0xff00 >> Math.max(0, Math.min(8, bits - index * 8)))) };
}
