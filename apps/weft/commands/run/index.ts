/**
 * `weft run`: joins the mesh with a service, or with a proxy alone. Order of start: agent (identity, lease), data plane, first
 * configuration, child. Order of end: deregister and wait for the holders, drain inbound, TERM to the child, then everything else;
 * outbound stays open until the child has ended.
 */
import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { Agent, AgentError, type Membership } from '@weft/agent/agent';
import type { CallError } from '@weft/agent/control-plane';
import { Supervisor } from '@weft/agent/supervise';
import { identityOf } from '@weft/core/identity';
import type { NodeClaims } from '@weft/envoy/discovery';
import { checkSocketPath, controlSocket, dataFolder } from '../../cli/data-folder.ts';
import { systemMonotonicClock, systemWallClock } from '../../clocks.ts';
import { CommandError, EXIT_OK } from '../../errors.ts';
import { type Log, processLog } from '../../log.ts';
import { WEFT_VERSION } from '../../version.ts';
import { agentFolder, announce, forget } from './agent-folder.ts';
import { listeningPorts } from './admin-client.ts';
import { type DataPlane, type DataPlaneOptions, metadataOf } from './data-plane.ts';
import { childEnvironment } from './flags.ts';
import { serveMetrics } from './metrics-server.ts';
import { MissingUpstreams } from './missing-upstreams.ts';
import { planRun, type RunFlags, type RunPlan } from './plan.ts';
import { tokenVerifier } from './token-verifier.ts';
import { portInUse } from './ports.ts';

export const run = async (flags: RunFlags, command: readonly string[]): Promise<number> =>
  carryOut(await planRun(flags, command), flags);

/** A plan, from joining to the end. */
export async function carryOut(plan: RunPlan, flags: MembershipFlags): Promise<number> {
  const data = dataFolder(flags.data);
  const membership = readMembership(flags, data);
  const lasting = membership.kind === 'token';
  const folder = agentFolder(data, plan.namespace, plan.name, lasting);
  try {
    return await new Run(plan, membership, folder, processLog(`${plan.namespace}/${plan.name}`)).toTheEnd();
  } catch (error) {
    throw error instanceof AgentError ? new CommandError(error.message, `${error.remedy.replace(/\.$/, '')}.`) : error;
  } finally {
    forget(folder, lasting);
  }
}

/** A token when there is one or a control plane elsewhere is named; else the control plane on this host. */
export type MembershipFlags = Pick<RunFlags, 'data' | 'join' | 'controlPlane'>;

function readMembership({ join, controlPlane }: MembershipFlags, data: string): Membership {
  if (join === undefined && controlPlane === undefined) {
    const socket = controlSocket(data);
    if (!existsSync(socket)) {
      throw new CommandError(
        `no control plane runs on this host with the data folder ${data}`,
        'Start one with `weft up`, or join one elsewhere with --join TOKEN.',
      );
    }
    return { kind: 'local', socket };
  }
  return { kind: 'token', token: join === undefined ? undefined : readToken(join), controlPlane };
}

function readToken(text: string): string {
  if (!existsSync(text)) return text;
  return readFileSync(text, 'utf8').trim();
}

class Run {
  readonly #plan: RunPlan;
  readonly #agent: Agent;
  readonly #folder: string;
  readonly #log: Log;
  /** Failures that the log has. */
  readonly #told = new Set<string>();

