/** A host outside the mesh as a person names it, and the ExternalService that leads there for a caller. */
import type { World } from '@weft/compile/answers';
import { cidrContains, parseCidr, parseIp } from '@weft/core/kernel';
import type { ServiceRow } from '@weft/core/mesh-view';

export interface HostName {
  /** In lower case. */
  readonly host: string;
  readonly port: number | undefined;
}

/** `HOST[:PORT]` with a host of two labels or more, or an address. Undefined: it is none. */
export function hostName(text: string): HostName | undefined {
  const [, host = '', port] = /^([^/:]+|\[[0-9a-fA-F:.]+\])(?::(\d{1,5}))?$/.exec(text) ?? [];
  const bare = host.replace(/^\[|\]$/g, '').toLowerCase();
  if (bare.split('.').length < 2 && parseIp(bare) === undefined) return undefined;
  return { host: bare, port: port === undefined ? undefined : Number(port) };
}

/** Key of the ExternalService whose name or range for it is the most specific, of those that the caller's mesh has; of a port, where one is asked for. */
export function leadingTo(world: World, mesh: string, { host, port }: HostName): string | undefined {
  let best: { readonly key: string; readonly rank: number } | undefined;
  for (const [key, row] of world.view(mesh).service) {
    if (port !== undefined && !row.ports.some((one) => one.port === port)) continue;
    const rank = rankOf(row, host);
    if (rank >= 0 && (best === undefined || rank > best.rank)) best = { key, rank };
  }
  return best?.key;
}

/** How specific the host is named; -1: it is not. */
function rankOf({ external }: ServiceRow, host: string): number {
  if (external === undefined) return -1;
  const address = parseIp(host);
  const names = external.hosts.map((name) => {
    if (name === host) return 1_000_000;
    return name.startsWith('*.') && address === undefined && host.endsWith(name.slice(1)) ? 1_000 + name.length : -1;
  });
  const ranges = external.addresses.map((text) => {
    const range = parseCidr(text);
    return address !== undefined && range !== undefined && cidrContains(range, address) ? range.prefix : -1;
  });
  return Math.max(-1, ...names, ...ranges);
}
