/** Listeners with the limits of connections that the bootstrap states for them by name. */
import type { Listener, ProxyConfig } from '@weft/core/proxy-config';

/** A row that is the same again gives the same row again, so that nothing changes for its connections. */
export function limitedListeners(limits: ReadonlyMap<string, number>): (config: ProxyConfig) => ProxyConfig {
  if (limits.size === 0) return (config) => config;
  const made = new WeakMap<Listener, Listener>();
  const limited = (row: Listener): Listener => {
    const maxConnections = limits.get(row.name);
    if (maxConnections === undefined) return row;
    const known = made.get(row) ?? { ...row, connectionLimit: { kind: 'connection-limit', maxConnections } };
    made.set(row, known);
    return known;
  };
  return (config) => ({
    ...config,
    listeners: new Map([...config.listeners].map(([name, row]) => [name, limited(row)])),
  });
}
