/**
 * Hosts that requests named, and where DNS says they are. Bounded by its row in number, and by time: a host that nobody asks for is forgotten. A host
 * that was found once keeps its last address when a query fails. Addresses that the row refuses are as if DNS had not said them.
 */
import { type Cidr, cidrContains, parseCidr, parseIp, type Timer, unmapIpv4 } from '@weft/core/kernel';
import type { DnsCache } from '@weft/core/proxy-config';
import type { Counter, EngineRuntime, ResolvedHost } from '../../ports.ts';
import type { NamedHost } from './named-host.ts';

/** Where the host is, or why that is not known. */
export type Found = ResolvedHost | { readonly failure: string };

export const isFailure = (found: Found): found is { readonly failure: string } => 'failure' in found;

export interface Waiter {
  told(found: Found): void;
}

interface Entry {
  readonly host: NamedHost;
  /** undefined: the first query is under way. */
  found: Found | undefined;
  readonly waiters: Waiter[];
  lastUsed: number;
  failures: number;
  timer: Timer | undefined;
}

export class NamedHostCache {
  readonly row: DnsCache;
  readonly #runtime: EngineRuntime;
  readonly #entries = new Map<string, Entry>();
  readonly #ranges: readonly Cidr[];
  readonly #count: Record<'attempt' | 'success' | 'failure' | 'timeout' | 'overflow' | 'pending' | 'filtered', Counter>;
  #stopped = false;

  constructor(row: DnsCache, runtime: EngineRuntime) {
    this.row = row;
    this.#runtime = runtime;
    this.#ranges = (row.refused?.ranges ?? []).flatMap((text) => {
      const cidr = parseCidr(text);
      // As written: `::ffff:0:0/96` is about that spelling, not about all of IPv4.
      return cidr === undefined ? [] : [cidr];
    });
    const counter = (stat: string): Counter => runtime.counters.counter(`dns_cache.${row.name}.${stat}`);
    this.#count = {
      attempt: counter('dns_query_attempt'),
      success: counter('dns_query_success'),
      failure: counter('dns_query_failure'),
      timeout: counter('dns_query_timeout'),
      overflow: counter('host_overflow'),
      pending: counter('dns_rq_pending_overflow'),
      filtered: counter('dns_address_filter_out'),
    };
  }

  refusedPending(): void {
    this.#count.pending.add(1);
  }

  /** `loading`: the waiter is told later. */
  find(host: NamedHost, waiter: Waiter): Found | 'loading' | 'overflow' {
    const key = `${host.name} ${host.port}`;
    const now = this.#runtime.clock.now();
    const known = this.#entries.get(key);
    if (known !== undefined) {
      known.lastUsed = now;
      if (known.found !== undefined) return known.found;
      known.waiters.push(waiter);
      return 'loading';
    }
    if (this.#entries.size >= this.row.maxHosts) {
      this.#count.overflow.add(1);
      return 'overflow';
    }
    const entry: Entry = { host, found: undefined, waiters: [], lastUsed: now, failures: 0, timer: undefined };
    if (host.literal) {
      const { passing } = this.#passing([host.name]);
      return passing === undefined ? { failure: 'address_refused' } : { ip: passing, port: host.port };
    }
    this.#entries.set(key, entry);
    entry.waiters.push(waiter);
    this.#query(key, entry);
    return 'loading';
  }

  /** Nothing is asked any more but what requests that are still under way want to know. */
  stop(): void {
    this.#stopped = true;
  }

  #query(key: string, entry: Entry): void {
    const { dns, clock } = this.#runtime;
    const { queryTimeout, family } = this.row;
    let open = true;
    const answered = (found: Found, ttl: number | undefined): void => {
      if (!open) return;
      open = false;
      entry.timer?.cancel();
      this.#take(key, entry, found, ttl);
    };
    this.#count.attempt.add(1);
    if (queryTimeout > 0)
      entry.timer = clock.after(queryTimeout, () => {
        this.#count.timeout.add(1);
        answered({ failure: 'timeout' }, undefined);
      });
    if (dns === undefined) answered({ failure: 'no_resolver' }, undefined);
    else
      dns.resolve(entry.host.name, family, true, (answer) => {
        if (answer === undefined) answered({ failure: 'not_found' }, undefined);
        else {
          const { passing, refused } = this.#passing(answer.addresses);
          if (open) this.#count.filtered.add(refused);
          answered(
            passing === undefined
              ? { failure: refused > 0 ? 'address_refused' : 'no_address' }
              : { ip: passing, port: entry.host.port },
            answer.ttl,
          );
        }
      });
  }

  #take(key: string, entry: Entry, found: Found, ttl: number | undefined): void {
    const failed = isFailure(found);
    this.#count[failed ? 'failure' : 'success'].add(1);
    entry.failures = failed ? entry.failures + 1 : 0;
    if (!failed || entry.found === undefined || isFailure(entry.found)) entry.found = found;
    entry.timer = this.#runtime.clock.after(this.#wait(entry, ttl), () => this.#again(key, entry));
    this.#tell(entry, entry.found);
  }

  #tell(entry: Entry, found: Found): void {
    for (const waiter of entry.waiters.splice(0)) waiter.told(found);
  }

  /** ms until it is resolved again. */
  #wait({ failures }: Entry, ttl: number | undefined): number {
    const { failureRefreshRate, refreshRate, minRefreshRate } = this.row;
    if (failures > 0 && failureRefreshRate !== undefined) {
      const { base, max } = failureRefreshRate;
      return Math.min(max, base * 2 ** Math.min(failures - 1, 30));
    }
    return ttl === undefined || failures > 0 ? refreshRate : Math.max(minRefreshRate, ttl);
  }

  #again(key: string, entry: Entry): void {
    if (this.#stopped || this.#runtime.clock.now() - entry.lastUsed > this.row.hostTtl) this.#entries.delete(key);
    else this.#query(key, entry);
  }

  /** The first address that is not refused, and how many were. */
  #passing(addresses: readonly string[]): { readonly passing: string | undefined; readonly refused: number } {
    const passing = addresses.filter((address) => !this.#refuses(address));
    return { passing: passing[0], refused: addresses.length - passing.length };
  }

  /** Both spellings of an IPv4 address are looked at; what is no address is refused. */
  #refuses(text: string): boolean {
    const { refused } = this.row;
    if (refused === undefined) return false;
    const zone = text.indexOf('%');
    const address = parseIp(zone < 0 ? text : text.slice(0, zone));
    if (address === undefined) return true;
    const plain = unmapIpv4(address);
    const within = this.#ranges.some((cidr) => cidrContains(cidr, address) || cidrContains(cidr, plain));
    return within !== refused.inverted;
  }
}
