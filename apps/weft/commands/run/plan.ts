/** What a `weft run` will do, from its flags: who it is, what it registers, what it opens. Every fault of the flags at once. */
import path from 'node:path';
import type { ProbedPort } from '@weft/agent/readiness';
import type { WorkloadDescription } from '@weft/core/agent-api';
import { formatIp, isLoopback, parseDuration, parseIp } from '@weft/core/kernel';
import { checkSocketPath } from '../../cli/data-folder.ts';
import { type ListenAddress, parseHostPort } from '../../control-plane/addresses.ts';
import { MAX_CONCURRENCY, readConcurrency } from '../../engine/concurrency.ts';
import { CommandError, UsageError } from '../../errors.ts';
import {
  type Findings,
  isName,
  type PortFlag,
  readIdentityFlag,
  readLabelFlags,
  readReadinessFlag,
  readLocalityFlag,
  readPortFlags,
  readUpstreamFlags,
  type UpstreamFlag,
} from './flags.ts';
import { freePorts, unavailablePorts } from './ports.ts';

export interface RunFlags {
  readonly name: string;
  readonly namespace: string;
  readonly mesh?: string;
  readonly serviceAccount?: string;
  readonly version?: string;
  readonly label?: readonly string[];
  readonly locality?: string;
  readonly port?: readonly string[];
  readonly address: string;
  readonly upstream?: readonly string[];
  readonly httpProxy?: boolean;
  readonly engine: 'weft' | 'envoy';
  /** False with --no-service. */
  readonly service: boolean;
  readonly join?: string;
  readonly controlPlane?: string;
  readonly data?: string;
  readonly admin?: string;
  readonly metrics?: string;
  readonly readiness?: string;
  readonly drain: string;
  /** Absent: as the mesh says. */
  readonly concurrency?: string;
  readonly identity?: string;
}

export interface RunPlan {
  readonly name: string;
  readonly namespace: string;
  readonly mesh: string | undefined;
  readonly account: string;
  readonly engine: 'weft' | 'envoy';
  readonly workload: WorkloadDescription;
  readonly service: boolean;
  readonly ports: readonly PortFlag[];
  /** What is asked before a port counts as ready. */
  readonly probes: readonly ProbedPort[];
  readonly upstreams: readonly UpstreamFlag[];
  readonly httpProxyPort: number;
  /** It serves the Gateway of its name instead of a service. */
  readonly gateway: boolean;
  /** ms that open exchanges get at the end. */
  readonly drain: number;
  /** Threads that the engine serves on. */
  /** Undefined: as the mesh says. */
  readonly concurrency: number | undefined;
  /** Where the admin interface listens; undefined: a socket in the agent's folder. */
  readonly admin: { readonly port: number } | { readonly path: string } | undefined;
  /** Where a scraper reads the proxy's metrics; undefined: nowhere. */
  readonly metrics: ListenAddress | undefined;
  /** Path of somebody else's Workload API that certificates come from; undefined: from the control plane. */
  readonly workloadApi: string | undefined;
  /** CMD and its arguments; empty: a proxy alone. */
  readonly command: readonly string[];
}

