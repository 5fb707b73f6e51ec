/** What a bootstrap says (envoy.config.bootstrap.v3.Bootstrap): who the proxy is, where its configuration comes from, and what is static. */
import type {
  Overload,
  ProxyConfig,
  ResourceFile,
  RuntimeLayer,
  SocketAddress,
  StringMatcher,
} from '@weft/core/proxy-config';
import type { StatedSecret } from '../codec/index.ts';
import type { NodeClaims } from '../discovery/index.ts';

export type { StatedSecret };

export interface Bootstrap {
  readonly node: NodeClaims;
  /** undefined: no admin endpoint. */
  readonly admin:
    | {
        readonly address: SocketAddress;
        /** allow_paths: only paths that one of them matches are answered; empty: all. */
        readonly allowPaths: readonly StringMatcher[];
      }
    | undefined;
  /** Static listeners and clusters. Routes that a static listener asks for by RDS are not in it. */
  readonly static: ProxyConfig;
  /** What the rows name with STATIC_SECRET. Never shown, never sent. */
  readonly secrets: readonly StatedSecret[];
  /** cluster_manager.local_cluster_name: the static cluster that proxies of this kind make up; '' when none is named. */
  readonly localCluster: string;
  readonly dynamic: DynamicResources;
  readonly stats: StatsConfig;
  /** Connections that may be open at once, whatever the listener; undefined: no limit is stated. */
  readonly maxDownstreamConnections: number | undefined;
  /** Connections that may be open at once at a listener, by its name, however it comes. */
  readonly listenerLimits: ReadonlyMap<string, number>;
  /** At least one. */
  readonly runtimeLayers: readonly RuntimeLayer[];
  /** undefined: it sheds no load. */
  readonly overload: Overload | undefined;
}

export interface DynamicResources {
  /** undefined: everything is static. */
  readonly ads: AdsSource | undefined;
  /** Whether listeners (LDS) and clusters (CDS) come by ADS. */
  readonly listeners: boolean;
  readonly clusters: boolean;
  /** Where they come from a file instead. */
  /** ms that a start waits for the first answers about clusters and listeners, the longer of the two, 0: until they are there; absent: Envoy's 15 s. */
  readonly fetchTimeout?: number;
  readonly files: { readonly listeners?: ResourceFile; readonly clusters?: ResourceFile };
}

export interface AdsSource {
  /** A static cluster. */
  readonly cluster: string;
  /** :authority of the stream; '' uses the cluster's name. */
  readonly authority: string;
  /** Incremental xDS (DELTA_GRPC) instead of state of the world. */
  readonly delta: boolean;
}

export interface StatsConfig {
  /** Tags to take out of statistics' names (by an expression) or to add to all (fixed). */
  readonly tags: readonly StatsTag[];
  /** use_all_default_tags, default true. */
  readonly useDefaultTags: boolean;
}

export type StatsTag =
  | { readonly kind: 'regex'; readonly name: string; readonly regex: string }
  | { readonly kind: 'fixed'; readonly name: string; readonly value: string };
