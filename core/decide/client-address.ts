/**
 * Whom a request is from, by x-forwarded-for and who is believed about it (Envoy: use_remote_address, xff_num_trusted_hops,
 * envoy.http.original_ip_detection.xff). Pure: the engine and `weft explain` run the same.
 */
import {
  type Cidr,
  cidrContains,
  type IpAddress,
  parseCidr,
  parseIp,
  unmapIpv4,
  unmapIpv4Cidr,
} from '../kernel/index.ts';
import type { HttpConnectionManager } from '../proxy-config/index.ts';

type Settings = Pick<HttpConnectionManager, 'useRemoteAddress' | 'xffNumTrustedHops' | 'forwardedFor'>;

export class ClientAddress {
  readonly #settings: Settings;
  readonly #trusted: readonly Cidr[];

  /** Throws on a range that is none. */
  constructor(settings: Settings) {
    this.#settings = settings;
    this.#trusted = (settings.forwardedFor?.trusted ?? []).map(range);
  }

  /** `list`: x-forwarded-for as it came, undefined without; `peer`: the other end, as far as a PROXY header does not tell another. */
  of(list: string | undefined, peer: IpAddress | undefined): IpAddress | undefined {
    const { useRemoteAddress, xffNumTrustedHops: hops, forwardedFor } = this.#settings;
    if (useRemoteAddress) return (hops > 0 ? fromTheRight(list, hops - 1) : undefined) ?? peer;
    if (forwardedFor === undefined) return fromTheRight(list, hops) ?? peer;
    const detected = list === undefined || peer === undefined || !this.#has(peer) ? undefined : this.#beyond(list);
    return detected ?? peer;
  }

  /** The last one that is no such proxy; where all are, the first. undefined: something else stands before it. */
  #beyond(list: string): IpAddress | undefined {
    let last: IpAddress | undefined;
    for (let end = list.length; end >= 0; ) {
      const comma = end === 0 ? -1 : list.lastIndexOf(',', end - 1);
      const address = parseIp(list.slice(comma + 1, end).trim());
      if (address === undefined) return undefined;
      last = unmapIpv4(address);
      if (!this.#has(last)) return last;
      end = comma;
    }
    return last;
  }

  #has(address: IpAddress): boolean {
    const plain = unmapIpv4(address);
    return this.#trusted.some((one) => cidrContains(one, plain));
  }
}

function range(text: string): Cidr {
  const cidr = parseCidr(text);
  if (cidr === undefined) throw new Error(`${text} is not an address range`);
  return unmapIpv4Cidr(cidr);
}

/** The address that stands `skip` places before the last one of an x-forwarded-for list; undefined when it is none. */
export function fromTheRight(list: string | undefined, skip: number): IpAddress | undefined {
  if (list === undefined) return undefined;
  const parts = list.split(',');
  const text = parts[parts.length - 1 - skip];
  const address = text === undefined ? undefined : parseIp(text.trim());
  return address === undefined ? undefined : unmapIpv4(address);
}
