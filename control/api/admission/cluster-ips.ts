/**
 * Virtual addresses of Services (core/v1 ServiceSpec.clusterIP), allotted from one IPv4 range. The first choice is a hash of namespace
 * and name, so that a Service made anew usually gets its old address; an address in use is never given a second time. The addresses are
 * never routed: they exist for DNS answers and for capture, hence a range of class E by default, which no real network uses.
 */
import { type Cidr, formatCidr, formatIp, type IpAddress, parseCidr, parseIp, cidrContains } from '@weft/core/kernel';
import type { StoredObject } from '@weft/core/resources';
import type { Store, Watch } from '../../store/index.ts';

export const DEFAULT_RANGE = '240.240.0.0/16';

export class ClusterIps {
  readonly #range: Cidr;
  readonly #base: number;
  readonly #size: number;
  /** Address to the `namespace/name` that has it. */
  readonly #taken = new Map<string, string>();
  #watch: Watch | undefined;

  /** `range`: IPv4 CIDR with a prefix of 8 to 30 bits. Throws a RangeError when it is none. */
  constructor(range: string = DEFAULT_RANGE) {
    const cidr = parseCidr(range);
    if (cidr === undefined || cidr.address.family !== 4 || cidr.prefix < 8 || cidr.prefix > 30) {
      throw new RangeError(`${range}: expected an IPv4 range with a prefix of 8 to 30 bits, such as ${DEFAULT_RANGE}`);
    }
    this.#range = cidr;
    this.#size = 2 ** (32 - cidr.prefix);
    const number = toNumber(cidr.address);
    this.#base = number - (number % this.#size);
  }

  /** Follows the store, which must have been started. */
  async start(store: Store): Promise<void> {
    const listing = await store.list({ group: '', kind: 'Service' });
    if (!listing.ok) return;
    for (const item of listing.value.items) this.#follow(undefined, item);
    const watch = store.watch(listing.value.revision, (entries) => {
      for (const { key, before, after } of entries) {
        if (key.group === '' && key.kind === 'Service') this.#follow(before, after);
      }
    });
    if (watch.ok) this.#watch = watch.value;
  }

  stop(): void {
    this.#watch?.close();
    this.#taken.clear();
  }

  /** An address for `owner` (`namespace/name`), reserved until the store says otherwise or `release`; undefined: none is left. */
  allot(owner: string): string | undefined {
    // The first and the last address of the range stay free: tools take them for the network and its broadcast.
    const usable = this.#size - 2;
    const first = hash(owner) % usable;
    for (let step = 0; step < usable; step += 1) {
      const address = fromNumber(this.#base + 1 + ((first + step) % usable));
      if (this.#taken.has(address)) continue;
      this.#taken.set(address, owner);
      return address;
    }
    return undefined;
  }

  /**
   * Reserves `address` for `owner`. `reserved`: it was free until now, so that whoever fails to write must release it; `held`: it was
   * the owner's already; anything else says why it cannot be had.
   */
  claim(owner: string, address: string): 'reserved' | 'held' | { readonly refused: string } {
    const parsed = parseIp(address);
    if (parsed === undefined || !cidrContains(this.#range, parsed)) {
      return { refused: `is outside the range of virtual addresses ${formatCidr(this.#range)}` };
    }
    const holder = this.#taken.get(address);
    if (holder === owner) return 'held';
    if (holder !== undefined) return { refused: `is the address of Service/${holder}` };
    this.#taken.set(address, owner);
    return 'reserved';
  }

  /** Gives back what was reserved for a write that did not happen. */
  release(owner: string, address: string): void {
    if (this.#taken.get(address) === owner) this.#taken.delete(address);
  }

  #follow(before: StoredObject | undefined, after: StoredObject | undefined): void {
    const [was, is] = [addressOf(before), addressOf(after)];
    if (before !== undefined && was !== undefined && was !== is) this.release(ownerOf(before), was);
    if (after !== undefined && is !== undefined) this.#taken.set(is, ownerOf(after));
  }
}

export const ownerOf = ({ metadata: { namespace, name } }: StoredObject): string => `${namespace}/${name}`;

/** The virtual address of a Service, undefined when it has none. */
export function addressOf(object: StoredObject | undefined): string | undefined {
  const { clusterIP } = (object?.spec ?? {}) as { readonly clusterIP?: unknown };
  return typeof clusterIP === 'string' && clusterIP !== 'None' && clusterIP !== '' ? clusterIP : undefined;
}

const toNumber = ({ bytes }: IpAddress): number => bytes.reduce((sum, byte) => sum * 256 + byte, 0);

const fromNumber = (value: number): string =>
  formatIp({ family: 4, bytes: [24, 16, 8, 0].map((shift) => Math.floor(value / 2 ** shift) % 256) });

/** FNV-1a, 32 bits. */
function hash(text: string): number {
  let value = 0x811c9dc5;
  for (const byte of Buffer.from(text)) value = Math.imul(value ^ byte, 0x01000193) >>> 0;
  return value;
}
