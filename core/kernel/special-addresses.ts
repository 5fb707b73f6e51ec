/**
 * Addresses that no host of the public internet has: of this machine, of its links, of private networks, of many at once, and those of IPv6 that
 * stand for an IPv4 address (the IANA registries of special-purpose addresses, RFC 6890). Whoever resolves names for others refuses them, since a
 * name can lead anywhere. Ranges for documentation are not among them.
 */
import { type Cidr, cidrContains, formatCidr, parseCidr, type IpAddress } from './ip.ts';

export const SPECIAL_RANGES: readonly string[] = [
  '0.0.0.0/8',
  '10.0.0.0/8',
  '100.64.0.0/10',
  '127.0.0.0/8',
  '169.254.0.0/16',
  '172.16.0.0/12',
  '192.0.0.0/24',
  '192.168.0.0/16',
  '198.18.0.0/15',
  '224.0.0.0/4',
  '240.0.0.0/4',
  '::/96',
  '::ffff:0:0/96',
  '64:ff9b::/96',
  '64:ff9b:1::/48',
  '2002::/16',
  'fc00::/7',
  'fe80::/10',
  'fec0::/10',
  'ff00::/8',
];

const SPECIAL = SPECIAL_RANGES.flatMap((text) => parseCidr(text) ?? []);

export const isSpecial = (address: IpAddress): boolean => SPECIAL.some((cidr) => cidrContains(cidr, address));

/** All of it is special. */
export const isSpecialRange = (range: Cidr): boolean => SPECIAL.some((cidr) => holds(cidr, range));

const holds = (outer: Cidr, inner: Cidr): boolean => inner.prefix >= outer.prefix && cidrContains(outer, inner.address);

/** The ranges without those of `taken`, in their order: what is left of one is as few ranges as can say it. */
export const withoutRanges = (ranges: readonly string[], taken: readonly Cidr[]): string[] =>
  ranges
    .flatMap((text) => {
      const range = parseCidr(text);
      return range === undefined ? [] : taken.reduce((left, one) => left.flatMap((part) => rest(part, one)), [range]);
    })
    .map(formatCidr);

function rest(range: Cidr, taken: Cidr): Cidr[] {
  if (holds(taken, range)) return [];
  if (!holds(range, taken)) return [range];
  return halves(range).flatMap((half) => rest(half, taken));
}

function halves({ address, prefix }: Cidr): [Cidr, Cidr] {
  const at = prefix >> 3;
  const bit = 128 >> (prefix & 7);
  const of = (one: number): Cidr => ({
    address: {
      family: address.family,
      bytes: address.bytes.map((byte, index) => (index === at ? (byte & ~bit) | one : byte)),
    },
    prefix: prefix + 1,
  });
  return [of(0), of(bit)];
}
