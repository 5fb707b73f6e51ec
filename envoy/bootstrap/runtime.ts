/** envoy.config.bootstrap.v3.LayeredRuntime. Keys are whatever a configuration names; those that Envoy itself reads are taken where they mean something here. */
import { type RuntimeLayer, runtimeValues, type RuntimeValues } from '@weft/core/proxy-config';
import type { EnvoyFault } from '../errors.ts';
import { decodeSource } from '../resources/base/config-source.ts';
import type { Cursor } from '../resources/base/cursor.ts';
import type { Messages } from '../tables/index.ts';

type WireLayer = Messages['envoy.config.bootstrap.v3.RuntimeLayer'];

/** Envoy's limits of an expression's size are taken where they allow whatever is allowed here. */
const REGEX_LIMITS = ['re2.max_program_size.error_level', 're2.max_program_size.warn_level'];
/** Instructions that an expression may have here. */
const REGEX_PROGRAM_SIZE = 1000;
/** Shares of requests, and how spans are sent. */
const TRACING =
  /^tracing\.(?:(?:client_enabled|random_sampling|global_enabled)|(?:opentelemetry|zipkin)\.(?:min_flush_spans|flush_interval_ms))$/;
const CONNECTION_LIMIT = 'overload.global_downstream_max_connections';
/** The most connections of one listener. */
const LISTENER_LIMIT = /^envoy\.resource_limits\.listener\.(.+)\.connection_limit$/;

/** What Envoy reads although no configuration names it: its features, and settings of its own. */
const ENVOYS_OWN =
  /^(envoy|re2|overload|upstream|circuit_breakers|outlier_detection|health_check|ratelimit|tracing|conn_pool|router|access_log)\./;

/** Envoy's runtime where the bootstrap states none. */
export const ADMIN_ONLY: readonly RuntimeLayer[] = [{ name: '', kind: 'admin' }];

export interface DecodedRuntime {
  readonly layers: readonly RuntimeLayer[];
  /** overload.global_downstream_max_connections of a static layer. */
  readonly maxConnections: number | undefined;
  /** envoy.resource_limits.listener.NAME.connection_limit of static layers, by the name of the listener. */
  readonly listenerLimits: ReadonlyMap<string, number>;
}

export function decodeRuntime(cursor: Cursor<Messages['envoy.config.bootstrap.v3.LayeredRuntime']>): DecodedRuntime {
  const names = new Set<string>();
  let admins = 0;
  const layers = cursor.each('layers', (layer) => {
    const decoded = decodeLayer(layer);
    if (names.has(decoded.name)) layer.fault('name', 'duplicate-name', `two layers are named ${decoded.name}`);
    names.add(decoded.name);
    admins += decoded.kind === 'admin' ? 1 : 0;
    if (decoded.kind === 'admin' && admins > 1)
      layer.fault('admin_layer', 'invalid-value', 'there can be one admin layer only');
    return decoded;
  });
  let maxConnections: number | undefined;
  for (const layer of layers) {
    const limit = layer.kind === 'static' ? layer.values.get(CONNECTION_LIMIT) : undefined;
    if (typeof limit === 'number') maxConnections = limit;
  }
  const listenerLimits = new Map<string, number>();
  for (const layer of layers)
    if (layer.kind === 'static')
      for (const [key, value] of layer.values) {
        const [, name] = LISTENER_LIMIT.exec(key) ?? [];
        if (name !== undefined && typeof value === 'number') listenerLimits.set(name, value);
      }
  return { layers, maxConnections, listenerLimits };
}

function decodeLayer(cursor: Cursor<WireLayer>): RuntimeLayer {
  const name = cursor.take('name') ?? '';
  const disk = cursor.within('disk_layer', (layer) => ({
    kind: 'disk' as const,
    name,
    symlinkRoot: layer.take('symlink_root') ?? '',
    subdirectory: layer.take('subdirectory') ?? '',
    appendServiceCluster: layer.take('append_service_cluster') ?? false,
  }));
  if (disk !== undefined) return disk;
  const rtds = cursor.within('rtds_layer', (layer) => {
    const file = layer.within('rtds_config', decodeSource);
    if (file !== undefined)
      layer.fault('rtds_config', 'unsupported-value', 'only ads is supported for a runtime layer');
    return { kind: 'rtds' as const, name, resource: layer.take('name') ?? '' };
  });
  if (rtds !== undefined) return rtds;
  if (cursor.within('admin_layer', () => true) === true) return { kind: 'admin', name };
  const values = runtimeValues(cursor.take('static_layer') ?? {});
  checkOwnKeys(cursor, values);
  return { kind: 'static', name, values };
}

function checkOwnKeys(cursor: Cursor<WireLayer>, values: RuntimeValues): void {
  for (const [key, value] of values) {
    if (!ENVOYS_OWN.test(key) || (TRACING.test(key) && (typeof value === 'number' || typeof value === 'object')))
      continue;
    const limit = key === CONNECTION_LIMIT || LISTENER_LIMIT.test(key);
    const known = limit || REGEX_LIMITS.includes(key);
    const code: EnvoyFault | undefined = !known
      ? 'unsupported-field'
      : typeof value !== 'number'
        ? 'wrong-type'
        : !limit && value < REGEX_PROGRAM_SIZE
          ? 'unsupported-value'
          : undefined;
    if (code === undefined) continue;
    const what = `${CONNECTION_LIMIT}, envoy.resource_limits.listener.NAME.connection_limit, shares and flushing of tracing, and ${REGEX_LIMITS.join(' and ')} from ${REGEX_PROGRAM_SIZE}`;
    const message = `of the keys that Envoy reads itself only ${what} are supported here, each a number`;
    cursor.report.fault(cursor.at('static_layer').key(key), code, message);
  }
}
