/**
 * Which filter chain a connection takes (envoy.config.listener.v3.FilterChainMatch): criterion by criterion the most specific one that fits,
 * in Envoy's order, without going back. A chain without the criterion takes what no more specific chain took.
 */
import { cidrContains, type Cidr, type IpAddress, isLoopback, parseCidr, unmapIpv4Cidr } from '@weft/core/kernel';
import type { FilterChain } from '@weft/core/proxy-config';

/** What is known of a connection when its chain is chosen. */
export interface ConnectionTraits {
  readonly destinationPort: number;
  readonly destination: IpAddress | undefined;
  readonly source: IpAddress | undefined;
  readonly sourcePort: number;
  /** '' without. */
  readonly serverName: string;
  /** `raw_buffer` or `tls`. */
  readonly transportProtocol: string;
  readonly applicationProtocols: readonly string[];
}

interface Candidate<Chain> {
  readonly chain: Chain;
  readonly port: number;
  readonly destinations: readonly Cidr[];
  readonly serverNames: readonly string[];
  readonly transportProtocol: string;
  readonly applicationProtocols: readonly string[];
  readonly sourceType: FilterChain['match']['sourceType'];
  readonly sources: readonly Cidr[];
  readonly sourcePorts: readonly number[];
}

export class ChainMatcher<Chain> {
  readonly #byPort = new Map<number, Candidate<Chain>[]>();
  readonly #fallback: Chain | undefined;

  /** `chains` with what they stand for; `fallback` is the default chain. Throws on a range that is none. */
  constructor(chains: readonly (readonly [FilterChain, Chain])[], fallback: Chain | undefined) {
    this.#fallback = fallback;
    for (const [{ match }, chain] of chains) {
      const port = match.destinationPort ?? 0;
      const candidate = {
        chain,
        port,
        destinations: match.prefixRanges.map(range),
        serverNames: match.serverNames,
        transportProtocol: match.transportProtocol,
        applicationProtocols: match.applicationProtocols,
        sourceType: match.sourceType,
        sources: match.sourcePrefixRanges.map(range),
        sourcePorts: match.sourcePorts,
      };
      const list = this.#byPort.get(port);
      if (list === undefined) this.#byPort.set(port, [candidate]);
      else list.push(candidate);
    }
  }

  find(traits: ConnectionTraits): Chain | undefined {
    let left = this.#byPort.get(traits.destinationPort) ?? this.#byPort.get(0) ?? [];
    left = mostSpecific(left, (candidate) => prefix(candidate.destinations, traits.destination));
    left = mostSpecific(left, (candidate) => serverName(candidate.serverNames, traits.serverName));
    left = mostSpecific(left, (candidate) => exact(candidate.transportProtocol, traits.transportProtocol));
    left = mostSpecific(left, (candidate) => protocol(candidate.applicationProtocols, traits.applicationProtocols));
    left = mostSpecific(left, (candidate) => sourceType(candidate.sourceType, traits));
    left = mostSpecific(left, (candidate) => prefix(candidate.sources, traits.source));
    left = mostSpecific(left, ({ sourcePorts }) =>
      sourcePorts.length === 0 ? 0 : sourcePorts.includes(traits.sourcePort) ? 1 : -1,
    );
    return left[0]?.chain ?? this.#fallback;
  }
}

function range(text: string): Cidr {
  const cidr = parseCidr(text);
  if (cidr === undefined) throw new Error(`${text} is not an address range`);
  return unmapIpv4Cidr(cidr);
}

/** The candidates with the highest score; -1 does not fit. */
function mostSpecific<T>(list: readonly T[], score: (item: T) => number): T[] {
  let best = -1;
  let kept: T[] = [];
  for (const item of list) {
    const value = score(item);
    if (value < 0 || value < best) continue;
    if (value > best) {
      best = value;
      kept = [];
    }
    kept.push(item);
  }
  return kept;
}

function prefix(ranges: readonly Cidr[], address: IpAddress | undefined): number {
  if (ranges.length === 0) return 0;
  let longest = -1;
  for (const cidr of ranges) {
    if (address !== undefined && cidrContains(cidr, address)) longest = Math.max(longest, cidr.prefix + 1);
  }
  return longest;
}

function serverName(names: readonly string[], name: string): number {
  if (names.length === 0) return 0;
  let best = -1;
  for (const pattern of names) {
    if (pattern === name && name !== '') return Number.MAX_SAFE_INTEGER;
    if (pattern.startsWith('*.') && name.length > pattern.length - 1 && name.endsWith(pattern.slice(1))) {
      best = Math.max(best, pattern.length);
    }
  }
  return best;
}

const exact = (wanted: string, value: string): number => (wanted === '' ? 0 : wanted === value ? 1 : -1);

/** The client's first protocol that any chain names wins. */
function protocol(wanted: readonly string[], offered: readonly string[]): number {
  if (wanted.length === 0) return 0;
  const at = offered.findIndex((name) => wanted.includes(name));
  return at < 0 ? -1 : offered.length - at;
}

function sourceType(wanted: FilterChain['match']['sourceType'], traits: ConnectionTraits): number {
  if (wanted === 'any') return 0;
  const { source, destination } = traits;
  const local = source === undefined || isLoopback(source) || sameAddress(source, destination);
  return local === (wanted === 'same-ip-or-loopback') ? 1 : -1;
}

const sameAddress = (a: IpAddress, b: IpAddress | undefined): boolean =>
  b !== undefined && a.family === b.family && a.bytes.every((byte, index) => byte === b.bytes[index]);
