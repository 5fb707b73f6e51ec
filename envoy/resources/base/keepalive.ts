/** envoy.config.core.v3.TcpKeepalive. */
import type { TcpKeepalive } from '@weft/core/proxy-config';
import type { Messages } from '../../tables/index.ts';
import type { Cursor } from './cursor.ts';
import { unless } from './encoding.ts';

type Wire = Messages['envoy.config.core.v3.TcpKeepalive'];

export const decodeKeepalive = (cursor: Cursor<Wire>): TcpKeepalive => ({
  probes: cursor.take('keepalive_probes') ?? 0,
  time: cursor.take('keepalive_time') ?? 0,
  interval: cursor.take('keepalive_interval') ?? 0,
});

export const encodeKeepalive = (keepalive: TcpKeepalive): Wire => ({
  keepalive_probes: unless(keepalive.probes, 0),
  keepalive_time: unless(keepalive.time, 0),
  keepalive_interval: unless(keepalive.interval, 0),
});