export async function planRun(flags: RunFlags, command: readonly string[]): Promise<RunPlan> {
  const findings: Findings = [];
  const { name, namespace, version } = flags;
  const account = flags.serviceAccount ?? name;
  for (const [flag, value] of [
    ['--name', name],
    ['--namespace', namespace],
    ['--service-account', account],
  ] as const) {
    if (!isName(value))
      findings.push(`${flag}: '${value}' is not a name (lower-case letters, digits and -, at most 63)`);
  }
  if (name.length > 57) findings.push('--name: at most 57 characters, the workload appends six');
  const ports = readPortFlags(flags.port ?? [], findings);
  const upstreams = readUpstreamFlags(flags.upstream ?? [], namespace, findings);
  const readiness = readReadinessFlag(flags.readiness, ports, findings);
  const labels = readLabelFlags(flags.label ?? [], findings);
  const locality = readLocalityFlag(flags.locality, findings);
  const address = parseIp(flags.address);
  if (address === undefined) findings.push(`--address: '${flags.address}' is not an IP address`);
  const drain = parseDuration(flags.drain);
  if (drain === undefined) findings.push(`--drain: '${flags.drain}' is not a duration such as 10s`);
  const concurrency = flags.concurrency === undefined ? undefined : readConcurrency(flags.concurrency);
  if (flags.concurrency !== undefined && concurrency === undefined)
    findings.push(`--concurrency: '${flags.concurrency}' is not a number of threads up to ${MAX_CONCURRENCY}`);
  const workloadApi = readIdentityFlag(flags.identity, process.env.SPIFFE_ENDPOINT_SOCKET, findings);
  const admin = readAdmin(flags.admin, findings);
  const metrics = readMetrics(flags.metrics, findings);
  const adminPort = admin !== undefined && 'port' in admin ? admin.port : undefined;
  for (const { flag, localPort } of upstreams) {
    const own = ports.find(({ port }) => port === localPort);
    if (own !== undefined)
      findings.push(`${flag}: local port ${localPort} is the service's own (--port ${own.port}/${own.protocol})`);
    if (localPort === adminPort) findings.push(`${flag}: local port ${localPort} is the one of --admin`);
  }
  if (adminPort !== undefined && ports.some(({ port }) => port === adminPort))
    findings.push(`--admin: port ${adminPort} is the service's own (--port ${adminPort})`);
  if (findings.length > 0 || address === undefined)
    throw new UsageError(`run:\n${findings.map((finding) => `  ${finding}`).join('\n')}`);
  const taken = await unavailablePorts([
    ...upstreams.map(({ flag, localPort }) => ({ flag, port: localPort, hosts: ['127.0.0.1', '::1'] })),
    ...(metrics === undefined ? [] : [{ flag: '--metrics', port: metrics.port, hosts: [metrics.host] }]),
    ...(adminPort === undefined ? [] : [{ flag: `--admin ${adminPort}`, port: adminPort, hosts: ['127.0.0.1'] }]),
  ]);
  if (taken.length > 0) {
    const lines = taken.length === 1 ? taken.join('') : `\n${taken.map((line) => `  ${line}`).join('\n')}`;
    throw new CommandError(lines, 'Choose another port, or end what uses it.');
  }

  const proxyPorts = await freePorts(
    ports.length + (flags.httpProxy === true ? 1 : 0),
    isLoopback(address) ? formatIp(address) : '0.0.0.0',
  );
  return {
    name,
    namespace,
    mesh: flags.mesh,
    account,
    engine: flags.engine,
    workload: {
      name,
      labels: new Map(Object.entries({ app: name, ...(version === undefined ? {} : { version }), ...labels })),
      addresses: [{ ip: formatIp(address), network: '' }],
      ports: ports.map(({ name: portName, port, protocol }, index) => ({
        name: portName,
        port,
        protocol,
        // Datagrams go to the application itself.
        proxyPort: protocol === 'udp' ? undefined : proxyPorts[index],
      })),
      locality,
      ...(metrics === undefined ? {} : { metrics: { ip: metrics.host, port: metrics.port } }),
    },
    service: flags.service && ports.length > 0,
    ports,
    probes: ports
      .filter(({ protocol }) => protocol !== 'udp')
      .map(({ name: portName, port }) => ({ name: portName, port, get: readiness.get(portName) })),
    upstreams,
    gateway: false,
    httpProxyPort: flags.httpProxy === true ? (proxyPorts.at(-1) ?? 0) : 0,
    drain: drain ?? 0,
    concurrency,
    workloadApi,
    admin,
    metrics,
    command,
  };
}

/** A port of loopback, or an address with one; undefined when it was not said. */
function readMetrics(text: string | undefined, findings: Findings): RunPlan['metrics'] {
  if (text === undefined) return undefined;
  const address = parseHostPort(/^\d+$/.test(text) ? `127.0.0.1:${text}` : text.replace(/^localhost:/, '127.0.0.1:'));
  if (address === undefined || address.port === 0 || parseIp(address.host) === undefined) {
    findings.push(`--metrics: '${text}' is neither PORT (of 127.0.0.1) nor IP:PORT`);
    return undefined;
  }
  return address;
}

/** A port of loopback, or the path of a socket; undefined when it was not said. */
function readAdmin(text: string | undefined, findings: Findings): RunPlan['admin'] {
  if (text === undefined) return undefined;
  if (!/^\d+$/.test(text)) return { path: checkSocketPath(path.resolve(text)) };
  const port = Number(text);
  if (port < 1 || port > 65_535) findings.push(`--admin: '${text}' is not a port (1 to 65535) and no path`);
  return { port };
}
