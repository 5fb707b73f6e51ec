/** A mesh to ask questions of: objects, what they are assembled to, and one compiler for all questions. */
import { assemble, EMPTY_VIEW, type MeshView, type Proxy, type UpstreamRequest } from '@weft/core/mesh-view';
import type { PatchedConfig } from '@weft/core/proxy-config';
import { DEFAULT_MESH, DEFAULT_NAMESPACE, GATEWAY_NAME_LABEL, type StoredObject } from '@weft/core/resources';
import { Compiler } from '../incremental/index.ts';

/** The local port of the upstream that a question opens; no listener is bound to it. */
export const ASKED_PORT = 1;

export class World {
  readonly objects: readonly StoredObject[];
  readonly #views: ReadonlyMap<string, MeshView>;
  readonly #compilers = new Map<string, Compiler>();

  constructor(objects: readonly StoredObject[]) {
    this.objects = objects;
    this.#views = assemble(objects, new Map()).views;
  }

  /** The mesh that a workload, service or Gateway (by key) is in; undefined: in none, or there is no such thing. */
  meshOf(table: 'workload' | 'service' | 'gateway', key: string): string | undefined {
    for (const [name, view] of this.#views) if (view[table].has(key) && !this.#isGuest(view, table, key)) return name;
    return undefined;
  }

  /** A service of another mesh that is exported to this one. */
  #isGuest(view: MeshView, table: 'workload' | 'service' | 'gateway', key: string): boolean {
    return table === 'service' && view.service.get(key)?.home !== undefined;
  }

  /** The mesh that a service which `mesh` knows is in: another one where it is exported. */
  homeOf(mesh: string, service: string): string {
    return this.view(mesh).service.get(service)?.home?.mesh ?? mesh;
  }

  /** The mesh that a namespace belongs to; undefined: to none. */
  meshOfNamespace(namespace: string): string | undefined {
    for (const [name, view] of this.#views) if (view.namespace.has(namespace)) return name;
    return namespace === DEFAULT_NAMESPACE ? DEFAULT_MESH : undefined;
  }

  get meshes(): readonly string[] {
    return [...this.#views.keys()];
  }

  view(mesh: string): MeshView {
    return this.#views.get(mesh) ?? EMPTY_VIEW;
  }

  /** As a process of that Gateway with our engine gets it; undefined: nobody serves it. */
  gatewayConfig(
    mesh: string,
    gateway: string,
  ): { readonly config: PatchedConfig; readonly workload: string } | undefined {
    const [workload] = servedBy(this.objects, gateway);
    if (workload === undefined) return undefined;
    return { config: this.config(mesh, workload, undefined, gateway), workload };
  }

  /** The same with a forward proxy (`--http-proxy`), and without upstreams. */
  forwardProxy(mesh: string, workload: string): PatchedConfig {
    return this.config(mesh, workload, undefined, '', ASKED_PORT);
  }

  /** As a sidecar of that workload with our engine gets it. */
  config(
    mesh: string,
    workload: string,
    upstream?: Omit<UpstreamRequest, 'localPort'>,
    gateway = '',
    httpProxyPort = 0,
  ): PatchedConfig {
    let compiler = this.#compilers.get(mesh);
    if (compiler === undefined) {
      compiler = new Compiler();
      compiler.update(this.view(mesh));
      this.#compilers.set(mesh, compiler);
    }
    const row = this.view(mesh).workload.get(workload);
    const proxy: Proxy = {
      id: workload,
      role: gateway === '' ? 'sidecar' : 'gateway',
      engine: { name: 'weft', version: '', features: [] },
      mesh,
      workloads: [workload],
      network: row?.addresses[0]?.network ?? '',
      locality: row?.locality ?? { region: '', zone: '', subZone: '' },
      upstreams: upstream === undefined ? [] : [{ ...upstream, localPort: ASKED_PORT }],
      httpProxyPort,
      gateway,
    };
    return compiler.compile(proxy).config;
  }

  /** Other objects instead of those of the same name, or beside them. */
  with(changed: readonly StoredObject[], without: readonly StoredObject[] = []): World {
    const gone = new Set([...changed, ...without].map(nameOf));
    return new World([...this.objects.filter((object) => !gone.has(nameOf(object))), ...changed]);
  }
}

/** Keys of the workloads that serve a Gateway. */
export const servedBy = (objects: readonly StoredObject[], gateway: string): readonly string[] =>
  objects
    .filter(
      ({ kind, metadata: { namespace, labels } }) =>
        kind === 'Workload' && `${namespace}/${labels[GATEWAY_NAME_LABEL]}` === gateway,
    )
    .map(({ metadata: { namespace, name } }) => `${namespace}/${name}`);

const nameOf = ({ kind, metadata: { namespace, name } }: StoredObject): string => `${kind}/${namespace}/${name}`;
