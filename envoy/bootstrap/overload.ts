/** envoy.config.overload.v3.OverloadManager to Overload. What this engine cannot do is refused by its name. */
import type { Overload, OverloadAction, OverloadResource, OverloadTrigger } from '@weft/core/proxy-config';
import { type Cursor, readingAny } from '../resources/base/cursor.ts';
import { takeDuration } from '../resources/base/duration.ts';
import type { Messages } from '../tables/index.ts';

type Wire = Messages['envoy.config.overload.v3.OverloadManager'];

const ACTIONS: Readonly<Record<string, OverloadAction>> = {
  'envoy.overload_actions.disable_http_keepalive': 'disable-keepalive',
  'envoy.overload_actions.stop_accepting_requests': 'stop-accepting-requests',
  'envoy.overload_actions.stop_accepting_connections': 'stop-accepting-connections',
  'envoy.overload_actions.reject_incoming_connections': 'reject-incoming-connections',
};

/** Envoy's default, ms. */
const REFRESH = 1000;

export interface DecodedOverload {
  readonly overload: Overload;
  /** Of the monitor of downstream connections, which Envoy asks at every connection and not by triggers. */
  readonly maxDownstreamConnections: number | undefined;
}

export function decodeOverload(cursor: Cursor<Wire>): DecodedOverload {
  const interval = takeDuration(cursor, 'refresh_interval', REFRESH);
  let limit: number | undefined;
  const names = new Set<string>();
  const monitors = cursor.each('resource_monitors', (monitor) => {
    const name = monitor.take('name') ?? '';
    if (names.has(name)) monitor.fault('name', 'duplicate-name', `two resource monitors are named ${name}`);
    names.add(name);
    const resource = readingAny<OverloadResource | number>(
      monitor.take('typed_config'),
      monitor.at('typed_config'),
      monitor.report,
      {
        'envoy.extensions.resource_monitors.fixed_heap.v3.FixedHeapConfig': (inner) => {
          const maxBytes = Number(inner.take('max_heap_size_bytes') ?? 0);
          if (maxBytes === 0) inner.fault('max_heap_size_bytes', 'missing-field', 'the limit must be above 0');
          return { kind: 'fixed-heap', maxBytes };
        },
        'envoy.extensions.resource_monitors.cgroup_memory.v3.CgroupMemoryConfig': (inner) => ({
          kind: 'cgroup-memory',
          maxBytes: Number(inner.take('max_memory_bytes') ?? 0),
        }),
        'envoy.extensions.resource_monitors.downstream_connections.v3.DownstreamConnectionsConfig': (inner) =>
          Number(inner.take('max_active_downstream_connections') ?? 0),
      },
    );
    if (typeof resource === 'number') limit = resource;
    return typeof resource === 'object' ? { name, resource } : undefined;
  });
  const known = monitors.filter((monitor) => monitor !== undefined);
  const taken = new Set<OverloadAction>();
  const actions = cursor.each('actions', (action) => {
    const name = action.take('name') ?? '';
    const kind = ACTIONS[name];
    if (kind === undefined)
      action.fault(
        'name',
        'unsupported-value',
        `${name} is not supported here: ${Object.keys(ACTIONS).join(', ')} are`,
      );
    else if (taken.has(kind)) action.fault('name', 'duplicate-name', `${name} is given twice`);
    else taken.add(kind);
    const triggers = action.each('triggers', (trigger): OverloadTrigger => {
      const monitor = trigger.take('name') ?? '';
      if (!names.has(monitor)) trigger.fault('name', 'invalid-value', `no resource monitor is named ${monitor}`);
      else if (!known.some((each) => each.name === monitor))
        trigger.fault('name', 'unsupported-value', `${monitor} limits by itself and triggers nothing`);
      const threshold = trigger.within('threshold', (inner) => inner.take('value') ?? 0);
      if (threshold === undefined)
        trigger.refuse('unsupported-value', 'only threshold triggers are supported here', 'give threshold a value');
      return { monitor, threshold: threshold ?? 1 };
    });
    return kind === undefined ? undefined : { action: kind, triggers };
  });
  return {
    overload: {
      refreshInterval: interval === 0 ? REFRESH : interval,
      monitors: known,
      actions: actions.filter((action) => action !== undefined),
    },
    maxDownstreamConnections: limit,
  };
}
