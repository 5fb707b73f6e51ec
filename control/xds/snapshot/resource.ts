/**
 * One resource as it travels: the serialised message with the version that its bytes give it, and what it refers to.
 * A Resource is immutable and shared by every stream that holds it.
 */
import { hash } from 'node:crypto';

/** The resource types served here, named as the tables of a ProxyConfig. Secrets and trust bundles are the agent's business. */
export type ResourceType = 'clusters' | 'endpoints' | 'listeners' | 'routes';

/** In the order of sending: what is referred to goes before what refers to it (xDS protocol, eventual consistency). */
export const RESOURCE_TYPES: readonly ResourceType[] = ['clusters', 'endpoints', 'listeners', 'routes'];

export const TYPE_URLS: Readonly<Record<ResourceType, string>> = {
  clusters: 'type.googleapis.com/envoy.config.cluster.v3.Cluster',
  endpoints: 'type.googleapis.com/envoy.config.endpoint.v3.ClusterLoadAssignment',
  listeners: 'type.googleapis.com/envoy.config.listener.v3.Listener',
  routes: 'type.googleapis.com/envoy.config.route.v3.RouteConfiguration',
};

const BY_URL: ReadonlyMap<string, ResourceType> = new Map(RESOURCE_TYPES.map((type) => [TYPE_URLS[type], type]));

/** undefined: a type that is not served here. */
export const resourceTypeOf = (typeUrl: string): ResourceType | undefined => BY_URL.get(typeUrl);

/** Names of other resources that a resource needs to work, each once. */
export type References = Readonly<Partial<Record<ResourceType, readonly string[]>>>;

export interface Resource {
  readonly name: string;
  /** First 16 hex digits of the SHA-256 of `body`: equal across restarts and replicas. */
  readonly version: string;
  /** The serialised message, as an Any carries it. Empty for a resource known by its version alone. */
  readonly body: Uint8Array;
  /** undefined: unknown, because only the version is known (a client told it when it came back). */
  readonly references: References | undefined;
  /** `Kind/namespace/name#path` of the objects that the resource was compiled from. */
  readonly sources: readonly string[];
}

export const contentVersion = (bytes: Uint8Array | string): string => hash('sha256', bytes, 'hex').slice(0, 16);

/** A resource of which only the version is known. */
export const unknownResource = (name: string, version: string): Resource => ({
  name,
  version,
  body: new Uint8Array(0),
  references: undefined,
  sources: [],
});
