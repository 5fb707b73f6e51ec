/** The endpoints of service ports: available workloads whose ports fit, and what is wrong with those that do not. */
import type { Diagnostic } from '../../kernel/index.ts';
import { accessDefault } from '../access-default.ts';
import { byName, portKey, workloadPortKey } from '../keys.ts';
import { isAvailable, type WorkloadLiveness } from '../liveness.ts';
import type { AuthenticationRow, MtlsRow } from '../policy-rows.ts';
import type { WorkloadAccessRow } from '../access-rows.ts';
import type {
  BalancedRow,
  EndpointRow,
  MeshRow,
  MtlsMode,
  ProxyHeadersRow,
  ServicePortRow,
  ServiceRow,
  UnenforcedRow,
  WorkloadPortRow,
  WorkloadRow,
} from '../rows.ts';
import type { Memory } from './memory.ts';
import { targetOf } from './selection.ts';

export interface EndpointsInput {
  readonly mesh: MeshRow;
  readonly services: readonly ServiceRow[];
  /** Workloads of each service. */
  readonly selected: ReadonlyMap<string, readonly WorkloadRow[]>;
  readonly access: ReadonlyMap<string, readonly WorkloadAccessRow[]>;
  /** By `workloadPortKey`. */
  readonly tokens: ReadonlyMap<string, AuthenticationRow>;
  /** By `workloadPortKey`; absent: the mesh's. */
  readonly modes: ReadonlyMap<string, MtlsRow>;
  /** By `workloadPortKey`. */
  readonly headers: ReadonlyMap<string, ProxyHeadersRow>;
  /** By port key: services that end TLS themselves, which callers reach also where mutual TLS is strict. */
  readonly ownTls: ReadonlyMap<string, unknown>;
  readonly liveness: WorkloadLiveness;
}

export interface Endpoints {
  readonly endpoints: ReadonlyMap<string, readonly EndpointRow[]>;
  readonly identities: ReadonlyMap<string, readonly string[]>;
  readonly direct: ReadonlyMap<string, readonly string[]>;
  readonly unenforced: ReadonlyMap<string, readonly UnenforcedRow[]>;
  readonly balanced: ReadonlyMap<string, readonly BalancedRow[]>;
  readonly findings: readonly Diagnostic[];
}

interface Found {
  readonly endpoints: readonly EndpointRow[];
  readonly identities: readonly string[];
  readonly direct: readonly string[];
  readonly unenforced: readonly UnenforcedRow[];
  readonly balanced: readonly BalancedRow[];
  readonly findings: readonly Diagnostic[];
}

export function assembleEndpoints(memory: Memory, input: EndpointsInput): Endpoints {
  const endpoints = new Map<string, readonly EndpointRow[]>();
  const identities = new Map<string, readonly string[]>();
  const direct = new Map<string, readonly string[]>();
  const unenforced = new Map<string, readonly UnenforcedRow[]>();
  const balanced = new Map<string, readonly BalancedRow[]>();
  const findings: Diagnostic[] = [];
  const put = <T>(
    table: Map<string, readonly T[]>,
    name: string,
    key: string,
    found: Found,
    list: readonly T[],
  ): void => {
    const kept = memory.remember(`${name} ${key}`, [found], () => list);
    if (kept.length > 0) table.set(key, kept);
  };
  for (const service of input.services) {
    const behind = input.selected.get(service.key) ?? [];
    const inputs = [
      input.mesh,
      ...behind,
      ...behind.map(({ key }) => input.liveness.get(key)),
      ...behind.map(({ key }) => input.access.get(key)),
      ...behind.flatMap(({ key, ports }) => ports.map(({ port }) => input.tokens.get(workloadPortKey(key, port)))),
      ...behind.flatMap(({ key, ports }) => ports.map(({ port }) => input.modes.get(workloadPortKey(key, port)))),
      ...behind.flatMap(({ key, ports }) => ports.map(({ port }) => input.headers.get(workloadPortKey(key, port)))),
    ];
    for (const port of service.ports) {
      const key = portKey(service.key, port.port);
      const endsTls = input.ownTls.has(key);
      const found = memory.remember(`behind ${key}`, [port, endsTls, ...inputs], () =>
        find(port, endsTls, behind, input),
      );
      put(endpoints, 'endpoints', key, found, found.endpoints);
      put(identities, 'identities', key, found, found.identities);
      put(direct, 'direct', key, found, found.direct);
      put(unenforced, 'unenforced', key, found, found.unenforced);
      put(balanced, 'balanced', key, found, found.balanced);
      findings.push(...found.findings);
    }
  }
  return { endpoints, identities, direct, unenforced, balanced, findings };
}

