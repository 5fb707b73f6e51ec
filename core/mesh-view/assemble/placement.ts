/** Which mesh each namespace, and what is in it, belongs to. */
import { DEFAULT_MESH, meshOf, type StoredObject } from '../../resources/index.ts';
import type { MeshRow } from '../rows.ts';
import { classStatus } from './gateways.ts';
import type { Memory } from './memory.ts';
import type { Objects } from './objects.ts';
import { condition, statusOf, type Fault, type ObjectStatus } from './status.ts';

export interface Placement {
  /** Mesh of each namespace that is in one. */
  readonly byNamespace: ReadonlyMap<string, string>;
  /** Namespaces that there are objects of. */
  readonly declared: ReadonlySet<string>;
  readonly statuses: readonly ObjectStatus[];
}

/** What stands in no namespace object, or in one whose mesh is absent, is in no mesh: it must not turn up in another by accident. */
export function place(all: Objects, meshes: ReadonlyMap<string, MeshRow>): Placement {
  const byNamespace = new Map<string, string>([[DEFAULT_NAMESPACE, DEFAULT_MESH]]);
  const statuses: ObjectStatus[] = [
    ...all.meshes.map((mesh) => statusOf(mesh, [condition('Accepted', mesh.metadata.generation, [])], [], [])),
    ...all.gatewayClasses.flatMap(classStatus),
  ];
  for (const namespace of all.namespaces) {
    const mesh = meshOf(namespace);
    const faults = meshes.has(mesh) ? [] : [noMesh(mesh)];
    if (faults.length === 0) byNamespace.set(namespace.metadata.name, mesh);
    else byNamespace.delete(namespace.metadata.name);
    statuses.push(statusOf(namespace, [condition('Accepted', namespace.metadata.generation, faults)], [], faults));
  }
  return { byNamespace, declared: new Set(all.namespaces.map((namespace) => namespace.metadata.name)), statuses };
}

/** Objects whose namespace is absent. */
export const strays = (
  objects: readonly StoredObject[],
  { byNamespace, declared }: Placement,
): readonly ObjectStatus[] =>
  objects.flatMap((object) => {
    const { namespace, generation } = object.metadata;
    if (byNamespace.has(namespace) || declared.has(namespace)) return [];
    const faults = [noNamespace(namespace)];
    return [statusOf(object, [condition('Accepted', generation, faults)], [], faults)];
  });

/** There without an object, like the mesh it belongs to. */
const DEFAULT_NAMESPACE = 'default';

const noMesh = (mesh: string): Fault => ({
  reason: 'MeshNotFound',
  path: 'metadata.labels["weft.dev/mesh"]',
  message: `there is no Mesh ${mesh}: nothing in this namespace has an effect`,
  remedy: 'create it, or correct the label',
});

const noNamespace = (namespace: string): Fault => ({
  reason: 'NamespaceNotFound',
  path: 'metadata.namespace',
  message: `there is no Namespace ${namespace}: the object has no effect`,
  remedy: 'create it, or correct the name',
});

/** Whose status tells that their namespace is absent. */
export const NAMESPACED = [
  'services',
  'workloads',
  'gateways',
  'listenerSets',
  'httpRoutes',
  'grpcRoutes',
  'tlsRoutes',
  'tcpRoutes',
  'udpRoutes',
  'backendTraffic',
  'trafficPolicies',
  'externalServices',
  'subsets',
  'backendTls',
  'faults',
  'rateLimits',
  'authentications',
  'extensions',
  'routeFilters',
  'accessPolicies',
  'visibilities',
  'telemetries',
  'enginePatches',
] as const;

/** Of one mesh; a list that holds the same objects is the same list. */
export function within(memory: Memory, all: Objects, mesh: string, { byNamespace }: Placement): Objects {
  const list = <T extends StoredObject>(name: keyof Objects, objects: readonly T[], of: (object: T) => string) =>
    memory.group(`within ${mesh} ${name}`, [objects, byNamespace], () => {
      const own = objects.filter((object) => byNamespace.get(of(object)) === mesh);
      return own.length === objects.length ? objects : own;
    });
  const inside = <K extends Exclude<keyof Objects, 'meshes' | 'gatewayClasses' | 'namespaces'>>(name: K): Objects[K] =>
    list(name, all[name] as readonly StoredObject[], ({ metadata }) => metadata.namespace) as unknown as Objects[K];
  return {
    meshes: [],
    gatewayClasses: all.gatewayClasses,
    namespaces: list('namespaces', all.namespaces, ({ metadata }) => metadata.name),
    services: inside('services'),
    workloads: inside('workloads'),
    httpRoutes: inside('httpRoutes'),
    tcpRoutes: inside('tcpRoutes'),
    grpcRoutes: inside('grpcRoutes'),
    tlsRoutes: inside('tlsRoutes'),
    udpRoutes: inside('udpRoutes'),
    gateways: inside('gateways'),
    listenerSets: inside('listenerSets'),
    grants: inside('grants'),
    secrets: inside('secrets'),
    configMaps: inside('configMaps'),
    backendTraffic: inside('backendTraffic'),
    trafficPolicies: inside('trafficPolicies'),
    externalServices: inside('externalServices'),
    subsets: inside('subsets'),
    backendTls: inside('backendTls'),
    faults: inside('faults'),
    rateLimits: inside('rateLimits'),
    authentications: inside('authentications'),
    extensions: inside('extensions'),
    routeFilters: inside('routeFilters'),
    accessPolicies: inside('accessPolicies'),
    visibilities: inside('visibilities'),
    telemetries: inside('telemetries'),
    enginePatches: inside('enginePatches'),
  };
}
