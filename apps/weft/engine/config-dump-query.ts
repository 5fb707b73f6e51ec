/**
 * What is asked for of a configuration dump, with the meaning of Envoy's `/config_dump`: one repeated field (`resource`), names (`name_regex`), fields (`mask`,
 * a google.protobuf.FieldMask). Pure.
 */
import type { ConfigDumpAnswer } from '@weft/proxy/admin';
import { nameFilter } from '@weft/proxy/admin/name-filter';

type Message = Readonly<Record<string, unknown>>;

export interface ConfigDumpQuery {
  readonly resource: string | undefined;
  readonly mask: readonly (readonly string[])[] | undefined;
  /** Whether endpoints are asked for, which can be many. */
  readonly includeEds: boolean;
  readonly wanted: (name: string) => boolean;
}

/** Undefined: the expression is none. */
export function readConfigDumpQuery(query: URLSearchParams): ConfigDumpQuery | undefined {
  const mask = query.get('mask');
  const expression = query.get('name_regex');
  const wanted = expression === null || expression === '' ? () => true : nameFilter(expression, true);
  if (wanted === undefined) return undefined;
  return {
    resource: query.get('resource') ?? undefined,
    mask: mask === null || mask === '' ? undefined : mask.split(',').map((path) => path.split('.')),
    includeEds: query.has('include_eds'),
    wanted,
  };
}

/** `dumps`: all there are, each a message of envoy.admin.v3. */
export function answerConfigDump(dumps: readonly Message[], { resource, mask }: ConfigDumpQuery): ConfigDumpAnswer {
  if (resource === undefined)
    return { dump: { configs: mask === undefined ? dumps : dumps.map((dump) => masked(dump, mask)) } };
  for (const dump of dumps) {
    const entries = dump[resource];
    if (!Array.isArray(entries)) continue;
    const type = `${String(dump['@type'])}.${ENTRIES[resource] ?? ''}`;
    return {
      dump: {
        configs: (entries as readonly Message[]).map((entry) => ({
          '@type': type,
          ...(mask === undefined ? entry : masked(entry, mask)),
        })),
      },
    };
  }
  return resource in ENTRIES
    ? { dump: { configs: [] } }
    : { fault: `${resource} not found in config dump`, status: 404 };
}

/** The repeated fields of the dumps, and the messages nested in them that they hold. */
const ENTRIES: Readonly<Record<string, string>> = {
  static_listeners: 'StaticListener',
  dynamic_listeners: 'DynamicListener',
  static_clusters: 'StaticCluster',
  dynamic_active_clusters: 'DynamicCluster',
  static_route_configs: 'StaticRouteConfig',
  dynamic_route_configs: 'DynamicRouteConfig',
  static_endpoint_configs: 'StaticEndpointConfig',
  dynamic_endpoint_configs: 'DynamicEndpointConfig',
};

/** Only the fields on the paths; a path ends at a list, which is taken whole. The type of a message always stays. */
function masked(message: Message, paths: readonly (readonly string[])[]): Message {
  const kept: Record<string, unknown> = {};
  if ('@type' in message) kept['@type'] = message['@type'];
  for (const field of Object.keys(message)) {
    const under = paths.filter(([first]) => first === field);
    if (under.length === 0) continue;
    const deeper = under.map((path) => path.slice(1));
    const value = message[field];
    const whole = deeper.some((path) => path.length === 0) || Array.isArray(value);
    kept[field] = whole || typeof value !== 'object' || value === null ? value : masked(value as Message, deeper);
  }
  return kept;
}
