/**
 * Addresses that several engines of this process are about to share. SO_REUSEPORT would let another process of the same user in as well, so each new address
 * is first bound alone, not listened on: an address in use is a fault as it is for one engine. A port 0 becomes the port that was got.
 */
import type { Listener, SocketAddress } from '@weft/core/proxy-config';
import { addressKey, claimPort, type PassedSocket, passKey } from '../listen/index.ts';

type Bound = Extract<SocketAddress, { kind: 'ip' }>;

export class Reservations {
  /** Addresses of the last configuration, as they were bound. */
  #held: ReadonlyMap<string, SocketAddress> = new Map();
  readonly #rows = new WeakMap<Listener, Listener>();
  /** Ports by `passKey` that the process before this one left open for us. */
  readonly #inherited: Map<string, number>;

  constructor(inherited: readonly PassedSocket[] = []) {
    this.#inherited = new Map(inherited.map(({ key, port }) => [key, port]));
  }

  /** What was inherited is open or closed by now. */
  forget(): void {
    this.#inherited.clear();
  }

  /** Rows with addresses that workers can share; a row that cannot be had is a fault and stays out. */
  reserve(rows: Iterable<Listener>, fault: (name: string, message: string) => void): Map<string, Listener> {
    const held = new Map<string, SocketAddress>();
    const had = new Map<string, Listener>();
    // Released together at the end: the port of one that was released could be given to the next.
    const releases: (() => void)[] = [];
    for (const row of rows) {
      // One worker has a UDP socket, as it has a Unix socket: there is nothing to share.
      if (row.udp !== undefined) {
        had.set(row.name, row);
        continue;
      }
      const addresses = [row.address, ...row.additionalAddresses];
      const got: SocketAddress[] = [];
      let bad = '';
      for (const [index, address] of addresses.entries()) {
        const key = address.kind === 'ip' && address.port === 0 ? `${row.name} ${index}` : addressKey(address);
        const known = held.get(key) ?? this.#held.get(key) ?? this.#passed(address, row.name, index);
        const bound = known ?? this.#claim(address, releases);
        if (typeof bound !== 'string') {
          held.set(key, bound);
          got.push(bound);
        } else if (index === 0) bad = bound;
        else got.push(address);
      }
      if (bad === '') had.set(row.name, this.#rewritten(row, got));
      else fault(row.name, `listener ${row.name}: ${bad}`);
    }
    for (const release of releases) release();
    this.#held = held;
    return had;
  }

  #passed(address: SocketAddress, listener: string, index: number): SocketAddress | undefined {
    const port = this.#inherited.get(passKey(address, false, listener, index));
    return port === undefined || address.kind !== 'ip' ? undefined : { ...address, port };
  }

  /** The address as it was bound, or why not. */
  #claim(address: SocketAddress, releases: (() => void)[]): SocketAddress | string {
    if (address.kind !== 'ip') return address;
    const claim = claimPort(address);
    if (!claim.ok) return claim.code === 'EADDRINUSE' && this.#overlaps(address) ? address : claim.message;
    releases.push(() => claim.release());
    return { ...address, port: claim.port };
  }

  /** Our own engines hold the port on another address: they will let go of it. */
  #overlaps({ port }: Bound): boolean {
    return [...this.#held.values()].some((held) => held.kind === 'ip' && held.port === port);
  }

  #rewritten(row: Listener, [address, ...additionalAddresses]: readonly SocketAddress[]): Listener {
    if (address === undefined) return row;
    const asSaid = [row.address, ...row.additionalAddresses].every(
      (said, index) => addressKey(said) === addressKey([address, ...additionalAddresses][index] ?? said),
    );
    if (asSaid) return row;
    const known = this.#rows.get(row) ?? { ...row, address, additionalAddresses };
    this.#rows.set(row, known);
    return known;
  }
}
