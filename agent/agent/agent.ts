/**
 * The agent of one workload: joins, holds its certificates and its lease, relays its configuration. All parts are made here and nowhere
 * else, and each stops with it. The loss of the control plane disturbs none of them: what is held stays in use, what is missing is asked
 * for again. Private keys leave it only by `onSecret`, SDS on its own socket and, if wanted, one 0600 file.
 */
import { randomBytes } from 'node:crypto';
import type { SelfIdentity } from '@weft/core/traffic';
import { ADS_STREAM, ENDPOINT_TYPE, LISTENER_TYPE, profileOf } from '@weft/envoy/discovery';
import { EngineLog, type ObservedProxy, ObserveUplink, SpanRelay } from '../observe/index.ts';
import {
  AGENT_METHODS,
  type Binding,
  SYSTEM_ROOTS,
  type TokenResponse,
  readTokenResponse,
  tokenRequestJson,
} from '@weft/core/agent-api';
import { identityOf } from '@weft/core/identity';
import { err, formatDiagnostic, type Result } from '@weft/core/kernel';
import { AdsCache, RelaySession, type Uplink } from '../ads-relay/index.ts';
import { Attach } from '../attach/index.ts';
import type { CallError } from '../control-plane/index.ts';
import { AgentError } from '../errors.ts';
import { AgentFolder } from '../folder/index.ts';
import { OpenPorts } from '../open-ports/index.ts';
import { type AdsSession, LocalSocket } from '../local-socket/index.ts';
import { loopbackProbe, Readiness } from '../readiness/index.ts';
import { type SecretListener, Secrets } from '../secrets/index.ts';
import { WorkloadApiClient } from '../workload-api/index.ts';
import { CertificateFiles } from '../workload-files/index.ts';
import { Identity } from './identity.ts';
import { enter, type Member } from './membership.ts';
import { type AgentEvents, type AgentOptions, NO_EVENTS } from './options.ts';
import { startError } from './start-error.ts';

const SOCKET_FILE = 'agent.sock';
const INSTANCE_FILE = 'instance';

export class Agent {
  readonly #options: AgentOptions;
  readonly #events: AgentEvents;
  readonly #folder: AgentFolder;
  readonly #secrets = new Secrets();
  readonly #cache: AdsCache;
  readonly #sessions = new Set<RelaySession>();
  readonly #upListeners = new Set<() => void>();
  readonly #firstConfiguration = Promise.withResolvers<void>();
  readonly #registered = Promise.withResolvers<string>();
  /** Only ever rejects. */
  readonly #stopping = Promise.withResolvers<never>();
  #member: Member | undefined;
  #identity: Identity | undefined;
  #attach: Attach | undefined;
  #readiness: Readiness | undefined;
  readonly #openPorts: OpenPorts;
  #socket: LocalSocket | undefined;
  #files: CertificateFiles | undefined;
  #foreign: WorkloadApiClient | undefined;
  #observe: ObserveUplink | undefined;
  readonly #spans: SpanRelay;
  #concurrency = 1;
  #engineLog: EngineLog | undefined;
  #stopped = false;

