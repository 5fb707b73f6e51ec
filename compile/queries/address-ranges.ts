/** Ranges of IPv4 addresses as the authorities of requests that name an address: no virtual host can say one. */
import { formatIp, parseCidr } from '@weft/core/kernel';
import { parsePortKey, type ViewReader } from '@weft/core/mesh-view';
import type { HeaderMatcher, Route } from '@weft/core/proxy-config';

export interface RangeRoutes {
  /** Bits that count. */
  readonly prefix: number;
  readonly routes: readonly Route[];
}

/** The routes of an ExternalService's port for each range that it lists. */
export function rangesOf(reader: ViewReader, key: string, routes: readonly Route[]): RangeRoutes[] {
  const { service, port } = parsePortKey(key);
  return (reader.read('service', service)?.external?.addresses ?? []).flatMap((range) => {
    const prefix = parseCidr(range)?.prefix ?? 0;
    if (addressOf(range) !== undefined) return [];
    const authority = authorityWithin(range, port);
    return [
      {
        prefix,
        routes: routes.map((made) => ({
          ...made,
          match: { ...made.match, headers: [authority, ...made.match.headers] },
        })),
      },
    ];
  });
}

/** As an authority has it, where the range is one address; undefined: it holds several. */
export function addressOf(range: string): string | undefined {
  const cidr = parseCidr(range);
  if (cidr === undefined || cidr.prefix < (cidr.address.family === 4 ? 32 : 128)) return undefined;
  return cidr.address.family === 4 ? formatIp(cidr.address) : `[${formatIp(cidr.address)}]`;
}

const authorityWithin = (range: string, port: number): HeaderMatcher => ({
  name: ':authority',
  match: {
    kind: 'string',
    matcher: { kind: 'regex', regex: `${within(range)}${port === 80 ? '(?::80)?' : `:${port}`}` },
  },
  invert: false,
  treatMissingAsEmpty: false,
});

const ANY_OCTET = '(?:25[0-5]|2[0-4][0-9]|1[0-9]{2}|[1-9]?[0-9])';

/** An octet that the prefix ends in is listed, at most 128 numbers. */
function within(range: string): string {
  const { address, prefix } = parseCidr(range) ?? { address: { bytes: [] }, prefix: 0 };
  return [0, 1, 2, 3]
    .map((index) => {
      const bits = Math.max(0, Math.min(8, prefix - index * 8));
      const first = address.bytes[index] ?? 0;
      if (bits === 8) return `${first}`;
      if (bits === 0) return ANY_OCTET;
      return `(?:${Array.from({ length: 2 ** (8 - bits) }, (_, more) => first + more).join('|')})`;
    })
    .join('\\.');
}
