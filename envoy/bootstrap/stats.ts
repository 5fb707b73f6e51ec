/** stats_config: tags that are taken out of the names of statistics, or added to all. */
import { re2 } from '@weft/core/decide';
import type { Cursor } from '../resources/base/cursor.ts';
import type { Messages } from '../tables/index.ts';
import type { StatsConfig, StatsTag } from './bootstrap.ts';

/** Envoy's default tags of statistics that exist here: a tag without an expression is one of them. */
const DEFAULT_TAGS: ReadonlySet<string> = new Set([
  'envoy.cluster_name',
  'envoy.connection_limit_prefix',
  'envoy.http_conn_manager_prefix',
  'envoy.listener_address',
  'envoy.local_ratelimit_prefix',
  'envoy.proxy_protocol_prefix',
  'envoy.proxy_protocol_version',
  'envoy.rbac_prefix',
  'envoy.response_code',
  'envoy.response_code_class',
  'envoy.tcp_prefix',
  'envoy.udp_prefix',
]);

export function decodeStats(cursor: Cursor<Messages['envoy.config.metrics.v3.StatsConfig']>): StatsConfig {
  return {
    tags: cursor.each('stats_tags', decodeTag),
    useDefaultTags: cursor.take('use_all_default_tags') ?? true,
  };
}

function decodeTag(cursor: Cursor<Messages['envoy.config.metrics.v3.TagSpecifier']>): StatsTag {
  const name = cursor.take('tag_name') ?? '';
  const value = cursor.take('fixed_value');
  if (value !== undefined) return { kind: 'fixed', name, value };
  const regex = cursor.take('regex') ?? '';
  if (regex === '' && !DEFAULT_TAGS.has(name))
    cursor.fault(
      'regex',
      'missing-field',
      `${JSON.stringify(name)} is no default tag of a statistic that exists here`,
      'state the expression that takes it out of names, or fixed_value',
    );
  if (regex !== '' && groupsOf(regex) === 0)
    cursor.fault('regex', 'invalid-value', 'not an RE2 expression with a group: the first one is what is taken out');
  return { kind: 'regex', name, regex };
}

function groupsOf(regex: string): number {
  try {
    return re2().compile(regex).groupCount();
  } catch {
    return 0;
  }
}
