/** Whom filters ExternalAuth of routes ask. */
import type { ExtensionRow } from '../policy-rows.ts';
import type { Routes } from './routes.ts';

/** Filters ExternalAuth of all routes, by their sources. */
export function externalAuths({ httpRules, listenerRoutes }: Routes): ReadonlyMap<string, ExtensionRow> {
  const entries = [
    ...[...httpRules.values()].flat(),
    ...[...listenerRoutes.values()].flatMap(({ hosts }) => hosts.flatMap((host) => host.entries)),
  ];
  const found = new Map<string, ExtensionRow>();
  for (const { rule } of entries)
    for (const filter of rule.filters)
      if (filter.kind === 'ask' && filter.filter === filter.source && filter.asks.kind === 'authorization')
        found.set(filter.filter, filter.asks);
  return found;
}
