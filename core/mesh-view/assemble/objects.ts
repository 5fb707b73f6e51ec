/** Stored objects by kind, in the order of namespace and name whatever order they came in. */
import type {
  AccessPolicy,
  ConfigMap,
  EnginePatch,
  Extension,
  ExternalService,
  Subset,
  Authentication,
  BackendTLSPolicy,
  Fault,
  Gateway,
  GatewayClass,
  GRPCRoute,
  HTTPRoute,
  ListenerSet,
  Mesh,
  Namespace,
  RateLimit,
  ReferenceGrant,
  RouteFilter,
  Secret,
  Service,
  StoredObject,
  TCPRoute,
  Telemetry,
  TLSRoute,
  TrafficPolicy,
  UDPRoute,
  Visibility,
  Workload,
  XBackendTrafficPolicy,
} from '../../resources/index.ts';
import { byName, objectKey } from '../keys.ts';
import type { Memory } from './memory.ts';

/** The specs are what the schemas accepted and completed: the store holds nothing else. */
interface Kinds {
  readonly 'weft.dev/Mesh': Mesh;
  readonly '/Namespace': Namespace;
  readonly '/Service': Service;
  readonly 'weft.dev/Workload': Workload;
  readonly 'gateway.networking.k8s.io/HTTPRoute': HTTPRoute;
  readonly 'gateway.networking.k8s.io/TCPRoute': TCPRoute;
  readonly '/Secret': Secret;
  readonly '/ConfigMap': ConfigMap;
  readonly 'gateway.networking.k8s.io/ReferenceGrant': ReferenceGrant;
  readonly 'gateway.networking.k8s.io/GatewayClass': GatewayClass;
  readonly 'gateway.networking.k8s.io/Gateway': Gateway;
  readonly 'gateway.networking.k8s.io/ListenerSet': ListenerSet;
  readonly 'gateway.networking.k8s.io/GRPCRoute': GRPCRoute;
  readonly 'gateway.networking.k8s.io/TLSRoute': TLSRoute;
  readonly 'gateway.networking.k8s.io/UDPRoute': UDPRoute;
  readonly 'gateway.networking.k8s.io/BackendTLSPolicy': BackendTLSPolicy;
  readonly 'gateway.networking.x-k8s.io/XBackendTrafficPolicy': XBackendTrafficPolicy;
  readonly 'weft.dev/TrafficPolicy': TrafficPolicy;
  readonly 'weft.dev/ExternalService': ExternalService;
  readonly 'weft.dev/Subset': Subset;
  readonly 'weft.dev/Fault': Fault;
  readonly 'weft.dev/RateLimit': RateLimit;
  readonly 'weft.dev/Authentication': Authentication;
  readonly 'weft.dev/Extension': Extension;
  readonly 'weft.dev/HTTPRouteFilter': RouteFilter;
  readonly 'weft.dev/AccessPolicy': AccessPolicy;
  readonly 'weft.dev/Visibility': Visibility;
  readonly 'weft.dev/Telemetry': Telemetry;
  readonly 'weft.dev/EnginePatch': EnginePatch;
}

type KindName = keyof Kinds;

export interface Objects {
  readonly meshes: readonly Mesh[];
  readonly namespaces: readonly Namespace[];
  readonly services: readonly Service[];
  readonly workloads: readonly Workload[];
  readonly httpRoutes: readonly HTTPRoute[];
  readonly tcpRoutes: readonly TCPRoute[];
  readonly grpcRoutes: readonly GRPCRoute[];
  readonly tlsRoutes: readonly TLSRoute[];
  readonly udpRoutes: readonly UDPRoute[];
  readonly gatewayClasses: readonly GatewayClass[];
  readonly gateways: readonly Gateway[];
  readonly listenerSets: readonly ListenerSet[];
  readonly grants: readonly ReferenceGrant[];
  readonly secrets: readonly Secret[];
  readonly configMaps: readonly ConfigMap[];
  readonly backendTls: readonly BackendTLSPolicy[];
  readonly backendTraffic: readonly XBackendTrafficPolicy[];
  readonly trafficPolicies: readonly TrafficPolicy[];
  readonly externalServices: readonly ExternalService[];
  readonly subsets: readonly Subset[];
  readonly faults: readonly Fault[];
  readonly rateLimits: readonly RateLimit[];
  readonly authentications: readonly Authentication[];
  readonly extensions: readonly Extension[];
  readonly routeFilters: readonly RouteFilter[];
  readonly accessPolicies: readonly AccessPolicy[];
  readonly visibilities: readonly Visibility[];
  readonly telemetries: readonly Telemetry[];
  readonly enginePatches: readonly EnginePatch[];
}

