/**
 * When the engine of `weft run` sheds load. Each resource has three steps, in this order: callers are asked to go, new requests get 503, new connections are
 * closed. A single pause of the event loop sheds nothing; seconds of lateness, twice in a row, do.
 */
import type { Overload, OverloadMonitor } from '@weft/core/proxy-config';
import { MAX_CONNECTIONS } from './data-plane.ts';

/** ms of lateness that count as all the engine can bear. */
const LATE = 4000;

const STEPS: readonly (readonly [monitor: OverloadMonitor, go: number, refuse: number, close: number])[] = [
  [{ name: 'weft.resource_monitors.heap', resource: { kind: 'heap' } }, 0.8, 0.9, 0.95],
  [
    { name: 'envoy.resource_monitors.cgroup_memory', resource: { kind: 'cgroup-memory', maxBytes: 0 } },
    0.85,
    0.92,
    0.97,
  ],
  [
    { name: 'weft.resource_monitors.connections', resource: { kind: 'connections', max: MAX_CONNECTIONS } },
    0.85,
    0.95,
    1,
  ],
  [{ name: 'weft.resource_monitors.file_descriptors', resource: { kind: 'file-descriptors' } }, 0.8, 0.9, 0.95],
  [{ name: 'weft.resource_monitors.event_loop_lag', resource: { kind: 'event-loop-lag', max: LATE } }, 0.25, 0.5, 1],
];

export const SAFE_OVERLOAD: Overload = {
  refreshInterval: 250,
  monitors: STEPS.map(([monitor]) => monitor),
  actions: [
    { action: 'disable-keepalive', triggers: STEPS.map(([{ name }, go]) => ({ monitor: name, threshold: go })) },
    {
      action: 'stop-accepting-requests',
      triggers: STEPS.map(([{ name }, , refuse]) => ({ monitor: name, threshold: refuse })),
    },
    {
      action: 'stop-accepting-connections',
      triggers: STEPS.map(([{ name }, , , close]) => ({ monitor: name, threshold: close })),
    },
  ],
};
