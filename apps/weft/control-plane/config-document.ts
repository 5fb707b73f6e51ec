/** What a proxy was told, as a document: the tables of its ProxyConfig by name. Secrets are names there, so nothing has to be hidden. */
import type { ConfigDocument } from '@weft/core/documents';
import type { Proxy } from '@weft/core/mesh-view';
import type { ProxyConfig } from '@weft/core/proxy-config';

export function configDocument(proxy: Proxy, config: ProxyConfig): ConfigDocument {
  return {
    proxy,
    listeners: [...config.listeners.values()],
    routes: [...config.routes.values()],
    clusters: [...config.clusters.values()],
    endpoints: [...config.endpoints.values()],
    secrets: secretNames(config),
  };
}

function secretNames(config: ProxyConfig): string[] {
  const names = new Set<string>();
  const note = (value: unknown): void => {
    if (typeof value !== 'object' || value === null) return;
    const record = value as Record<string, unknown>;
    if (record.kind === 'sds' && typeof record.name === 'string') names.add(record.name);
    for (const inner of Object.values(record)) note(inner);
  };
  for (const row of [...config.listeners.values(), ...config.clusters.values()]) note(row);
  return [...names].sort();
}