/** Objects of other kinds are not the mesh's business and left out. */
export function objectsOf(objects: Iterable<StoredObject>, memory: Memory): Objects {
  const byKind = new Map<string, StoredObject[]>();
  for (const object of objects) {
    const slash = object.apiVersion.lastIndexOf('/');
    const kind = `${slash < 0 ? '' : object.apiVersion.slice(0, slash)}/${object.kind}`;
    const list = byKind.get(kind);
    if (list === undefined) byKind.set(kind, [object]);
    else list.push(object);
  }
  const of = <K extends KindName>(kind: K): readonly Kinds[K][] =>
    memory.group(`objects ${kind}`, byKind.get(kind) ?? [], () =>
      inOrder((byKind.get(kind) ?? []) as unknown as Kinds[K][]),
    );
  return {
    meshes: of('weft.dev/Mesh'),
    namespaces: of('/Namespace'),
    services: of('/Service'),
    workloads: of('weft.dev/Workload'),
    httpRoutes: of('gateway.networking.k8s.io/HTTPRoute'),
    tcpRoutes: of('gateway.networking.k8s.io/TCPRoute'),
    grpcRoutes: of('gateway.networking.k8s.io/GRPCRoute'),
    tlsRoutes: of('gateway.networking.k8s.io/TLSRoute'),
    udpRoutes: of('gateway.networking.k8s.io/UDPRoute'),
    gatewayClasses: of('gateway.networking.k8s.io/GatewayClass'),
    gateways: of('gateway.networking.k8s.io/Gateway'),
    listenerSets: of('gateway.networking.k8s.io/ListenerSet'),
    grants: of('gateway.networking.k8s.io/ReferenceGrant'),
    secrets: of('/Secret'),
    configMaps: of('/ConfigMap'),
    backendTls: of('gateway.networking.k8s.io/BackendTLSPolicy'),
    backendTraffic: of('gateway.networking.x-k8s.io/XBackendTrafficPolicy'),
    trafficPolicies: of('weft.dev/TrafficPolicy'),
    externalServices: of('weft.dev/ExternalService'),
    subsets: of('weft.dev/Subset'),
    faults: of('weft.dev/Fault'),
    rateLimits: of('weft.dev/RateLimit'),
    authentications: of('weft.dev/Authentication'),
    extensions: of('weft.dev/Extension'),
    routeFilters: of('weft.dev/HTTPRouteFilter'),
    accessPolicies: of('weft.dev/AccessPolicy'),
    visibilities: of('weft.dev/Visibility'),
    telemetries: of('weft.dev/Telemetry'),
    enginePatches: of('weft.dev/EnginePatch'),
  };
}

function inOrder<T extends StoredObject>(objects: readonly T[]): readonly T[] {
  const keyed = objects.map((object) => ({ object, key: keyOf(object) }));
  return keyed.sort((a, b) => byName(a.key, b.key)).map(({ object }) => object);
}

export const keyOf = (object: { readonly metadata: { readonly namespace: string; readonly name: string } }): string =>
  objectKey(object.metadata.namespace, object.metadata.name);

/** Gateway API's rule for conflicts: the oldest first, then by namespace and name. */
export const byAge = <T extends { readonly metadata: StoredObject['metadata'] }>(a: T, b: T): number =>
  byName(a.metadata.creationTimestamp, b.metadata.creationTimestamp) || byName(keyOf(a), keyOf(b));
