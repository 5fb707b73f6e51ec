/**
 * The agent of one workload: joins, holds its certificates and its lease, relays its configuration. All parts are made here and nowhere
 * else, and each stops with it. The loss of the control plane disturbs none of them: what is held stays in use, what is missing is asked
 * for again. Private keys leave it only by `onSecret`, SDS on its own socket and, if wanted, one 0600 file.
 */
import {
  type Binding,
  type JoinResponse,
  OWN_SECRET,
  trustBundleName,
  type TrustBundleMessage,
} from '@weft/core/agent-api';
import { err, ok, type Result } from '@weft/core/kernel';
import { ADS_STREAM, LISTENER_TYPE, profileOf } from '@weft/envoy/discovery';
import { AdsCache, RelaySession, type Uplink } from '../ads-relay/index.ts';
import { Attach } from '../attach/index.ts';
import type { CallError } from '../control-plane/index.ts';
import { AgentError } from '../errors.ts';
import { AgentFolder } from '../folder/index.ts';
import { join, storeRegistration } from '../join/index.ts';
import { type AdsSession, LocalSocket } from '../local-socket/index.ts';
import { Readiness, tcpProbe } from '../readiness/index.ts';
import { type SecretListener, Secrets } from '../secrets/index.ts';
import { issueSvid, Renewal, type Svid } from '../svid/index.ts';
import { CertificateFiles } from '../workload-files/index.ts';
import { enter, type Member } from './membership.ts';
import { type AgentEvents, type AgentOptions, NO_EVENTS } from './options.ts';

const SOCKET_FILE = 'agent.sock';
const INSTANCE_FILE = 'instance';

