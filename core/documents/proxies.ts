/** Proxies, and what each was told. */
import type { Proxy } from '../mesh-view/index.ts';

/** `/weft/v1/proxies` */
export interface ProxiesDocument {
  readonly proxies: readonly ProxyDocument[];
}

export interface ProxyDocument {
  readonly namespace: string;
  readonly name: string;
  readonly mesh: string;
  readonly role: string;
  readonly engine: string;
  readonly engineVersion: string;
  readonly connected: boolean;
  /** synced, stale, rejected, or disconnected. */
  readonly state: string;
  /** RFC 3339; since when it is in that state. */
  readonly since: string;
  /** Of a rejection or of what the engine cannot do. */
  readonly reasons: readonly string[];
  /** What a user should know about this proxy and is no fault. */
  readonly notes: readonly string[];
  /** RFC 3339, '' when this control plane has not issued it. */
  readonly certificateExpires: string;
  readonly resources: Readonly<Record<string, number>>;
  /** Service ports that it may call, by what it offers to speak on the hop: `weft/1`, `h2`, `http/1.1`, `tcp`. */
  readonly hops: Readonly<Record<string, number>>;
}

/** `/weft/v1/proxies/NAMESPACE/NAME/config`: the tables of its ProxyConfig. Secrets are names there, so nothing has to be hidden. */
export interface ConfigDocument {
  readonly proxy: Proxy;
  readonly listeners: readonly unknown[];
  readonly routes: readonly unknown[];
  readonly clusters: readonly unknown[];
  readonly endpoints: readonly unknown[];
  /** Names only: certificates by SDS on the agent's socket, trust bundles by trust domain. */
  readonly secrets: readonly string[];
}

/** `/weft/v1/proxies/NAMESPACE/NAME/changes/REVISION`: what that change did to its configuration. */
export interface ConfigChangeDocument {
  readonly revision: number;
  readonly rows: readonly RowChange[];
  /** Rows that were left out since there are too many. */
  readonly more: number;
}

export interface RowChange {
  /** `listeners`, `routes` and so on, as in ConfigDocument. */
  readonly table: string;
  readonly name: string;
  /** Absent: the row came, or went. */
  readonly before?: unknown;
  readonly after?: unknown;
}
