/**
 * From stored objects and liveness to one MeshView a mesh, with what is to be said about each object. Pure: the same objects in any order
 * give equal views; given the previous assembly, whatever did not change is the same object as before.
 */
import type { Diagnostic } from '../../kernel/index.ts';
import {
  DEFAULT_MESH,
  type GRPCRoute,
  type HTTPRoute,
  meshOf,
  type Namespace,
  objectName,
  type Service,
  type StoredObject,
} from '../../resources/index.ts';
import { byName, ONLY, portKey } from '../keys.ts';
import type { WorkloadLiveness } from '../liveness.ts';
import type { MeshRow, NamespaceRow, ServiceRow, WorkloadRow } from '../rows.ts';
import type { MeshView } from '../view.ts';
import { assembleAccessPolicies } from './access-policies.ts';
import { arrivals } from './arrivals.ts';
import { AUTHENTICATIONS } from './authentications.ts';
import { attachPolicies } from './attached.ts';
import { accessAtListeners, atListeners, listenerNames } from './edge.ts';
import { assembleBackendTls } from './backend-tls.ts';
import { assembleEndpoints } from './endpoints.ts';
import { assembleExtensions } from './extensions.ts';
import { assembleExternal } from './external-services.ts';
import { assembleExports, type Exports } from './exports.ts';
import { FAULTS } from './faults.ts';
import { Memory } from './memory.ts';
import { keyOf, objectsOf, type Objects } from './objects.ts';
import { assembleGateways, assembleMaterial, gatewayOf } from './gateway-drafts.ts';
import { gatewayStatus, listenerSetStatus, servingWorkloads } from './gateway-status.ts';
import { classStatus } from './gateways.ts';
import { grantsOf } from './grants.ts';
import { rateLimits, withoutOwnLimits, withoutRequests } from './rate-limits.ts';
import { assembleRoutes, type Routes } from './routes.ts';
import { IMPLIED_MESH, meshRow, namespaceRow, serviceRow, workloadRow } from './rows.ts';
import { selectWorkloads } from './selection.ts';
import { assembleSubsets } from './subsets.ts';
import { condition, statusOf, type Fault, type ObjectStatus } from './status.ts';
import type { Targetable } from './targets.ts';
import { TRAFFIC_POLICIES } from './traffic-policies.ts';

export { authoritiesOf } from './gateway-material.ts';
export { matchRow } from './http-route.ts';
export type { ConditionDraft, ObjectStatus, ParentStatus } from './status.ts';

export interface Assembly {
  /** By the mesh's name. A namespace, and what is in it, is in exactly one. */
  readonly views: ReadonlyMap<string, MeshView>;
  /** Of namespaces, meshes, routes and policies; in the order of their kinds and names. */
  readonly statuses: readonly ObjectStatus[];
  /** The findings of all statuses, and warnings about objects that have none. */
  readonly diagnostics: readonly Diagnostic[];
  /** By trust domain: other trust domains that its workloads call or are called by, since a service is exported. */
  readonly neighbours: ReadonlyMap<string, readonly string[]>;
  /** For the next assembly. */
  readonly memory: Memory;
}

/** `objects` must have passed their schemas. */
export function assemble(objects: Iterable<StoredObject>, liveness: WorkloadLiveness, previous?: Assembly): Assembly {
  const memory = new Memory(previous?.memory);
  const all = objectsOf(objects);
  const meshes = new Map<string, MeshRow>([[DEFAULT_MESH, IMPLIED_MESH]]);
  for (const mesh of all.meshes) {
    meshes.set(
      mesh.metadata.name,
      memory.remember(`mesh ${mesh.metadata.name}`, [mesh], () => meshRow(mesh)),
    );
  }
  const placed = place(all, meshes);
  const statuses = [...placed.statuses];
  const findings: Diagnostic[] = sharedTrustDomains(meshes);
  const exported = assembleExports(memory, all.services, meshes, placed.meshOf);
  findings.push(...exported.findings);
  const made = new Map<string, AssembledMesh>();
  for (const [name, mesh] of [...meshes].sort(([a], [b]) => byName(a, b))) {
    const one = assembleMesh(
      memory,
      mesh,
      within(all, (namespace) => placed.meshOf(namespace) === name),
      liveness,
      exported,
    );
    made.set(name, one);
    statuses.push(...one.statuses);
    findings.push(...one.findings);
  }
  const views = new Map<string, MeshView>();
  for (const [name, { view }] of made) {
    const whole = withImports(memory, name, view, exported.into.get(name), made);
    const before = previous?.views.get(name);
    views.set(name, before !== undefined && sameTables(before, whole) ? before : whole);
  }
  const diagnostics = [...statuses.flatMap((status) => status.findings), ...findings];
  return { views, statuses, diagnostics, neighbours: exported.neighbours, memory };
}