/** A call's failure on its way through a promise. */
class CallFailed extends Error {
  readonly call: CallError;
  constructor(call: CallError) {
    super(call.message);
    this.call = call;
  }
}

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
  #joined: JoinResponse | undefined;
  #renewal: Renewal<Svid> | undefined;
  #attach: Attach | undefined;
  #readiness: Readiness | undefined;
  #socket: LocalSocket | undefined;
  #files: CertificateFiles | undefined;
  #notAfter = 0;
  #stopped = false;

  constructor(options: AgentOptions) {
    this.#options = options;
    this.#events = { ...NO_EVENTS, ...options.events };
    this.#folder = new AgentFolder(options.folder);
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
    this.#joined = member.stored?.response;
    if (this.#options.socket !== false) await this.#openSocket();
    const first = await Promise.race([this.#firstCertificate(member), this.#stopping.promise]);
    this.#startRenewal(member, first);
    this.#startAttach(member);
    this.#readiness = new Readiness(this.#options.probes, this.#options.clock, tcpProbe(), (port, ready) => {
      this.#events.readiness(port, ready);
      this.#attach?.setReadiness(port, ready);
    });
    this.#readiness.start();
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

  get binding(): Binding | undefined {
    return this.#joined?.binding;
  }

  /** Whether the control plane is there now. */
  get connected(): boolean {
    return this.#attach?.up ?? false;
  }

  /** End of the present certificate, ms since the epoch; 0 before the first. */
  get certificateNotAfter(): number {
    return this.#notAfter;
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
    this.#renewal?.stop();
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
      onSecretRejected: (message) => this.#events.rejected('', 'secrets', message),
    });
    await this.#socket.start();
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

  /** Waits for the control plane; rejects when it says no. */
  #firstCertificate(member: Member): Promise<Svid> {
    return new Promise((resolve, reject) => {
      const renewal = new Renewal<Svid>({
        ...this.#options,
        issue: () => this.#issue(member),
        onIssued: (svid) => {
          renewal.stop();
          resolve(svid);
        },
        onFailure: (error) => {
          const call: CallError =
            error instanceof CallFailed ? error.call : { kind: 'unreachable', message: String(error) };
          this.#events.certificateFailed(call);
          if (this.#stopped || call.kind === 'refused' || call.kind === 'malformed') {
            renewal.stop();
            reject(startError(call, member.address));
          }
        },
      });
      this.#renewal = renewal;
      renewal.start();
    });
  }

  #startRenewal(member: Member, first: Svid): void {
    let next: Svid | undefined = first;
    this.#renewal = new Renewal<Svid>({
      ...this.#options,
      issue: () => {
        const given = next;
        next = undefined;
        return given === undefined ? this.#issue(member) : Promise.resolve(given);
      },
      onIssued: (svid) => this.#use(member, svid),
      onFailure: (error) =>
        this.#events.certificateFailed(
          error instanceof CallFailed ? error.call : { kind: 'unreachable', message: String(error) },
        ),
    });
    this.#use(member, first);
    this.#renewal.start();
  }

  /** Joins first when that is still to do; on the local socket after every "no" too: its registrations are forgotten by a restart. */
  async #issue(member: Member): Promise<Svid> {
    const joined = await this.#join(member, false);
    if (!joined.ok) throw new CallFailed(joined.error);
    const issued = await issueSvid(member.controlPlane, member.key, joined.value.registration);
    if (issued.ok) return issued.value;
    if (issued.error.kind !== 'refused' || !member.controlPlane.local) throw new CallFailed(issued.error);
    const again = await this.#join(member, true);
    if (!again.ok) throw new CallFailed(again.error);
    const second = await issueSvid(member.controlPlane, member.key, again.value.registration);
    if (!second.ok) throw new CallFailed(second.error);
    return second.value;
  }

  async #join(member: Member, anew: boolean): Promise<Result<JoinResponse, CallError>> {
    if (this.#joined !== undefined && !anew) return ok(this.#joined);
    const response = await join(member.controlPlane, member.key, this.#options, member.token);
    if (!response.ok) return err(response.error);
    this.#joined = response.value;
    this.#store(response.value, member);
    return response;
  }

  #store(response: JoinResponse, member: Member): void {
    if (!member.controlPlane.local) storeRegistration(this.#folder, { response, controlPlane: member.address });
  }

  #use(member: Member, svid: Svid): void {
    this.#notAfter = svid.notAfter;
    member.controlPlane.setIdentity(svid);
    this.#bundle(member, svid.bundle);
    const { certificateChain, privateKey } = svid;
    this.#secrets.set(OWN_SECRET, { kind: 'certificate', certificateChain, privateKey });
    this.#events.certificate(svid.notAfter);
    this.#attach?.hurry();
  }

  #bundle(member: Member, bundle: TrustBundleMessage): void {
    this.#secrets.set(trustBundleName(bundle.trustDomain), { kind: 'roots', roots: bundle.roots });
    if (!member.controlPlane.local) member.controlPlane.setRoots(bundle.roots);
    if (this.#joined !== undefined && this.#joined.bundle.version !== bundle.version) {
      this.#joined = { ...this.#joined, bundle };
      this.#store(this.#joined, member);
    }
    this.#attach?.setBundle(bundle.version);
  }

  #startAttach(member: Member): void {
    const { namespace, workload, service, clock, roll } = this.#options;
    const registration = this.#joined?.registration ?? '';
    const attach = new Attach({
      clock,
      roll,
      facts: { registration, namespace, workload, service },
      instance: this.#instance(),
      prepare: async () => {
        // After an outage the certificate may have run out; the lease is asked for once there is a good one.
        this.#renewal?.hurry();
        if (!member.controlPlane.local) {
          const expired = this.#notAfter <= this.#options.wall.now();
          return expired
            ? { kind: 'try-later', message: 'the certificate has expired, a new one is asked for' }
            : undefined;
        }
        const joined = await this.#join(member, true);
        return joined.ok ? undefined : joined.error;
      },
      open: (handlers) => member.controlPlane.open('/weft.agent.v1.Agent/Attach', handlers),
      events: {
        registered: (name) => {
          if (!member.controlPlane.local) this.#folder.write(INSTANCE_FILE, name);
          this.#registered.resolve(name);
          this.#events.registered(name);
          for (const listener of this.#upListeners) listener();
        },
        bundle: (bundle) => this.#bundle(member, bundle),
        down: (error) => {
          this.#events.disconnected(error);
          if (error.kind === 'refused' || error.kind === 'malformed')
            this.#registered.reject(startError(error, member.address));
        },
        revoked: () => {
          this.#renewal?.stop();
          this.#events.revoked();
        },
      },
    });
    attach.setBundle(this.#joined?.bundle.version ?? '');
    this.#attach = attach;
    attach.start();
  }

  #instance(): string | undefined {
    const stored = this.#folder.read(INSTANCE_FILE);
    return stored !== undefined && stored.slice(0, -6) === this.#options.workload.name ? stored : undefined;
  }
}

function startError(error: CallError, address: string): AgentError {
  const where = address === '' ? 'the control plane on this host' : `the control plane at ${address}`;
  if (error.kind === 'refused')
    return new AgentError(
      'refused',
      `${where} refused this workload`,
      'Its log says why; a new token may be needed (`weft token create`)',
    );
  if (error.kind === 'malformed')
    return new AgentError(
      'answer-malformed',
      `${where} and this agent do not understand each other: ${error.message}`,
      'Use the same version of weft on both sides',
    );
  return new AgentError(
    'unreachable',
    `${where} cannot be reached: ${error.message}`,
    'Check that `weft up` runs there',
  );
}
