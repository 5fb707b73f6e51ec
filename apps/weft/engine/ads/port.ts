/** What the engine's ADS client takes from outside: the codec of discovery messages and resources, and whoever applies the result. */
import type { Diagnostic, Result } from '@weft/core/kernel';
import type { Cluster, EndpointSet, Listener, ProxyConfig, RouteConfiguration } from '@weft/core/proxy-config';

export interface DiscoveryAnswer {
  readonly versionInfo: string;
  readonly typeUrl: string;
  readonly nonce: string;
  /** The `value` of each resource's Any. */
  readonly resources: readonly Uint8Array[];
}

export interface DiscoveryQuestion {
  readonly typeUrl: string;
  /** Version of the last accepted answer, '' before. */
  readonly versionInfo: string;
  readonly nonce: string;
  /** Empty: all there are (LDS, CDS). */
  readonly names: readonly string[];
  /** Text of a refusal (NACK). */
  readonly error: string | undefined;
  /** The node goes with the first question of a stream only. */
  readonly withNode: boolean;
}

type Decoder<Row> = (bytes: Uint8Array) => Result<Row, readonly Diagnostic[]>;

export interface AdsCodec {
  encode(question: DiscoveryQuestion): Uint8Array;
  decode(bytes: Uint8Array): Result<DiscoveryAnswer, readonly Diagnostic[]>;
  /** The name of a resource that cannot be decoded, as far as it is readable. */
  nameOf(resource: Uint8Array): string | undefined;
  readonly listener: Decoder<Listener>;
  readonly route: Decoder<RouteConfiguration>;
  readonly cluster: Decoder<Cluster>;
  readonly endpoints: Decoder<EndpointSet>;
}

/** Faults by the name of the listener or cluster that could not be brought to life (a port in use, ...); empty when all is well. */
export type ApplyConfig = (config: ProxyConfig) => Promise<ReadonlyMap<string, string>>;