  constructor(plan: RunPlan, membership: Membership, folder: string, log: Log) {
    this.#plan = plan;
    this.#folder = folder;
    this.#log = log;
    checkSocketPath(path.join(folder, 'agent.sock'));
    this.#agent = new Agent({
      folder,
      membership,
      namespace: plan.namespace,
      account: plan.account,
      workload: plan.workload,
      service: plan.service ? { name: plan.name } : undefined,
      probes: plan.probes,
      certificateFiles: true,
      verifyToken: tokenVerifier(systemWallClock),
      workloadApi: plan.workloadApi,
      clock: systemMonotonicClock,
      wall: systemWallClock,
      roll: Math.random,
      events: {
        registered: (name) => {
          this.#told.clear();
          log.info('registered', { workload: name });
        },
        disconnected: this.#once((error: CallError) =>
          log.warn(error.kind === 'try-later' ? 'the control plane cannot serve now' : 'the control plane is away', {
            reason: error.message,
          }),
        ),
        certificateFailed: this.#once((error: CallError) => log.warn('no certificate', { reason: error.message })),
        readiness: (port, ready) => log.info(ready ? 'port accepts' : 'port does not accept', { port }),
        rejected: (node, type, message) => log.warn('configuration was refused', { node, type, reason: message }),
        revoked: () => log.error('the registration was revoked'),
        problem: (message) => log.warn(message),
      },
    });
  }

  /** Retries fail alike for as long as the cause lasts: told when it is another than before, and after the workload was registered again. */
  #once(tell: (error: CallError) => void): (error: CallError) => void {
    return (error) => {
      if (this.#told.has(error.message)) return;
      this.#told.add(error.message);
      tell(error);
    };
  }

  async toTheEnd(): Promise<number> {
    const agent = this.#agent;
    const signals = new EndSignals();
    let plane: DataPlane | undefined;
    let stopMetrics = (): void => {};
    let missing: MissingUpstreams | undefined;
    try {
      const started = await Promise.race([agent.start(), signals.first]);
      if (started !== undefined) return started;
      this.#checkMesh();
      const made = await this.#dataPlane();
      plane = made;
      await made.start();
      const { metrics } = this.#plan;
      if (metrics !== undefined) stopMetrics = await serveMetrics(metrics, (open) => made.metrics(open));
      const ready = await Promise.race([this.#ready(plane), plane.failed, signals.first]);
      if (typeof ready === 'number') return ready;
      if (ready !== undefined) throw new CommandError(ready);
      this.#log.info('ready', { engine: this.#plan.engine, workload: agent.name ?? '' });
      missing = new MissingUpstreams(
        this.#plan.upstreams.map(({ service, localPort }) => ({ name: service, port: localPort })),
        () => listeningPorts(this.#admin()),
        this.#log,
        systemMonotonicClock,
      );
      const [file, ...args] = this.#plan.command;
      return file === undefined
        ? await this.#proxyAlone(plane, signals)
        : await this.#withChild(plane, signals, file, args);
    } finally {
      signals.close();
      missing?.stop();
      stopMetrics();
      await plane?.stop();
      await agent.stop();
    }
  }

  /** Certificates, a first configuration, and its listeners open. */
  async #ready(plane: DataPlane): Promise<void> {
    const slow = setTimeout(
      () => this.#log.warn('the first configuration is not there yet: `weft status` says more'),
      SLOW_START,
    );
    try {
      await this.#agent.ready;
      await plane.ready;
    } finally {
      clearTimeout(slow);
    }
  }

  #checkMesh(): void {
    const mesh = this.#agent.binding?.mesh;
    if (this.#plan.mesh !== undefined && mesh !== this.#plan.mesh) {
      throw new CommandError(
        `namespace ${this.#plan.namespace} is in mesh ${mesh ?? '?'}, not in ${this.#plan.mesh}`,
        'Choose another --namespace, or label the Namespace with weft.dev/mesh.',
      );
    }
  }

  #admin(): DataPlaneOptions['admin'] {
    return this.#plan.admin ?? { path: checkSocketPath(path.join(this.#folder, 'admin.sock')) };
  }

  async #dataPlane(): Promise<DataPlane> {
    const { engine, upstreams, httpProxyPort, namespace, name, gateway } = this.#plan;
    const concurrency = this.#plan.concurrency ?? this.#agent.concurrency;
    const admin = this.#admin();
    const version = engine === 'weft' ? WEFT_VERSION : '1.40.0';
    const metadata = metadataOf({ engine: { name: engine, version }, upstreams, httpProxyPort, gateway });
    const node: NodeClaims = {
      id: this.#agent.nodeId ?? '',
      cluster: name,
      metadata,
      locality: this.#plan.workload.locality,
      userAgent: engine,
      version,
      clientFeatures: [],
    };
    announce({
      pid: process.pid,
      namespace,
      name,
      workload: this.#agent.name ?? '',
      socket: this.#agent.socketPath,
      admin: 'path' in admin ? admin.path : `127.0.0.1:${admin.port}`,
      metadata,
      locality: this.#plan.workload.locality,
      folder: this.#folder,
    });
    const identity = this.#agent.binding;
    const self = {
      workload: this.#agent.name ?? '',
      namespace,
      app: name,
      version: this.#plan.workload.labels.get('version') ?? '',
      identity: identity === undefined ? '' : identityOf(identity.trustDomain, namespace, identity.account),
      service: `${name}.${namespace}`,
      gateway,
    };
    const options = { agent: this.#agent, node, self, folder: this.#folder, admin, log: this.#log, concurrency };
    return engine === 'weft'
      ? (await import('./weft-data-plane.ts')).weftDataPlane(options)
      : (await import('./envoy-data-plane.ts')).envoyDataPlane(options);
  }

  async #proxyAlone(plane: DataPlane, signals: EndSignals): Promise<number> {
    const ended = await Promise.race([plane.failed, signals.first]);
    if (typeof ended === 'string') throw new CommandError(ended);
    await Promise.race([this.#leave(plane), signals.second]);
    return EXIT_OK;
  }

  /** The child's exit code is ours. From here on the supervisor passes signals on; TERM and INT after the drain. */
  async #withChild(plane: DataPlane, signals: EndSignals, command: string, args: readonly string[]): Promise<number> {
    const { upstreams, httpProxyPort } = this.#plan;
    const child = new Supervisor({
      command,
      args,
      env: {
        ...process.env,
        ...childEnvironment(upstreams, httpProxyPort),
        SPIFFE_ENDPOINT_SOCKET: `unix://${this.#agent.socketPath}`,
      },
      signals: process,
      terminal: process.stdin.isTTY,
      onTerminate: () => this.#leave(plane),
    });
    for (const { port, protocol } of this.#plan.ports) {
      if (protocol !== 'udp' && (await portInUse(port, '127.0.0.1')))
        this.#log.warn('another program listens on the port of the service already and gets its requests', { port });
    }
    signals.close();
    child.start();
    const ended = await Promise.race([child.exit, plane.failed]);
    if (typeof ended === 'string') {
      await child.stop(CHILD_PATIENCE);
      throw new CommandError(ended);
    }
    if (ended.message !== undefined) process.stderr.write(`weft: ${ended.message}\n`);
    await this.#agent.drain();
    return ended.code;
  }

  /** Nobody sends us new work: others have let go of our endpoints, then open exchanges end. */
  async #leave(plane: DataPlane): Promise<void> {
    const told = await this.#agent.drain();
    await plane.drainInbound(this.#plan.drain, told);
  }
}

/** ms without a first configuration until the log says so. */
const SLOW_START = 5000;
/** ms that a child gets to end when its data plane failed. */
const CHILD_PATIENCE = 10_000;

/** TERM and INT while there is no child to get them: exit code 128 + signal; `second` is for whoever does not want to wait. */
class EndSignals {
  readonly first: Promise<number>;
  readonly second: Promise<void>;
  readonly #listeners: (readonly [NodeJS.Signals, () => void])[];

  constructor() {
    const first = Promise.withResolvers<number>();
    const second = Promise.withResolvers<void>();
    this.first = first.promise;
    this.second = second.promise;
    let count = 0;
    const listener = (code: number) => (): void => {
      count += 1;
      if (count === 1) first.resolve(code);
      else second.resolve();
    };
    this.#listeners = [
      ['SIGTERM', listener(143)],
      ['SIGINT', listener(130)],
    ];
    for (const [name, handle] of this.#listeners) process.on(name, handle);
  }

  close(): void {
    for (const [name, handle] of this.#listeners) process.off(name, handle);
  }
}
