/**
 * From stored objects and liveness to one MeshView a mesh, with what is to be said about each object. Pure: the same objects in any order
 * give equal views; given the previous assembly, whatever did not change is the same object as before.
 */
import type { Diagnostic } from '../../kernel/index.ts';
import { DEFAULT_MESH, type Namespace, type StoredObject } from '../../resources/index.ts';
import { byName, ONLY } from '../keys.ts';
import type { WorkloadLiveness } from '../liveness.ts';
import type { AuthenticationRow } from '../policy-rows.ts';
import type { WorkloadAccessRow } from '../access-rows.ts';
import type { MeshRow, NamespaceRow, ServiceRow, WorkloadRow } from '../rows.ts';
import type { MeshView } from '../view.ts';
import { assembleAccessPolicies } from './access-policies.ts';
import { arrivals, boundsOfArrivals, headerArrivals, saysBounds, withBounds } from './arrivals.ts';
import { assembleAuthentications } from './authentications.ts';
import { attachPolicies } from './attached.ts';
import { accessAtListeners, arrivalsAtPorts, atListeners, listenerNames } from './edge.ts';
import { assembleCallerConditions, assembleConsumers } from './caller-conditions.ts';
import { assembleBackendTls } from './backend-tls.ts';
import { catalogs } from './catalogs.ts';
import { assembleEndpoints } from './endpoints.ts';
import { externalAuths } from './external-auths.ts';
import { assembleExtensions } from './extensions.ts';
import { assembleExports, type Exports } from './exports.ts';
import { guestsOf, withImports } from './imports.ts';
import { askedLabels, assembleLocalityLabels, labelsOf } from './locality-labels.ts';
import { ownAddresses } from './own-addresses.ts';
import { NAMESPACED, place, strays, within } from './placement.ts';
import { joined, waysOut } from './egress.ts';
import { assembleExternal } from './external-services.ts';
import { assembleFailovers } from './failovers.ts';
import { assembleTelemetries } from './telemetry.ts';
import { FAULTS } from './faults.ts';
import { Memory } from './memory.ts';
import { keyOf, objectsOf, type Objects } from './objects.ts';
import { assembleGateways, assembleMaterial, gatewayOf } from './gateway-drafts.ts';
import { gatewayStatus, listenerSetStatus, servingWorkloads } from './gateway-status.ts';
import { grantsOf } from './grants.ts';
import { assemblePassed } from './passed-services.ts';
import { assembleProcessors } from './processors.ts';
import { rateLimits, withoutOwnLimits, withoutRequests } from './rate-limits.ts';
import { assembleRouteFilters } from './route-filters.ts';
import { assembleRoutes } from './routes.ts';
import { IMPLIED_MESH, meshRow, namespaceRow, serviceRow, workloadRow } from './rows.ts';
import { sharedTrustDomains } from './shared-trust-domains.ts';
import { selectWorkloads } from './selection.ts';
import { assembleSubsets } from './subsets.ts';
import type { ObjectStatus } from './status.ts';
import { ruleNames, type Targetable } from './targets.ts';
import { unreachable } from './unreachable.ts';
import { trafficPolicyKind } from './traffic-policies.ts';
import { assembleEnginePatches } from './engine-patches.ts';
import { assembleVisibilities } from './visibilities.ts';

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
  const all = objectsOf(objects, memory);
  const meshes = new Map<string, MeshRow>([[DEFAULT_MESH, IMPLIED_MESH]]);
  for (const mesh of all.meshes) {
    meshes.set(
      mesh.metadata.name,
      memory.remember(`mesh ${mesh.metadata.name}`, [mesh], () => meshRow(mesh)),
    );
  }
  const placed = memory.group('placement', [...meshes.values(), all.meshes, all.gatewayClasses, all.namespaces], () =>
    place(all, meshes),
  );
  const statuses = [
    ...placed.statuses,
    ...NAMESPACED.flatMap((kind) =>
      memory.group(`strays ${kind}`, [placed, all[kind]], () => strays(all[kind], placed)),
    ),
  ];
  const findings: Diagnostic[] = sharedTrustDomains(meshes);
  const exported = assembleExports(memory, all.services, meshes, (namespace) => placed.byNamespace.get(namespace));
  findings.push(...exported.findings);
  const asked = memory.group('asked labels', [all.meshes, all.trafficPolicies], () =>
    memory.list('asked labels list', askedLabels(all.meshes, all.trafficPolicies)),
  );
  const made = new Map<string, AssembledMesh>();
  for (const [name, mesh] of [...meshes].sort(([a], [b]) => byName(a, b))) {
    const one = assembleMesh(memory, mesh, within(memory, all, name, placed), liveness, exported, asked);
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

const NO_GUARDS = {
  access: new Map<string, readonly WorkloadAccessRow[]>(),
  tokens: new Map<string, AuthenticationRow>(),
};

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
  askedOfLocality: readonly string[],
): AssembledMesh {
  const group = <T>(name: string, inputs: readonly unknown[], make: (own: Memory) => T): T =>
    memory.group(`${mesh.name} ${name}`, inputs, make);
  const table = <T>(name: string, rows: ReadonlyMap<string, T>): ReadonlyMap<string, T> =>
    memory.table(`${mesh.name} table ${name}`, rows);
  const services = group('services', [objects.services], (own) =>
    objects.services.map((object) => ({
      object,
      row: own.remember(keyOf(object), [object], (): ServiceRow => serviceRow(object)),
    })),
  );
  const workloads = group('workloads', [objects.workloads, mesh.trustDomain], (own) =>
    objects.workloads.map((object) =>
      own.remember(keyOf(object), [object, mesh.trustDomain], (): WorkloadRow => workloadRow(object, mesh.trustDomain)),
    ),
  );
  const ownRows = group('own services', [services], () => new Map(services.map(({ row }) => [row.key, row])));
  const namespaceRows = table(
    'namespace',
    group(
      'namespaces',
      [objects.namespaces],
      (own) => new Map(objects.namespaces.map((namespace) => namespaceEntry(own, namespace))),
    ),
  );
  const grants = group('grants', [objects.grants], () => grantsOf(objects.grants));
  const material = group('material', [objects.secrets, objects.configMaps, grants], (own) =>
    assembleMaterial(own, mesh.name, objects, grants),
  );
  const gateways = table(
    'gateway drafts',
    group(
      'gateways',
      [objects.gateways, objects.listenerSets, objects.gatewayClasses, material, namespaceRows],
      (own) => assembleGateways(own, objects, material, namespaceRows),
    ),
  );
  const external = group('external', [objects.externalServices, ownRows, gateways, namespaceRows], (own) =>
    assembleExternal(own, objects.externalServices, ownRows, { gateways, namespaces: namespaceRows }),
  );
  const imported = exported.into.get(mesh.name);
  const whole = group(
    'whole services',
    [ownRows, external, imported],
    () => new Map([...ownRows, ...external.rows.map((row) => [row.key, row] as const), ...(imported ?? [])]),
  );
  const workloadRows = table(
    'workload',
    group('workload rows', [workloads], () => new Map(workloads.map((row) => [row.key, row]))),
  );
  const behindServices = group('behind services', [services, objects.workloads, workloadRows], () =>
    selectWorkloads(services, objects.workloads, workloadRows),
  );
  const subsets = group('subsets', [objects.subsets, whole, objects.workloads, behindServices], (own) =>
    assembleSubsets(own, objects.subsets, {
      services: whole,
      workloads: objects.workloads,
      selected: behindServices,
    }),
  );
  const serviceRows = table(
    'service',
    group(
      'all services',
      [whole, subsets],
      () => new Map([...whole, ...subsets.rows.map((row) => [row.key, row] as const)]),
    ),
  );
  const selected = group(
    'selected',
    [behindServices, subsets],
    () => new Map([...behindServices, ...subsets.selected]),
  );
  const { httpRoutes, grpcRoutes, tcpRoutes, tlsRoutes, udpRoutes } = objects;
  const routeInputs = [httpRoutes, grpcRoutes, tcpRoutes, tlsRoutes, udpRoutes];
  const extensions = group('extensions', [objects.extensions, serviceRows], (own) =>
    assembleExtensions(own, objects.extensions, serviceRows),
  );
  const extensionRows = table('extension', extensions.rows);
  const filters = group('route filters', [objects.routeFilters], (own) =>
    assembleRouteFilters(own, objects.routeFilters),
  );
  const parents = { services: serviceRows, gateways, namespaces: namespaceRows, extensions: extensionRows };
  const routes = group('routes', [...routeInputs, ...Object.values(parents), filters, grants], (own) =>
    assembleRoutes(own, objects, { ...parents, routeFilters: filters.byKey }, grants),
  );
  const gatewayRows = new Map([...gateways].flatMap(([key, { row }]) => (row === undefined ? [] : [[key, row]])));
  const serving = group('serving', [objects.workloads, workloadRows], () =>
    servingWorkloads(objects.workloads, workloadRows),
  );
  const there = group(
    'targetable',
    [serviceRows, httpRoutes, grpcRoutes, gateways],
    (): Targetable => ({
      mesh: mesh.name,
      services: serviceRows,
      routes: ruleNames([...httpRoutes, ...grpcRoutes]),
      gateways: listenerNames(gateways),
    }),
  );
  const { trafficPolicies, backendTraffic } = objects;
  const withTls = memory.list(
    `${mesh.name} policies with tls`,
    trafficPolicies.filter(({ spec }) => spec.tls !== undefined),
  );
  const backendTls = group('backend tls', [objects.backendTls, withTls, there, material, selected, mesh], (own) =>
    assembleBackendTls(own, objects.backendTls, withTls, { mesh, there, material, selected }),
  );
  const failingOver = memory.list(
    `${mesh.name} policies with failover`,
    trafficPolicies.filter(({ spec }) => spec.failover !== undefined),
  );
  const failovers = group('failovers', [failingOver, there, grants], (own) =>
    assembleFailovers(own, failingOver, there, grants),
  );
  const tlsFaults = table('tls faults', backendTls.faults);
  const failoverFaults = table('failover faults', failovers.faults);
  const traffic = group('traffic', [trafficPolicies, backendTraffic, there, tlsFaults, failoverFaults], (own) =>
    attachPolicies(
      own,
      [...trafficPolicies, ...backendTraffic],
      there,
      trafficPolicyKind((key) => [...(tlsFaults.get(key) ?? []), ...(failoverFaults.get(key) ?? [])]),
    ),
  );
  const headers = table(
    'arrivalHeaders',
    group('arrival headers', [traffic, workloads, selected], () =>
      headerArrivals(traffic.policies, { workloads, selected }),
    ),
  );
  const bounds = table(
    'arrivalBounds',
    group('arrival bounds', [traffic, workloads, selected], () =>
      boundsOfArrivals(traffic.policies, { workloads, selected }),
    ),
  );
  const edgeBounds = group(
    'edge bounds',
    [traffic, gateways],
    () => new Map([...atListeners(withBounds(traffic.policies), gateways)].filter(([, row]) => saysBounds(row))),
  );
  const entering = group('edge arrivals', [traffic, gateways], () => arrivalsAtPorts(traffic.policies, gateways));
  const faults = group('faults', [objects.faults, there], (own) => attachPolicies(own, objects.faults, there, FAULTS));
  const limits = group('limits', [objects.rateLimits, there, mesh], (own) =>
    attachPolicies(own, objects.rateLimits, there, rateLimits(mesh)),
  );
  const arrivalLimits = table(
    'arrivalLimit',
    group('arrival limits', [limits, workloads, selected, mesh], (own) =>
      withoutOwnLimits(own, mesh, arrivals(limits.policies, { workloads, selected }), selected),
    ),
  );
  const ownPorts = group('own ports', [ownRows, subsets], () => [...ownRows.values(), ...subsets.rows]);
  const authentications = group(
    'authentications',
    [objects.authentications, there, workloads, selected, ownPorts, gateways, mesh],
    (own) =>
      assembleAuthentications(own, objects.authentications, {
        mesh,
        there,
        workloads,
        selected,
        services: ownPorts,
        gateways,
      }),
  );
  const { tokens, arrivalMtls } = authentications;
  const processors = group(
    'processors',
    [objects.extensions, objects.rateLimits, there, mesh, workloads, selected, gateways],
    (own) =>
      assembleProcessors(own, objects.extensions, {
        mesh,
        there,
        rateLimits: objects.rateLimits,
        workloads,
        selected,
        gateways,
      }),
  );
  const labels = group('labels', [objects.workloads], () => labelsOf(objects.workloads));
  const access = group(
    'access',
    [objects.accessPolicies, extensions, mesh, there, arrivalMtls, workloads, labels, selected],
    (own) =>
      assembleAccessPolicies(own, objects.accessPolicies, {
        extensions: extensions.rows,
        mesh,
        there,
        modes: arrivalMtls,
        workloads,
        labels,
        selected,
      }),
  );
  const byWorkload = table('accessPolicies', access.byWorkload);
  const edge = group('edge access', [objects.accessPolicies, there, gateways, mesh.trustDomain], (own) =>
    accessAtListeners(own, objects.accessPolicies, there, gateways, mesh.trustDomain),
  );
  // Where all is strict a workload without a sidecar is no endpoint whatever policies say, but one that ends TLS itself.
  const modes = [mesh.mtls, ...[...arrivalMtls.values()].map(({ mode }) => mode)];
  const lenient = backendTls.byPort.size > 0 || modes.some((mode) => mode !== 'strict');
  const guards = lenient ? { access: byWorkload, tokens } : NO_GUARDS;
  const ownTls = table('backendTls', backendTls.byPort);
  const behind = group(
    'endpoints',
    [mesh, ownPorts, selected, guards.access, guards.tokens, arrivalMtls, headers, ownTls, liveness],
    (own) =>
      assembleEndpoints(own, {
        mesh,
        services: ownPorts,
        selected,
        ...guards,
        modes: arrivalMtls,
        headers,
        ownTls,
        liveness,
      }),
  );
  const out = group('ways out', [external, serving, liveness, mesh.trustDomain], (own) =>
    waysOut(own, external.rows, serving, { liveness, trustDomain: mesh.trustDomain }),
  );
  const passed = assemblePassed(memory, gateways, {
    mesh,
    grants,
    services: ownRows,
    modes: authentications.portMtls,
    guests: exported.guests,
    routes: routes.listenerRoutes,
  });
  const catalog = table(
    'catalog',
    group('catalogs', [serviceRows], (own) => catalogs(own, serviceRows)),
  );
  const enginePatches = group('engine patches', [objects.enginePatches, there, objects.workloads], (own) =>
    assembleEnginePatches(own, objects.enginePatches, there, objects.workloads),
  );
  const visibilities = group('visibilities', [objects.visibilities, there, objects.workloads], (own) =>
    assembleVisibilities(own, objects.visibilities, there, objects.workloads),
  );
  const told = [objects.telemetries, objects.workloads, mesh];
  const asked = group('telemetries', told, (own) => assembleTelemetries(own, objects, mesh));
  return {
    view: {
      mesh: table('mesh', new Map([[ONLY, mesh]])),
      namespace: namespaceRows,
      service: serviceRows,
      workload: workloadRows,
      ownAddresses: table(
        'ownAddresses',
        group('own addresses', [workloadRows], (own) => ownAddresses(own, workloadRows)),
      ),
      guests: table('guests', guestsOf(memory, exported, selected)),
      catalog,
      accessLogs: table('accessLogs', asked.byWorkload),
      accessLog: table('accessLog', asked.logs),
      traceShare: table('traceShare', asked.shares),
      endpoints: table('endpoints', joined(behind.endpoints, out.endpoints)),
      identities: table('identities', joined(behind.identities, out.identities)),
      egress: table('egress', out.ports),
      direct: table('direct', behind.direct),
      unenforced: table('unenforced', behind.unenforced),
      balanced: table('balanced', behind.balanced),
      httpRules: table('httpRules', routes.httpRules),
      tcpRule: table('tcpRule', routes.tcpRule),
      gateway: table('gateway', gatewayRows),
      listenerRoutes: table('listenerRoutes', routes.listenerRoutes),
      listenerServices: table('listenerServices', passed),
      trafficPolicies: table('trafficPolicies', traffic.byTarget),
      faults: table('faults', faults.byTarget),
      rateLimits: table('rateLimits', limits.byTarget),
      rateLimit: table('rateLimit', new Map(limits.policies.map(({ row }) => [row.key, row]))),
      arrivalLimit: arrivalLimits,
      arrivalTokens: tokens,
      arrivalMtls,
      arrivalExposed: authentications.arrivalExposed,
      portMtls: authentications.portMtls,
      arrivalHeaders: headers,
      arrivalBounds: bounds,
      edgeBounds: table('edgeBounds', edgeBounds),
      arrivalProcessor: table('arrivalProcessor', processors.arriving),
      edgeProcessor: table('edgeProcessor', processors.entering),
      edgeHeaders: table('edgeHeaders', entering.headers),
      edgeForwarded: table('edgeForwarded', entering.forwarded),
      extension: extensionRows,
      externalAuth: table(
        'externalAuth',
        group('external auth', [routes], () => externalAuths(routes)),
      ),
      accessPolicies: byWorkload,
      edgeAccess: table('edgeAccess', edge),
      edgeTokens: authentications.edgeTokens,
      backendTls: ownTls,
      failover: table('failover', failovers.byPort),
      edgeLimit: table('edgeLimit', atListeners(limits.policies, gateways)),
      callerConditions: table(
        'callerConditions',
        group('caller conditions', [objects.routeFilters, objects.faults, trafficPolicies, objects.workloads], (own) =>
          assembleCallerConditions(own, objects.routeFilters, objects.faults, trafficPolicies, objects.workloads),
        ),
      ),
      consumers: table(
        'consumers',
        group('consumers', [trafficPolicies], (own) => assembleConsumers(own, trafficPolicies)),
      ),
      localityLabels: table(
        'localityLabels',
        group('locality labels', [askedOfLocality, objects.workloads], (own) =>
          assembleLocalityLabels(own, askedOfLocality, objects.workloads),
        ),
      ),
      visibilityOf: table('visibilityOf', visibilities.byTarget),
      visibility: table('visibility', visibilities.rows),
      enginePatches: table('enginePatches', enginePatches.byTarget),
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
      ...filters.statuses,
      ...routes.statuses,
      ...traffic.statuses,
      ...external.statuses,
      ...subsets.statuses,
      ...backendTls.statuses,
      ...faults.statuses,
      ...limits.statuses,
      ...authentications.statuses,
      ...extensions.statuses,
      ...processors.statuses,
      ...access.statuses,
      ...visibilities.statuses,
      ...asked.statuses,
      ...enginePatches.statuses,
    ],
    findings: [
      ...behind.findings,
      ...access.findings,
      ...visibilities.findings,
      ...asked.findings,
      ...processors.findings,
      ...entering.findings,
      ...group('limits without requests', [arrivalLimits, workloads], () => withoutRequests(arrivalLimits, workloads)),
      ...group('unreachable', [objects.services, routes], () => unreachable(objects.services, routes)),
    ],
  };
}

const namespaceEntry = (memory: Memory, namespace: Namespace): [string, NamespaceRow] => [
  namespace.metadata.name,
  memory.remember(`namespace ${namespace.metadata.name}`, [namespace], () => namespaceRow(namespace)),
];

function sameTables(a: MeshView, b: MeshView): boolean {
  const names = Object.keys(b) as (keyof MeshView)[];
  return names.every((name) => a[name] === b[name]);
}