/** Identities are told apart by their trust domain alone: every mesh has its certificates from one authority. */
function sharedTrustDomains(meshes: ReadonlyMap<string, MeshRow>): Diagnostic[] {
  const first = new Map<string, string>();
  return [...meshes.keys()].sort(byName).flatMap((name): Diagnostic[] => {
    const domain = meshes.get(name)?.trustDomain ?? '';
    const other = first.get(domain);
    if (other === undefined) first.set(domain, name);
    if (other === undefined) return [];
    return [
      {
        severity: 'warning',
        code: 'shared-trust-domain',
        message: `mesh ${other} has the trust domain ${domain} too: workloads of either pass the mutual TLS of the other`,
        place: { object: objectName('Mesh', '', name), path: 'spec.trustDomain' },
        remedy: 'make the mesh anew with a trust domain of its own',
      },
    ];
  });
}

interface Placement {
  /** undefined: in no mesh. */
  meshOf(namespace: string): string | undefined;
  readonly statuses: readonly ObjectStatus[];
}

/** What stands in no namespace object, or in one whose mesh is absent, is in no mesh: it must not turn up in another by accident. */
function place(all: Objects, meshes: ReadonlyMap<string, MeshRow>): Placement {
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
  const declared = new Set(all.namespaces.map((namespace) => namespace.metadata.name));
  for (const object of namespaced(all)) {
    const { namespace, generation } = object.metadata;
    if (byNamespace.has(namespace) || declared.has(namespace)) continue;
    const faults = [noNamespace(namespace)];
    statuses.push(statusOf(object, [condition('Accepted', generation, faults)], [], faults));
  }
  return { meshOf: (namespace) => byNamespace.get(namespace), statuses };
}

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
const namespaced = (all: Objects): readonly StoredObject[] => [
  ...all.services,
  ...all.workloads,
  ...all.gateways,
  ...all.listenerSets,
  ...all.httpRoutes,
  ...all.grpcRoutes,
  ...all.tlsRoutes,
  ...all.tcpRoutes,
  ...all.udpRoutes,
  ...all.trafficPolicies,
  ...all.externalServices,
  ...all.subsets,
  ...all.backendTls,
  ...all.faults,
  ...all.rateLimits,
  ...all.authentications,
  ...all.extensions,
  ...all.accessPolicies,
];

function within(all: Objects, has: (namespace: string) => boolean): Objects {
  const inside = (object: StoredObject): boolean => has(object.metadata.namespace);
  return {
    meshes: [],
    gatewayClasses: all.gatewayClasses,
    namespaces: all.namespaces.filter((namespace) => has(namespace.metadata.name)),
    services: all.services.filter(inside),
    workloads: all.workloads.filter(inside),
    httpRoutes: all.httpRoutes.filter(inside),
    tcpRoutes: all.tcpRoutes.filter(inside),
    grpcRoutes: all.grpcRoutes.filter(inside),
    tlsRoutes: all.tlsRoutes.filter(inside),
    udpRoutes: all.udpRoutes.filter(inside),
    gateways: all.gateways.filter(inside),
    listenerSets: all.listenerSets.filter(inside),
    grants: all.grants.filter(inside),
    secrets: all.secrets.filter(inside),
    configMaps: all.configMaps.filter(inside),
    trafficPolicies: all.trafficPolicies.filter(inside),
    externalServices: all.externalServices.filter(inside),
    subsets: all.subsets.filter(inside),
    backendTls: all.backendTls.filter(inside),
    faults: all.faults.filter(inside),
    rateLimits: all.rateLimits.filter(inside),
    authentications: all.authentications.filter(inside),
    extensions: all.extensions.filter(inside),
    accessPolicies: all.accessPolicies.filter(inside),
  };
}

/** Whom the workloads behind exported services let in. */
function guestsOf(
  memory: Memory,
  { guests }: Exports,
  selected: ReadonlyMap<string, readonly WorkloadRow[]>,
): ReadonlyMap<string, readonly string[]> {
  const found = new Map<string, Set<string>>();
  for (const [service, domains] of guests)
    for (const { key } of selected.get(service) ?? []) found.set(key, new Set([...(found.get(key) ?? []), ...domains]));
  return new Map(
    [...found].map(([key, domains]) => {
      const list = [...domains].sort(byName);
      return [key, memory.remember(`guests ${key}`, list, () => list)];
    }),
  );
}

