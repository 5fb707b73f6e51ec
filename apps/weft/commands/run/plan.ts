/** What a `weft run` will do, from its flags: who it is, what it registers, what it opens. Every fault of the flags at once. */
import net from 'node:net';
import type { WorkloadDescription } from '@weft/core/agent-api';
import { formatIp, isLoopback, parseDuration, parseIp } from '@weft/core/kernel';
import { UsageError } from '../../errors.ts';
import {
  type Findings,
  isName,
  type PortFlag,
  readLabelFlags,
  readPortFlags,
  readUpstreamFlags,
  type UpstreamFlag,
} from './flags.ts';

export interface RunFlags {
  readonly name: string;
  readonly namespace: string;
  readonly mesh?: string;
  readonly serviceAccount?: string;
  readonly version?: string;
  readonly label?: readonly string[];
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
  readonly drain: string;
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
  readonly upstreams: readonly UpstreamFlag[];
  readonly httpProxyPort: number;
  /** ms that open exchanges get at the end. */
  readonly drain: number;
  /** Where the admin interface listens; undefined: a socket in the agent's folder. */
  readonly admin: { readonly port: number } | { readonly path: string } | undefined;
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
  const labels = readLabelFlags(flags.label ?? [], findings);
  const address = parseIp(flags.address);
  if (address === undefined) findings.push(`--address: '${flags.address}' is not an IP address`);
  const drain = parseDuration(flags.drain);
  if (drain === undefined) findings.push(`--drain: '${flags.drain}' is not a duration such as 10s`);
  for (const { localPort } of upstreams) {
    if (ports.some(({ port }) => port === localPort))
      findings.push(`--upstream: local port ${localPort} is a --port of the service itself`);
  }
  if (findings.length > 0 || address === undefined)
    throw new UsageError(`run:\n${findings.map((finding) => `  ${finding}`).join('\n')}`);

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
        proxyPort: proxyPorts[index],
      })),
      locality: { region: '', zone: '', subZone: '' },
    },
    service: flags.service && ports.length > 0,
    ports,
    upstreams,
    httpProxyPort: flags.httpProxy === true ? (proxyPorts.at(-1) ?? 0) : 0,
    drain: drain ?? 0,
    admin:
      flags.admin === undefined
        ? undefined
        : /^\d+$/.test(flags.admin)
          ? { port: Number(flags.admin) }
          : { path: flags.admin },
    command,
  };
}

/** Ports that nobody listens on now, each once. */
async function freePorts(count: number, host: string): Promise<number[]> {
  const servers = await Promise.all(
    Array.from(
      { length: count },
      () =>
        new Promise<net.Server>((resolve, reject) => {
          const server = net.createServer().once('error', reject);
          server.listen({ port: 0, host }, () => resolve(server));
        }),
    ),
  );
  const ports = servers.map((server) => {
    const address = server.address();
    return typeof address === 'object' && address !== null ? address.port : 0;
  });
  await Promise.all(servers.map((server) => new Promise((resolve) => server.close(resolve))));
  return ports;
}
