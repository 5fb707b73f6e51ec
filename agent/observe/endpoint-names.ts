/**
 * What an address that an engine sent a request to is: asked of the endpoint sets that the engine was given. A set is read when an address is
 * asked for that nobody knows yet; an address keeps its workload after it left its set, since a log comes late.
 */
import { readEndpointSet } from '@weft/envoy/resources';
import type { EndpointWorkload } from '@weft/core/proxy-config';
import type { LogAddress } from '@weft/core/services';

const MAX_ADDRESSES = 10_000;

export class EndpointNames {
  readonly #bytes: (cluster: string) => Uint8Array | undefined;
  readonly #known = new Map<string, EndpointWorkload>();
  /** The sets that were read last, by cluster. */
  readonly #read = new Map<string, Uint8Array>();

  /** `bytes`: the endpoint set of a cluster (ClusterLoadAssignment). */
  constructor(bytes: (cluster: string) => Uint8Array | undefined) {
    this.#bytes = bytes;
  }

  find(cluster: string, address: LogAddress | undefined): EndpointWorkload | undefined {
    if (address === undefined) return undefined;
    const key = keyOf(cluster, address.ip, address.port);
    const known = this.#known.get(key);
    if (known !== undefined) return known;
    const bytes = this.#bytes(cluster);
    if (bytes === undefined || this.#read.get(cluster) === bytes) return undefined;
    if (this.#known.size > MAX_ADDRESSES) this.#known.clear();
    this.#read.set(cluster, bytes);
    const set = readEndpointSet(bytes);
    for (const { endpoints } of set.ok ? set.value.localities : [])
      for (const { address: at, workload } of endpoints)
        if (at.kind === 'ip' && workload !== undefined) this.#known.set(keyOf(cluster, at.ip, at.port), workload);
    return this.#known.get(key);
  }
}

const keyOf = (cluster: string, ip: string, port: number): string => `${cluster} ${ip} ${port}`;