/** What stands behind a service of another mesh is what its own mesh says. */
function withImports(
  memory: Memory,
  name: string,
  view: MeshView,
  imported: ReadonlyMap<string, ServiceRow> | undefined,
  meshes: ReadonlyMap<string, AssembledMesh>,
): MeshView {
  if (imported === undefined) return view;
  const endpoints = new Map(view.endpoints);
  const identities = new Map(view.identities);
  const unenforced = new Map(view.unenforced);
  for (const { key, ports, home } of imported.values()) {
    const from = meshes.get(home?.mesh ?? '')?.view;
    for (const { port } of ports) {
      const at = portKey(key, port);
      const [behind, known, open] = [from?.endpoints.get(at), from?.identities.get(at), from?.unenforced.get(at)];
      if (behind !== undefined) endpoints.set(at, behind);
      if (known !== undefined) identities.set(at, known);
      if (open !== undefined) unenforced.set(at, open);
    }
  }
  return {
    ...view,
    endpoints: memory.table(`${name} imports endpoints`, endpoints),
    identities: memory.table(`${name} imports identities`, identities),
    unenforced: memory.table(`${name} imports unenforced`, unenforced),
  };
}

interface AssembledMesh {
  readonly view: MeshView;
  readonly statuses: readonly ObjectStatus[];
  /** Beside those of the statuses. */
  readonly findings: readonly Diagnostic[];
}

function assembleMesh(
  memory: Memory,
  mesh: MeshRow,
  objects: Objects,
  liveness: WorkloadLiveness,
  exported: Exports,
): AssembledMesh {
  const services = objects.services.map((object) => ({
    object,
    row: memory.remember(`service ${keyOf(object)}`, [object], (): ServiceRow => serviceRow(object)),
  }));
  const workloads = objects.workloads.map((object) =>
    memory.remember(
      `workload ${keyOf(object)}`,
      [object, mesh.trustDomain],
      (): WorkloadRow => workloadRow(object, mesh.trustDomain),
    ),
  );
  const ownRows = new Map(services.map(({ row }) => [row.key, row]));
  const external = assembleExternal(memory, objects.externalServices, ownRows);
  const whole = new Map([
    ...ownRows,
    ...external.rows.map((row) => [row.key, row] as const),
    ...(exported.into.get(mesh.name) ?? []),
  ]);
  const workloadRows = new Map(workloads.map((row) => [row.key, row]));
  const behindServices = selectWorkloads(services, objects.workloads, workloadRows);
  const subsets = assembleSubsets(memory, objects.subsets, {
    services: whole,
    workloads: objects.workloads,
    selected: behindServices,
  });
  const serviceRows = new Map([...whole, ...subsets.rows.map((row) => [row.key, row] as const)]);
  const selected = new Map([...behindServices, ...subsets.selected]);
  const namespaceRows = new Map(objects.namespaces.map((namespace) => namespaceEntry(memory, namespace)));
  const grants = memory.remember(`${mesh.name} grants`, objects.grants, () => grantsOf(objects.grants));
  const material = assembleMaterial(memory, mesh.name, objects, grants);
  const gateways = assembleGateways(memory, objects, material, namespaceRows);
  const routes = assembleRoutes(
    memory,
    objects,
    { services: serviceRows, gateways, namespaces: namespaceRows },
    grants,
  );
  const gatewayRows = new Map([...gateways].flatMap(([key, { row }]) => (row === undefined ? [] : [[key, row]])));
  const serving = servingWorkloads(objects.workloads, workloadRows);
  const routed = ruleNames([...objects.httpRoutes, ...objects.grpcRoutes]);
  const there: Targetable = {
    mesh: mesh.name,
    services: serviceRows,
    routes: routed,
    gateways: listenerNames(gateways),
  };
  const traffic = attachPolicies(memory, objects.trafficPolicies, there, TRAFFIC_POLICIES);
  const faults = attachPolicies(memory, objects.faults, there, FAULTS);
  const limits = attachPolicies(memory, objects.rateLimits, there, rateLimits(mesh));
  const arrivalLimits = withoutOwnLimits(memory, mesh, arrivals(limits.policies, { workloads, selected }), selected);
  const authentications = attachPolicies(memory, objects.authentications, there, AUTHENTICATIONS);
  const tokens = arrivals(authentications.policies, { workloads, selected });
  const extensions = assembleExtensions(memory, objects.extensions, serviceRows);
  const access = assembleAccessPolicies(memory, objects.accessPolicies, {
    extensions: extensions.rows,
    mesh,
    there,
    workloads,
    labels: new Map(objects.workloads.map((workload) => [keyOf(workload), workload.metadata.labels])),
    selected,
  });
  const backendTls = assembleBackendTls(memory, objects.backendTls, { there, material, selected });
  const edge = accessAtListeners(memory, objects.accessPolicies, there, gateways, mesh.trustDomain);
  const behind = assembleEndpoints(memory, {
    mesh,
    services: [...ownRows.values(), ...subsets.rows],
    selected,
    access: access.byWorkload,
    tokens,
    liveness,
  });
  const keys = [...serviceRows.keys()].sort(byName);
  const table = <T>(name: string, rows: ReadonlyMap<string, T>): ReadonlyMap<string, T> =>
    memory.table(`${mesh.name} table ${name}`, rows);
  return {
    view: {
      mesh: table('mesh', new Map([[ONLY, mesh]])),
      namespace: table('namespace', namespaceRows),
      service: table('service', serviceRows),
      workload: table('workload', workloadRows),
      guests: table('guests', guestsOf(memory, exported, selected)),
      catalog: table('catalog', new Map([[ONLY, memory.remember(`catalog ${mesh.name}`, keys, () => keys)]])),
      endpoints: table('endpoints', behind.endpoints),
      identities: table('identities', behind.identities),
      unenforced: table('unenforced', behind.unenforced),
      httpRules: table('httpRules', routes.httpRules),
      tcpRule: table('tcpRule', routes.tcpRule),
      gateway: table('gateway', gatewayRows),
      listenerRoutes: table('listenerRoutes', routes.listenerRoutes),
      trafficPolicies: table('trafficPolicies', traffic.byTarget),
      faults: table('faults', faults.byTarget),
      rateLimits: table('rateLimits', limits.byTarget),
      rateLimit: table('rateLimit', new Map(limits.policies.map(({ row }) => [row.key, row]))),
      arrivalLimit: table('arrivalLimit', arrivalLimits),
      arrivalTokens: table('arrivalTokens', tokens),
      extension: table('extension', extensions.rows),
      accessPolicies: table('accessPolicies', access.byWorkload),
      edgeAccess: table('edgeAccess', edge),
      edgeTokens: table('edgeTokens', atListeners(authentications.policies, gateways)),
      backendTls: table('backendTls', backendTls.byPort),
      edgeLimit: table('edgeLimit', atListeners(limits.policies, gateways)),
    },
    statuses: [
      ...[...gateways.values()].map((draft) =>
        memory.remember(
          `gateway-status ${draft.key}`,
          [draft, ...(serving.get(draft.key) ?? []), ...draft.listeners.map(({ key }) => routes.attached.get(key))],
          () => gatewayStatus(draft, serving.get(draft.key) ?? [], routes.attached),
        ),
      ),
      ...objects.listenerSets.map((set) => {
        const key = gatewayOf(set);
        return listenerSetStatus(set, gateways.get(key), key, serving.get(key) ?? [], routes.attached);
      }),
      ...routes.statuses,
      ...traffic.statuses,
      ...external.statuses,
      ...subsets.statuses,
      ...backendTls.statuses,
      ...faults.statuses,
      ...limits.statuses,
      ...authentications.statuses,
      ...extensions.statuses,
      ...access.statuses,
    ],
    findings: [
      ...behind.findings,
      ...access.findings,
      ...withoutRequests(arrivalLimits, workloads),
      ...unreachable(objects.services, routes),
    ],
  };
}

