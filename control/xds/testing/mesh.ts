/** Small configurations for tests, as snapshots: a resource's body is its description, so that a model client can read it. */
import { contentVersion, ResourceSet, type References, type Resource, type Snapshot } from '../snapshot/index.ts';

export interface MeshCluster {
  readonly name: string;
  readonly revision: number;
  readonly endpoints: number;
  /** The client refuses these. */
  readonly badCluster?: boolean;
  readonly badEndpoints?: boolean;
}

export interface MeshRoute {
  readonly name: string;
  readonly revision: number;
  readonly clusters: readonly string[];
  readonly bad?: boolean;
}

export interface MeshListener {
  readonly name: string;
  readonly revision: number;
  readonly routes: readonly string[];
  readonly clusters: readonly string[];
  readonly bad?: boolean;
}

export interface Mesh {
  readonly clusters: readonly MeshCluster[];
  readonly routes: readonly MeshRoute[];
  readonly listeners: readonly MeshListener[];
}

export interface Description {
  readonly name: string;
  readonly bad: boolean;
  readonly references: References;
  readonly revision: number;
}

const TEXT = new TextEncoder();

function resource(description: Description): Resource {
  const body = TEXT.encode(JSON.stringify(description));
  return {
    name: description.name,
    version: contentVersion(body),
    body,
    references: description.references,
    sources: [],
  };
}

export const describe = (body: Uint8Array): Description => JSON.parse(new TextDecoder().decode(body));

/** Resources of equal description are one object, as rows that did not change are. */
export class Snapshots {
  readonly #known = new Map<string, Resource>();

  of(mesh: Mesh): Snapshot {
    const shared = (description: Description): Resource => {
      const made = resource(description);
      const key = `${made.name} ${made.version}`;
      const before = this.#known.get(key) ?? made;
      this.#known.set(key, before);
      return before;
    };
    const set = (descriptions: readonly Description[]): ResourceSet => ResourceSet.of(descriptions.map(shared));
    return {
      tables: {
        clusters: set(
          mesh.clusters.map(({ name, revision, badCluster }) => ({
            name,
            revision,
            bad: badCluster === true,
            references: { endpoints: [name] },
          })),
        ),
        endpoints: set(
          mesh.clusters.map(({ name, endpoints, badEndpoints }) => ({
            name,
            revision: endpoints,
            bad: badEndpoints === true,
            references: {},
          })),
        ),
        listeners: set(
          mesh.listeners.map(({ name, revision, routes, clusters, bad }) => ({
            name,
            revision,
            bad: bad === true,
            references: { routes, clusters },
          })),
        ),
        routes: set(
          mesh.routes.map(({ name, revision, clusters, bad }) => ({
            name,
            revision,
            bad: bad === true,
            references: { clusters },
          })),
        ),
      },
      inexpressible: [],
      patches: [],
      idle: [],
    };
  }
}