function find(
  port: ServicePortRow,
  endsTls: boolean,
  behind: readonly WorkloadRow[],
  { mesh, access, tokens, modes, headers, liveness }: EndpointsInput,
): Found {
  const endpoints: EndpointRow[] = [];
  const identities = new Set<string>();
  const direct: string[] = [];
  const unenforced: UnenforcedRow[] = [];
  const balanced: BalancedRow[] = [];
  const findings: Diagnostic[] = [];
  for (const workload of behind) {
    const target = targetOf(port, workload);
    if (target === undefined) {
      findings.push(nowhere(port, workload));
      continue;
    }
    if (clash(port, target)) findings.push(mismatch(port, workload, target));
    const at = workloadPortKey(workload.key, target.port);
    const taken = headers.get(at);
    const mode = modes.get(at)?.mode ?? mesh.mtls;
    const guarded =
      target.proxyPort === 0
        ? [
            ...(mode === 'strict' && !endsTls
              ? []
              : guards(mesh, workload, access.get(workload.key) ?? [], target.port, tokens.get(at))),
            ...(taken === undefined ? [] : [taken.source]),
          ]
        : [];
    if (target.proxyPort !== 0) identities.add(workload.identity);
    if (isDirect(mode, target)) direct.push(workload.key);
    unenforced.push(...guarded.map((source) => ({ source, workload: workload.key })));
    if (guarded.length > 0 || !isAvailable(liveness, workload.key, target.port)) continue;
    // Callers send no header: to them such a port is closed.
    if (taken === undefined) endpoints.push(endpointOf(workload, target, mode));
    else balanced.push({ endpoint: endpointOf(workload, target, mode), headers: taken });
  }
  return { endpoints, identities: [...identities].sort(byName), direct, unenforced, balanced, findings };
}

/** Sources of what would have to be enforced by the sidecar that a workload does not have. Where mutual TLS is strict it is left out in any case, unless it ends TLS itself. */
function guards(
  mesh: MeshRow,
  { namespace }: WorkloadRow,
  policies: readonly WorkloadAccessRow[],
  port: number,
  tokens: AuthenticationRow | undefined,
): string[] {
  const sources = policies
    .filter(({ action, ports }) => action !== 'AUDIT' && (ports === undefined || ports.includes(port)))
    .map(({ source }) => source);
  if (tokens !== undefined) sources.push(tokens.source);
  const { denies, source } = accessDefault(mesh, namespace);
  return denies ? [source, ...sources] : sources;
}

/** Whether callers hear the application itself, or cannot know whom they hear. */
const isDirect = (mtls: MtlsMode, { protocol, proxyPort }: WorkloadPortRow): boolean =>
  proxyPort === 0
    ? mtls !== 'strict'
    : mtls === 'disabled' || protocol === 'tcp' || protocol === 'udp' || protocol === 'auto';

const endpointOf = (workload: WorkloadRow, port: WorkloadPortRow, mtls: MtlsMode): EndpointRow => ({
  workload: workload.key,
  identity: workload.identity,
  app: workload.app,
  version: workload.version,
  locality: workload.locality,
  addresses: workload.addresses,
  port: port.proxyPort === 0 ? port.port : port.proxyPort,
  sidecar: port.proxyPort !== 0,
  mtls,
});

/** A sidecar translates between HTTP/1.1 and HTTP/2, but no application serves gRPC over HTTP/1.1; opaque TCP carries anything, and one that takes requests alone no detected opaque connections. */
const clash = ({ protocol: asked }: ServicePortRow, { protocol: spoken, proxyPort }: WorkloadPortRow): boolean =>
  (asked === 'udp') !== (spoken === 'udp') ||
  (spoken === 'http' && (asked === 'grpc' || (asked === 'http2' && proxyPort === 0))) ||
  (asked === 'auto' && proxyPort !== 0 && spoken !== 'auto' && spoken !== 'tcp') ||
  (asked === 'http' && proxyPort === 0 && (spoken === 'http2' || spoken === 'grpc'));

const finding = (port: ServicePortRow, code: string, message: string, remedy: string): Diagnostic => {
  const [object = '', path = ''] = port.source.split('#', 2);
  return { severity: 'warning', code, message, place: { object, path }, remedy };
};

function nowhere(port: ServicePortRow, { key, ports }: WorkloadRow): Diagnostic {
  const there = ports.map((candidate) => `${candidate.port} (${candidate.name})`).join(', ');
  const asked = port.target === undefined ? `named ${port.name}` : `${port.target}`;
  return finding(
    port,
    'no-workload-port',
    `Workload/${key} has no port ${asked}: it is no endpoint of ${port.port}`,
    there === '' ? 'give the workload a port' : `its ports are ${there}: set \`targetPort\``,
  );
}

const mismatch = (port: ServicePortRow, { key }: WorkloadRow, target: WorkloadPortRow): Diagnostic =>
  finding(
    port,
    'protocol-mismatch',
    `the service says ${port.protocol}, port ${target.port} of Workload/${key} says ${target.protocol}`,
    'make `appProtocol` and the workload’s protocol agree',
  );
