/** What the engine's xDS client takes from outside: the codec of discovery messages and resources, and whoever applies the result. */
import type { Diagnostic, Result } from '@weft/core/kernel';
import type {
  Cluster,
  EndpointSet,
  Listener,
  ProxyConfig,
  RouteConfiguration,
  RouteScope,
  RuntimeValues,
} from '@weft/core/proxy-config';

/** A certificate with its key, or PEM roots, by SDS name. Held in memory only. */
export type XdsSecret =
  | {
      readonly name: string;
      readonly kind: 'certificate';
      readonly certificateChain: string;
      readonly privateKey: string;
    }
  | { readonly name: string; readonly kind: 'roots'; readonly roots: string };

/** The keys of a runtime layer, by the name of its resource. */
export interface RuntimeRow {
  readonly name: string;
  readonly values: RuntimeValues;
}

export interface AnsweredResource {
  /** '' when the answer does not say (state of the world). */
  readonly name: string;
  /** '' in state of the world. */
  readonly version: string;
  /** The `value` of the resource's Any. */
  readonly value: Uint8Array;
}

/** A DiscoveryResponse or DeltaDiscoveryResponse. */
export interface DiscoveryAnswer {
  readonly versionInfo: string;
  readonly typeUrl: string;
  readonly nonce: string;
  readonly resources: readonly AnsweredResource[];
  /** Names that are gone; empty in state of the world. */
  readonly removed: readonly string[];
}

interface Asked {
  readonly typeUrl: string;
  readonly nonce: string;
  /** Text of a refusal (NACK). */
  readonly error: string | undefined;
}

/** What a subscription wants to say; the first one of a stream carries the node. */
export type Question =
  | (Asked & {
      readonly kind: 'state';
      /** Version of the last accepted answer, '' before. */
      readonly versionInfo: string;
      /** Empty: all there are (LDS, CDS). */
      readonly names: readonly string[];
    })
  | (Asked & {
      readonly kind: 'delta';
      readonly subscribe: readonly string[];
      readonly unsubscribe: readonly string[];
      /** Versions of what is still held, on the first question of a type on a stream. */
      readonly initialVersions: ReadonlyMap<string, string>;
    });

export type DiscoveryQuestion = Question & { readonly withNode: boolean };

type Decoder<Row> = (bytes: Uint8Array) => Result<Row, readonly Diagnostic[]>;

export interface AdsCodec {
  encode(question: DiscoveryQuestion): Uint8Array;
  decode(bytes: Uint8Array, delta: boolean): Result<DiscoveryAnswer, readonly Diagnostic[]>;
  /** The name of a resource that cannot be decoded, as far as it is readable. */
  nameOf(resource: Uint8Array): string | undefined;
  readonly listener: Decoder<Listener>;
  readonly route: Decoder<RouteConfiguration>;
  readonly scope: Decoder<RouteScope>;
  readonly cluster: Decoder<Cluster>;
  readonly endpoints: Decoder<EndpointSet>;
  readonly secret: Decoder<XdsSecret>;
  readonly runtime: Decoder<RuntimeRow>;
}

/** Faults by the name of the listener or cluster that could not be brought to life (a port in use, ...); empty when all is well. */
export type ApplyConfig = (config: ProxyConfig) => Promise<ReadonlyMap<string, string>>;
