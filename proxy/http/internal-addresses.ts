/** Whose requests are internal (HttpConnectionManager.InternalAddressConfig): they may say what the router is to do. Says so of one request; changes nothing. */
import { fromTheRight } from '@weft/core/decide';
import { type Cidr, cidrContains, parseCidr, unmapIpv4 } from '@weft/core/kernel';
import type { HttpConnectionManager } from '@weft/core/proxy-config';
import type { DownstreamConnection } from '../ports.ts';
import type { RequestHead } from './request-head.ts';

export class InternalAddresses {
  readonly #ranges: readonly Cidr[];
  readonly #unixSockets: boolean;

  constructor({ ranges, unixSockets }: NonNullable<HttpConnectionManager['internalAddresses']>) {
    this.#ranges = ranges.flatMap((range) => parseCidr(range) ?? []);
    this.#unixSockets = unixSockets;
  }

  /** Of a request as it arrived: exactly one address has sent it, and that is one of ours. */
  includes(
    { edit }: RequestHead,
    { remote }: DownstreamConnection,
    { useRemoteAddress, xffNumTrustedHops }: HttpConnectionManager,
  ): boolean {
    const list = edit.get('x-forwarded-for');
    if (useRemoteAddress) {
      if (list !== undefined) return false;
      if (remote.address === undefined) return this.#unixSockets;
      return this.#has(remote.address);
    }
    if (list === undefined || list.includes(',')) return false;
    const address = fromTheRight(list, xffNumTrustedHops);
    return address !== undefined && this.#has(address);
  }

  #has(address: Parameters<typeof unmapIpv4>[0]): boolean {
    const plain = unmapIpv4(address);
    return this.#ranges.some((range) => cidrContains(range, plain));
  }
}