/** By `Kind/namespace/name`. */
const ruleNames = (routes: readonly (HTTPRoute | GRPCRoute)[]): ReadonlyMap<string, readonly string[]> =>
  new Map(
    routes.map(({ kind, metadata: { namespace, name }, spec: { rules } }) => [
      objectName(kind, namespace, name),
      rules.flatMap((rule) => rule.name ?? []),
    ]),
  );

/** Services that lead nowhere whatever runs: they select nothing and no route is attached to them. */
const unreachable = (services: readonly Service[], { httpRules, tcpRule }: Routes): Diagnostic[] =>
  services
    .filter((service) => {
      if (Object.keys(service.spec.selector ?? {}).length > 0) return false;
      const keys = service.spec.ports.map(({ port }) => portKey(keyOf(service), port));
      return !keys.some((key) => httpRules.has(key) || tcpRule.has(key));
    })
    .map(({ metadata: { namespace, name } }) => ({
      severity: 'warning',
      code: 'no-selector',
      message: 'it has no selector: no workload stands behind it, and each request to it fails',
      place: { object: objectName('Service', namespace, name), path: 'spec.selector' },
      remedy: `select workloads by their labels, as \`selector: { app: ${name} }\`, or attach a route`,
    }));

const namespaceEntry = (memory: Memory, namespace: Namespace): [string, NamespaceRow] => [
  namespace.metadata.name,
  memory.remember(`namespace ${namespace.metadata.name}`, [namespace], () => namespaceRow(namespace)),
];

function sameTables(a: MeshView, b: MeshView): boolean {
  const names = Object.keys(b) as (keyof MeshView)[];
  return names.every((name) => a[name] === b[name]);
}