  constructor(options: AgentOptions) {
    this.#options = options;
    this.#events = { ...NO_EVENTS, ...options.events };
    this.#folder = new AgentFolder(options.folder);
    this.#spans = new SpanRelay(options.clock);
    this.#openPorts = new OpenPorts({
      clock: options.clock,
      ports: guarded(options.workload),
      onChange: (open) => this.#attach?.setOpenPorts(open),
    });
    this.#cache = new AdsCache(this.#folder, options.clock, (error) => this.#events.problem(`cache: ${String(error)}`));
    // Whoever does not wait for these is not to be ended by their rejection.
    this.#firstConfiguration.promise.catch(() => {});
    this.#registered.promise.catch(() => {});
    this.#stopping.promise.catch(() => {});
  }

  /**
   * Resolves when the agent has joined, holds a certificate and the lease. A control plane that is away is waited for; one that says no
   * rejects with AgentError, and everything is stopped then. Engines can be started at once: their configuration comes when it comes (or
   * from the cache).
   */
  async start(): Promise<void> {
    try {
      await this.#start();
    } catch (error) {
      await this.stop();
      throw error;
    }
  }

  async #start(): Promise<void> {
    const member = await enter(this.#options.membership, this.#folder);
    this.#member = member;
    if (this.#options.socket !== false) await this.#openSocket();
    const identity = new Identity({
      agent: this.#options,
      member,
      folder: this.#folder,
      secrets: this.#secrets,
      ownCertificate: this.#options.workloadApi === undefined,
      events: this.#events,
      onBundle: (version) => this.#attach?.setBundle(version),
      onCertificate: () => this.#attach?.hurry(),
    });
    this.#identity = identity;
    await Promise.race([identity.start(), this.#stopping.promise]);
    this.#startWorkloadApi();
    this.#startAttach(member, identity);
    // Whether datagrams are taken, nobody can tell from outside.
    for (const { name, protocol } of this.#options.workload.ports)
      if (protocol === 'udp') this.#attach?.setReadiness(name, true);
    this.#readiness = new Readiness(this.#options.probes, this.#options.clock, loopbackProbe(), (port, ready) => {
      this.#events.readiness(port, ready);
      this.#attach?.setReadiness(port, ready);
      this.#openPorts.soon();
    });
    this.#readiness.start();
    this.#openPorts.start();
    await this.#registered.promise;
  }

  /** Certificates, and a first configuration that an engine accepted. */
  get ready(): Promise<void> {
    return this.#firstConfiguration.promise;
  }

  /** Name of the Workload; undefined before it is registered. */
  get name(): string | undefined {
    return this.#attach?.name;
  }

  /** The xDS node id, `namespace/name`. */
  get nodeId(): string | undefined {
    return this.name === undefined ? undefined : `${this.#options.namespace}/${this.name}`;
  }

  /** Threads that its proxy serves on unless it was told otherwise; 1 before it is registered. */
  get concurrency(): number {
    return this.#concurrency;
  }

  get binding(): Binding | undefined {
    return this.#identity?.joined?.binding;
  }

  /** Whether the control plane is there now. */
  get connected(): boolean {
    return this.#attach?.up ?? false;
  }

  /** End of the present certificate, ms since the epoch; 0 before the first. */
  get certificateNotAfter(): number {
    return this.#identity?.notAfter ?? 0;
  }

  /** Of engines outside this process. */
  get socketPath(): string {
    return this.#folder.file(SOCKET_FILE);
  }

  /** An ADS stream for an engine in this process: the same bytes as on the socket. */
  openAds(onResponse: (response: Uint8Array) => void, onRefused: (message: string) => void = () => {}): AdsSession {
    const session = new RelaySession(
      {
        clock: this.#options.clock,
        roll: this.#options.roll,
        uplink: this.#uplink(),
        cache: this.#cache,
        secrets: this.#secrets,
        events: {
          identified: (node) => {
            if (profileOf(node).engine === 'grpc') this.#writeFiles();
          },
          accepted: (node, typeUrl, version, cached) => {
            this.#events.accepted(node, typeUrl, version, cached);
            if (typeUrl === LISTENER_TYPE) this.#firstConfiguration.resolve();
          },
          rejected: this.#events.rejected,
          upstreamLost: (node, error) => {
            if (error.kind === 'refused') this.#events.problem(`the control plane refused node ${node}`);
          },
        },
      },
      { respond: onResponse, refuse: onRefused },
    );
    this.#sessions.add(session);
    return {
      send: (request) => session.receive(request),
      close: () => {
        session.close();
        this.#sessions.delete(session);
      },
    };
  }

  /** Secrets for an engine in this process: those there are, then each change. */
  onSecret(listener: SecretListener): { close(): void } {
    return this.#secrets.subscribe(listener);
  }

  /** An engine in this process asks for secrets of these names: those that are read late are read now. */
  askSecrets(names: readonly string[]): void {
    if (names.includes(SYSTEM_ROOTS)) this.#secrets.openSystemRoots();
  }

  /** Tells the control plane what `proxy` counts, and shows exchanges of it when it is asked to, from now until the agent stops. After `start`. */
  observe(proxy: ObservedProxy): void {
    const member = this.#member;
    if (member === undefined) throw new TypeError('the agent was not started');
    const { namespace, workload, clock, roll } = this.#options;
    const version = workload.labels.get('version') ?? '';
    const observe = new ObserveUplink({
      clock,
      roll,
      epoch: randomBytes(8).toString('hex'),
      proxy,
      hello: () => ({ namespace, name: this.name ?? '', app: workload.labels.get('app') ?? workload.name, version }),
      up: () => this.connected,
      open: (handlers) => member.controlPlane.open(AGENT_METHODS.observe, handlers),
    });
    this.#observe = observe;
    this.#spans.start((spans, missed) => observe.spans(spans, missed));
    this.#upListeners.add(() => observe.cameUp());
    observe.start();
  }

  /** As `observe`, for an engine outside this process that logs to the agent's socket: what it logs is counted here. `self`: whom it stands for. */
  observeEngine(self: SelfIdentity): EngineLog {
    const log = new EngineLog({
      clock: this.#options.clock,
      self,
      endpoints: (cluster) => this.#cache.resource(ENDPOINT_TYPE, cluster),
    });
    this.#engineLog = log;
    this.observe(log);
    return log;
  }

  /** Takes the workload out of every proxy's endpoints: true when all of them have let go, false after 5 s or without a control plane. */
  async drain(): Promise<boolean> {
    this.#readiness?.stop();
    return (await this.#attach?.deregister()) ?? false;
  }

  async stop(): Promise<void> {
    if (this.#stopped) return;
    this.#stopped = true;
    const gone = new AgentError('stopped', 'the agent was stopped', 'Start it again');
    this.#firstConfiguration.reject(gone);
    this.#registered.reject(gone);
    this.#stopping.reject(gone);
    this.#readiness?.stop();
    this.#openPorts.stop();
    // The lease still holds; without it nobody would take them.
    this.#spans.stop();
    if (this.#observe !== undefined) await this.#observe.stop();
    this.#identity?.stop();
    this.#foreign?.stop();
    this.#attach?.stop();
    for (const session of this.#sessions) session.close();
    this.#socket?.stop();
    this.#cache.flush();
    this.#secrets.clear();
    this.#files?.removeKey();
    this.#member?.controlPlane.close();
    await Promise.resolve();
  }

  /** A gRPC client reads them when its first cluster with TLS arrives, hence after its first request. */
  #writeFiles(): void {
    if (this.#options.certificateFiles !== true || this.#files !== undefined) return;
    this.#files = new CertificateFiles(this.#folder);
    this.#secrets.subscribe(this.#files.listener);
  }

  async #openSocket(): Promise<void> {
    this.#socket = new LocalSocket({
      path: this.socketPath,
      secrets: this.#secrets,
      openAds: (respond, refuse) => this.openAds(respond, refuse),
      openLog: () => this.#engineLog?.open(),
      takeSpans: (message) => this.#spans.take(message),
      onSecretRejected: (message) => this.#events.rejected('', 'secrets', message),
      workloadApi: {
        spiffeId: () => this.#spiffeId(),
        issueToken: (audience) => this.#issueToken(audience),
        now: () => this.#options.wall.now(),
        verify: this.#options.verifyToken,
      },
    });
    await this.#socket.start();
  }

  #spiffeId(): string | undefined {
    const binding = this.binding;
    return binding && identityOf(binding.trustDomain, binding.namespace, binding.account);
  }

  async #issueToken(audience: readonly string[]): Promise<Result<TokenResponse, CallError>> {
    const registration = this.#identity?.joined?.registration;
    if (this.#member === undefined || registration === undefined)
      return err({ kind: 'unreachable', message: 'this workload has not joined yet' });
    const request = tokenRequestJson({ registration, audience });
    const answer = await this.#member.controlPlane.callIdentified(AGENT_METHODS.token, request);
    if (!answer.ok) return answer;
    const response = readTokenResponse(answer.value);
    return response.ok
      ? response
      : err({ kind: 'malformed', message: response.error.map(formatDiagnostic).join('; ') });
  }

  /** Whose certificate comes from somebody else's Workload API gets it once it is known who it is. */
  #startWorkloadApi(): void {
    const socket = this.#options.workloadApi;
    const spiffeId = this.#spiffeId();
    if (socket === undefined || spiffeId === undefined) return;
    this.#foreign = new WorkloadApiClient({
      socket,
      spiffeId,
      clock: this.#options.clock,
      roll: this.#options.roll,
      onSvid: ({ certificateChain, privateKey, roots }, federated) =>
        this.#secrets.setForeign({ certificateChain, privateKey }, this.binding?.trustDomain ?? '', roots, federated),
      onProblem: (problem) => this.#events.problem(problem),
    });
    this.#foreign.start();
  }

  #uplink(): Uplink {
    const attach = () => this.#attach;
    return {
      get up() {
        return attach()?.up ?? false;
      },
      onUp: (listener) => {
        this.#upListeners.add(listener);
        return { close: () => void this.#upListeners.delete(listener) };
      },
      openAds: (handlers) => {
        if (this.#member === undefined) throw new TypeError('the agent was not started');
        return this.#member.controlPlane.open(ADS_STREAM, handlers);
      },
    };
  }

  #startAttach(member: Member, identity: Identity): void {
    const { namespace, workload, service, clock, roll } = this.#options;
    const registration = identity.joined?.registration ?? '';
    const attach = new Attach({
      clock,
      roll,
      facts: { registration, namespace, workload, service },
      instance: this.#instance(),
      certificateEnds: () => (identity.notAfter > 0 ? identity.notAfter : undefined),
      prepare: async () => {
        // After an outage the certificate may have run out; the lease is asked for once there is a good one.
        identity.hurry();
        if (!member.controlPlane.local) {
          const expired = identity.notAfter <= this.#options.wall.now();
          return expired
            ? { kind: 'try-later', message: 'the certificate has expired, a new one is asked for' }
            : undefined;
        }
        return identity.rejoin();
      },
      open: (handlers) => member.controlPlane.open(AGENT_METHODS.attach, handlers),
      events: {
        registered: (name, concurrency) => {
          this.#concurrency = concurrency;
          if (!member.controlPlane.local) this.#folder.write(INSTANCE_FILE, name);
          this.#registered.resolve(name);
          this.#events.registered(name);
          for (const listener of this.#upListeners) listener();
        },
        bundle: (bundle) => identity.useBundle(bundle),
        material: (material) => this.#secrets.setMaterial(material),
        renew: (within) => identity.renew(within),
        down: (error) => {
          this.#events.disconnected(error);
          if (error.kind === 'refused' || error.kind === 'malformed')
            this.#registered.reject(startError(error, member.address));
        },
        revoked: () => {
          identity.stop();
          this.#events.revoked();
        },
      },
    });
    attach.setBundle(identity.joined?.bundle.version ?? '');
    this.#attach = attach;
    attach.start();
  }

  #instance(): string | undefined {
    const stored = this.#folder.read(INSTANCE_FILE);
    return stored !== undefined && stored.slice(0, -6) === this.#options.workload.name ? stored : undefined;
  }
}

/** Ports that are to be called by the proxy alone. What another proxy port has as its number, the proxy itself listens on. */
function guarded({ ports }: AgentOptions['workload']): Set<number> {
  const own = new Set(ports.map(({ proxyPort }) => proxyPort));
  return new Set(
    ports.filter(({ port, proxyPort }) => proxyPort !== undefined && !own.has(port)).map(({ port }) => port),
  );
}
