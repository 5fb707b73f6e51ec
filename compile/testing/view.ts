/** Small views for tests, made by hand. */
import { parseIp } from '@weft/core/kernel';
import {
  EMPTY_VIEW,
  type EndpointRow,
  type MeshRow,
  type MeshView,
  type Protocol,
  type Proxy,
  type ServiceRow,
  type WorkloadRow,
} from '@weft/core/mesh-view';

export const meshRow = (changes: Partial<MeshRow> = {}): MeshRow => ({
  name: 'default',
  trustDomain: 'weft.local',
  mtls: 'strict',
  access: 'allow',
  accessIn: {},
  egress: 'deny',
  defaults: {},
  limiter: undefined,
  tracing: undefined,
  metrics: undefined,
  accessLogs: [],
  federated: [],
  source: 'Mesh/default',
  ...changes,
});

export const serviceRow = (key: string, port = 80, protocol: Protocol = 'http'): ServiceRow => {
  const [namespace = '', name = ''] = key.split('/');
  const source = `Service/${key}`;
  return {
    key,
    namespace,
    name,
    ports: [{ name: protocol, port, protocol, target: undefined, source: `${source}#spec.ports[0]` }],
    addresses: [],
    source,
  };
};

const LOCALITY = { region: '', zone: '', subZone: '' };
const loopback = parseIp('127.0.0.1') ?? { family: 4, bytes: [127, 0, 0, 1] };

export const workloadRow = (key: string, port = 8080, proxyPort = 15_000, protocol: Protocol = 'http'): WorkloadRow => {
  const [namespace = '', name = ''] = key.split('/');
  const app = name.split('-')[0] ?? name;
  return {
    key,
    namespace,
    name,
    addresses: [{ ip: loopback, network: '' }],
    ports: [{ name: protocol, port, protocol, proxyPort }],
    identity: `spiffe://weft.local/ns/${namespace}/sa/${app}`,
    app,
    version: 'v1',
    locality: LOCALITY,
    source: `Workload/${key}`,
  };
};

export const endpointRow = (workload: WorkloadRow): EndpointRow => ({
  workload: workload.key,
  identity: workload.identity,
  app: workload.app,
  version: workload.version,
  locality: workload.locality,
  addresses: workload.addresses,
  port: workload.ports[0]?.proxyPort ?? 0,
  sidecar: true,
  mtls: 'strict',
});

/** A mesh of services, each with its workloads behind its first port. */
export function viewOf(
  services: readonly (readonly [ServiceRow, readonly WorkloadRow[]])[],
  mesh: MeshRow = meshRow(),
): MeshView {
  const behind = services.map(
    ([service, workloads]) => [`${service.key}/${service.ports[0]?.port ?? 0}`, workloads] as const,
  );
  return {
    ...EMPTY_VIEW,
    mesh: new Map([['', mesh]]),
    service: new Map(services.map(([service]) => [service.key, service])),
    catalog: new Map([['', services.map(([service]) => service.key).sort()]]),
    workload: new Map(services.flatMap(([, workloads]) => workloads.map((workload) => [workload.key, workload]))),
    endpoints: new Map(
      behind.map(([key, workloads]) => [
        key,
        workloads.map((workload) => ({ ...endpointRow(workload), mtls: mesh.mtls })),
      ]),
    ),
    identities: new Map(
      behind.map(([key, workloads]) => [key, [...new Set(workloads.map((workload) => workload.identity))].sort()]),
    ),
  };
}

export const sidecar = (workload: string, changes: Partial<Proxy> = {}): Proxy => ({
  id: workload,
  role: 'sidecar',
  engine: { name: 'weft', version: '0.1.0', features: [] },
  mesh: 'default',
  workloads: [workload],
  network: '',
  locality: LOCALITY,
  upstreams: [],
  httpProxyPort: 0,
  gateway: '',
  ...changes,
});
