/** Services that the filters of proxies ask themselves: whoever has such a filter must reach them. */
import { ONLY, portKey, workloadPortKey } from './keys.ts';
import type { AskRow, ExtensionRow, RateLimitRow } from './policy-rows.ts';
import type { WorkloadAccessRow } from './access-rows.ts';
import type { HttpRuleRow, ServicePortRow, ServiceReference } from './rows.ts';
import type { ViewReader } from './view.ts';

/** The port that a reference means; undefined when the service or the port is absent, or no port is named and there are several. */
export function referredPort(reader: ViewReader, { service, port }: ServiceReference): ServicePortRow | undefined {
  const row = reader.read('service', service);
  if (row === undefined) return undefined;
  if (port !== undefined) return row.ports.find((candidate) => candidate.port === port);
  return row.ports.length === 1 ? row.ports[0] : undefined;
}

const keyOf = (reader: ViewReader, reference: ServiceReference | undefined): string | undefined => {
  const port = reference === undefined ? undefined : referredPort(reader, reference);
  return reference === undefined || port === undefined ? undefined : portKey(reference.service, port.port);
};

/** Port key of who counts; undefined: it is not there. */
export const limiterOf = (reader: ViewReader, { global: shared }: RateLimitRow): string | undefined =>
  shared === undefined ? undefined : keyOf(reader, shared.limiter ?? reader.read('mesh', ONLY)?.limiter);

/** What holds for a rule of a route: the most specific target that has one, of it the oldest. */
export function rateLimitOf(reader: ViewReader, { targets }: Pick<HttpRuleRow, 'targets'>): RateLimitRow | undefined {
  for (const target of targets) {
    const row = reader.read('rateLimits', target)?.[0];
    if (row !== undefined) return row;
  }
  return undefined;
}

/** Port keys that are asked about requests which are sent by these rules. */
export const askedByRules = (reader: ViewReader, rules: readonly HttpRuleRow[]): string[] =>
  rules.flatMap((rule) => {
    const row = rateLimitOf(reader, rule);
    const asked = rule.filters.flatMap((filter) =>
      filter.kind === 'ask' ? (askedPort(reader, filter.asks) ?? []) : [],
    );
    return row === undefined ? asked : [...asked, ...[limiterOf(reader, row) ?? []].flat()];
  });

/** Port key of who is asked; undefined: it is not there. */
export const askedPort = (reader: ViewReader, { service }: AskRow): string | undefined => keyOf(reader, service);

/** Whom AccessPolicies ask, by key of the Extension; those that are not there are left out. `port`: undefined where its service is not there. */
export function providersOf(
  reader: ViewReader,
  policies: readonly WorkloadAccessRow[],
): ReadonlyMap<string, { readonly row: ExtensionRow; readonly port: string | undefined }> {
  const found = new Map<string, { readonly row: ExtensionRow; readonly port: string | undefined }>();
  for (const { extension } of policies) {
    const row = extension === '' || found.has(extension) ? undefined : reader.read('extension', extension);
    if (row?.kind === 'authorization') found.set(extension, { row, port: keyOf(reader, row.service) });
  }
  return found;
}

const askedByPolicies = (reader: ViewReader, policies: readonly WorkloadAccessRow[]): string[] =>
  [...providersOf(reader, policies).values()].flatMap(({ port }) => port ?? []);

/** Port keys that are asked about what enters at a Gateway's listener. */
export function askedAtListener(reader: ViewReader, listener: string): string[] {
  const row = reader.read('edgeLimit', listener);
  const limiter = row === undefined ? undefined : limiterOf(reader, row);
  const processor = reader.read('edgeProcessor', listener);
  const providers = [
    ...askedByPolicies(reader, reader.read('edgeAccess', listener) ?? []),
    ...(processor === undefined ? [] : [askedPort(reader, processor) ?? []].flat()),
  ];
  return limiter === undefined ? providers : [limiter, ...providers];
}

/** Port keys that are asked about what arrives at a workload. */
export const askedByArrivals = (reader: ViewReader, workload: string): string[] => [
  ...askedByPolicies(reader, reader.read('accessPolicies', workload) ?? []),
  ...(reader.read('workload', workload)?.ports ?? []).flatMap(({ port, proxyPort }) => {
    if (proxyPort === 0) return [];
    const at = workloadPortKey(workload, port);
    const row = reader.read('arrivalLimit', at);
    const processor = reader.read('arrivalProcessor', at);
    return [
      ...(row === undefined ? [] : [limiterOf(reader, row) ?? []].flat()),
      ...(processor === undefined ? [] : [askedPort(reader, processor) ?? []].flat()),
    ];
  }),
];
