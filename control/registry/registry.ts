/**
 * The registry of running workloads: an agent's Attach stream makes its Workload object (and the Service it asks for), feeds the view's
 * liveness, and takes the object away when it leaves. Who may hold which Workload is decided here by registration; the times are
 * `leases.ts`. Readiness and heartbeats never touch the store.
 */
import { createHash, randomInt } from 'node:crypto';
import {
  type AttachDown,
  type GatewayMaterial,
  type Hello,
  LIMITS,
  type OpenPort,
  type TrustBundleMessage,
} from '@weft/core/agent-api';
import { err, type MonotonicClock, ok, type Result } from '@weft/core/kernel';
import { objectKey, type WorkloadLiveness } from '@weft/core/mesh-view';
import { defaultThreads, GATEWAY_NAME_LABEL, MESH, type MeshSpec, type StoredObject } from '@weft/core/resources';
import type { Resources } from '../api/index.ts';
import type { Registration, RefusalReason } from '../authority/index.ts';
import { LEASE_TIMES, type LeaseTimes, Leases } from './leases.ts';
import {
  leaseOf,
  serviceDocument,
  serviceTarget,
  withdrawnDocument,
  workloadDocument,
  workloadTarget,
} from './objects.ts';

/** Port: whoever hands endpoints to proxies. */
export interface EndpointHolders {
  /**
   * True as soon as every stream that had endpoints of `workload` (`namespace/name`, which drains now) has acknowledged that they are
   * gone; false after `timeoutMs`.
   */
  withdrawn(workload: string, timeoutMs: number): Promise<boolean>;
}

export interface RegistryOptions {
  readonly resources: Resources;
  readonly holders: EndpointHolders;
  readonly clock: MonotonicClock;
  readonly times?: LeaseTimes | undefined;
  /** What went wrong beside a stream (a Service that could not be made, a Workload that could not be deleted), for the log. */
  readonly onProblem?: (workload: string, problem: string) => void;
}

export type AttachFailure = RefusalReason;

/** The control plane's end of one Attach stream. */
export interface Attachment {
  /** Key of the Workload, `namespace/name`. */
  readonly workload: string;
  readonly name: string;
  /** Threads that its proxy serves on unless it was told otherwise. */
  readonly concurrency: number;
}

interface Holder {
  readonly registration: Registration;
  /** Key of the Gateway that it serves: of its own namespace, with the name of its account. */
  readonly gateway?: string | undefined;
  readonly send: (message: AttachDown) => void;
  /** Ends the stream from our side. */
  readonly close: () => void;
  /** What its agent told last. */
  open?: readonly OpenPort[];
}

/** ms that a leaving workload waits for proxies to let go of it. */
const WITHDRAWAL_TIMEOUT = 5000;
/** Workloads of one registration, those included whose stream was lost and whose lease still runs: each is an object in the store. */
const MAX_WORKLOADS = 100;
const ALPHABET = 'bcdfghjklmnpqrstvwxz2456789';
const AUTHOR = 'controller:registry';
/** Bytes of a message beside what it carries. */
const MESSAGE_HEAD = 1024;

export class Registry {
  readonly #options: RegistryOptions;
  readonly #leases: Leases;
  readonly #holders = new Map<string, Holder>();
  readonly #listeners = new Set<(workload: string) => void>();
  /** Registration by workload, from its first stream to its deletion. */
  readonly #owners = new Map<string, string>();
  /** Workloads whose object says, or may be about to say, that they were withdrawn. */
  readonly #noted = new Set<string>();
  /** Version of the trust bundle that its proxy uses, by workload; kept while its stream is lost, since the proxy goes on. */
  readonly #bundles = new Map<string, string>();
  /** Hash of what a gateway's process was sent last, by workload. */
  readonly #sent = new Map<string, string>();
  #material: (gateway: string) => GatewayMaterial | undefined = () => undefined;
  /** Hellos under way, by registration. */
  readonly #arriving = new Map<string, number>();

  constructor(options: RegistryOptions) {
    this.#options = options;
    const events = {
      changed: (workload: string) => {
        for (const listener of this.#listeners) listener(workload);
      },
      withdrawn: (workload: string) => {
        this.#noted.add(workload);
        void this.#noteWithdrawal(workload);
      },
      expired: (workload: string) => void this.#delete(workload),
    };
    this.#leases = new Leases(options.clock, events, options.times ?? LEASE_TIMES);
  }

  /** Takes up the leases of before a restart. The store must have been started. */
  async start(): Promise<void> {
    const listed = await this.#options.resources.store.list({ group: 'weft.dev', kind: 'Workload' });
    if (!listed.ok) return;
    for (const object of listed.value.items) {
      const lease = leaseOf(object);
      const { namespace, name } = object.metadata;
      if (lease === undefined) continue;
      const workload = objectKey(namespace, name);
      this.#leases.restore(workload, objectKey(namespace, lease.name), lease.withdrawn);
      if (lease.withdrawn) this.#noted.add(workload);
      this.#owners.set(objectKey(namespace, name), lease.registration);
    }
  }

  /** Ends every stream; Workloads stay in the store and their leases begin anew at the next start. */
  stop(): void {
    for (const holder of this.#holders.values()) holder.close();
    this.#holders.clear();
    this.#leases.stop();
  }

  liveness(): WorkloadLiveness {
    return this.#leases.liveness();
  }

  /** Calls `listener` with the key of each workload whose liveness changed. */
  onLiveness(listener: (workload: string) => void): { close(): void } {
    this.#listeners.add(listener);
    return { close: () => void this.#listeners.delete(listener) };
  }

  /** The registration that holds the workload `namespace/name` by an open stream. */
  holderOf(workload: string): Registration | undefined {
    return this.#holders.get(workload)?.registration;
  }

  /** Makes or takes up the Workload of `hello` for `registration`. A stream that held it before is closed: the newest one counts. */
  async attach(
    hello: Hello,
    registration: Registration,
    stream: Pick<Holder, 'send' | 'close'>,
  ): Promise<Result<Attachment, AttachFailure>> {
    if (hello.registration !== registration.id) return err('registration-foreign');
    if (hello.namespace !== registration.binding.namespace) return err('workload-foreign');
    if (this.#full(hello, registration.id)) return err('rate-limited');
    this.#arriving.set(registration.id, (this.#arriving.get(registration.id) ?? 0) + 1);
    const object = await this.#workload(hello, registration).finally(() => this.#arrived(registration.id));
    if (!object.ok) return object;
    const { name } = object.value.metadata;
    const workload = objectKey(hello.namespace, name);
    this.#owners.set(workload, registration.id);
    this.#holders.get(workload)?.close();
    const { account } = registration.binding;
    const gateway =
      hello.workload.labels.get(GATEWAY_NAME_LABEL) === account ? objectKey(hello.namespace, account) : undefined;
    this.#holders.set(workload, { registration, gateway, ...stream });
    const ports = new Map(hello.workload.ports.map((port) => [port.name, port.port]));
    this.#leases.attach(workload, objectKey(hello.namespace, hello.workload.name), ports, hello.readiness);
    if (this.#noted.delete(workload)) await this.#noteWithdrawal(workload);
    await this.#service(hello, workload);
    return ok({ workload, name, concurrency: await this.#threads(registration.binding, gateway !== undefined) });
  }

  async #threads({ mesh, namespace }: Registration['binding'], gateway: boolean): Promise<number> {
    const target = { kind: MESH, version: MESH.versions[0], namespace: '', name: mesh };
    const found = await this.#options.resources.get(target);
    return found.ok ? defaultThreads(found.value.spec as MeshSpec, namespace, gateway) : 1;
  }

  readiness(workload: string, ports: ReadonlyMap<string, boolean>): void {
    this.#leases.readiness(workload, ports);
  }

  openPorts(workload: string, ports: readonly OpenPort[]): void {
    const holder = this.#holders.get(workload);
    if (holder !== undefined) holder.open = ports;
  }

  /** Its application's ports that are open beside its proxy, as the agent told on the stream that it has now. */
  openPortsOf(workload: string): readonly OpenPort[] {
    return this.#holders.get(workload)?.open ?? [];
  }

  /**
   * Takes it out of everybody's endpoints and waits until they have let go; false: not all said so in time. Its Workload stays until its
   * stream ends: the proxy beside it is needed until its application has ended.
   */
  deregister(workload: string): Promise<boolean> {
    this.#leases.drain(workload);
    return this.#options.holders.withdrawn(workload, WITHDRAWAL_TIMEOUT);
  }

  /**
   * The stream that `close` belongs to is gone: the workload with it if it had said that it leaves, else it may come back. False, and
   * nothing changed, when a newer stream had replaced it.
   */
  lost(workload: string, close: () => void): boolean {
    if (this.#holders.get(workload)?.close !== close) return false;
    this.#holders.delete(workload);
    this.#sent.delete(workload);
    if (this.#leases.draining(workload)) {
      this.#leases.release(workload);
      void this.#delete(workload);
    } else this.#leases.lost(workload);
    return true;
  }

  /** Ends all streams of a registration that was revoked, and takes its workloads away. */
  async revoke(registration: string): Promise<void> {
    for (const [workload, holder] of this.#holders) {
      if (holder.registration.id !== registration) continue;
      holder.send({ type: 'revoked' });
      this.#holders.delete(workload);
      holder.close();
      this.#leases.release(workload);
      await this.#delete(workload);
    }
  }

  /** Sends the bundle of their trust domain to every agent that does not use it yet. */
  pushBundles(bundle: (trustDomain: string) => TrustBundleMessage): void {
    const made = new Map<string, TrustBundleMessage>();
    for (const [workload, { registration, send }] of this.#holders) {
      const { trustDomain } = registration.binding;
      const wanted = made.get(trustDomain) ?? bundle(trustDomain);
      made.set(trustDomain, wanted);
      if (this.#bundles.get(workload) !== wanted.version) send({ type: 'bundle', bundle: wanted });
    }
  }

  /** The proxy of `workload` verifies its peers by the bundle of that version; '' for none yet. */
  bundleInUse(workload: string, version: string): void {
    if (this.#owners.has(workload)) this.#bundles.set(workload, version);
  }

  /**
   * Workloads whose proxy does not use its bundle of now. Those whose stream is lost count until their lease is over: their proxies go on, with
   * the bundle that they have. `trustDomainOf`: of a workload that has not come back since a restart.
   */
  lagging(
    bundle: (trustDomain: string) => TrustBundleMessage,
    trustDomainOf: (namespace: string) => string | undefined,
  ): readonly string[] {
    const wanted = new Map<string, string>();
    const versionOf = (trustDomain: string): string => {
      const version = wanted.get(trustDomain) ?? bundle(trustDomain).version;
      wanted.set(trustDomain, version);
      return version;
    };
    return [...this.#owners.keys()].filter((workload) => {
      const namespace = workload.slice(0, workload.indexOf('/'));
      const held = this.#holders.get(workload)?.registration.binding.trustDomain;
      const trustDomain = held ?? trustDomainOf(namespace);
      return trustDomain !== undefined && this.#bundles.get(workload) !== versionOf(trustDomain);
    });
  }

  /** Registrations with an open stream, of those trust domains. */
  attached(trustDomain: string): ReadonlyMap<string, string> {
    const found = new Map<string, string>();
    for (const [workload, { registration }] of this.#holders)
      if (registration.binding.trustDomain === trustDomain) found.set(workload, registration.id);
    return found;
  }

  /** Asks these workloads to replace their certificates, each at a moment of its own within `within` ms. */
  renew(workloads: Iterable<string>, within: number): void {
    for (const workload of workloads) this.#holders.get(workload)?.send({ type: 'renew', within });
  }

  /** What Gateways refer to now, for the processes that serve them: each is told when its own changed. */
  setMaterial(of: (gateway: string) => GatewayMaterial | undefined): void {
    this.#material = of;
    for (const [workload, holder] of this.#holders) this.#sendMaterial(workload, holder);
  }

  /** After `registered`: a stream that is new has nothing yet. */
  welcome(workload: string): void {
    const holder = this.#holders.get(workload);
    this.#sent.delete(workload);
    if (holder !== undefined) this.#sendMaterial(workload, holder);
  }

  #sendMaterial(workload: string, { gateway, send }: Holder): void {
    const material = gateway === undefined ? undefined : this.#material(gateway);
    if (material === undefined) return;
    const text = JSON.stringify(material);
    if (text.length > LIMITS.messageBytes - MESSAGE_HEAD) {
      this.#problem(
        workload,
        `the certificates of Gateway/${gateway} are too long together: it keeps those that it has`,
      );
      return;
    }
    const version = createHash('sha256').update(text).digest('hex');
    if (this.#sent.get(workload) === version) return;
    this.#sent.set(workload, version);
    send({ type: 'material', material });
  }

  /** Whether one more Workload would be one too many; to come back to one is always possible. */
  #full(hello: Hello, registration: string): boolean {
    if (hello.instance !== undefined && this.#owners.get(objectKey(hello.namespace, hello.instance)) === registration)
      return false;
    let count = this.#arriving.get(registration) ?? 0;
    for (const owner of this.#owners.values()) if (owner === registration) count += 1;
    return count >= MAX_WORKLOADS;
  }

  #arrived(registration: string): void {
    const left = (this.#arriving.get(registration) ?? 0) - 1;
    if (left > 0) this.#arriving.set(registration, left);
    else this.#arriving.delete(registration);
  }

  async #workload(hello: Hello, registration: Registration): Promise<Result<StoredObject, AttachFailure>> {
    if (hello.instance !== undefined) return this.#takeUp(hello, hello.instance, registration);
    for (let tries = 0; tries < 5; tries += 1) {
      const suffix = Array.from({ length: 5 }, () => ALPHABET[randomInt(ALPHABET.length)]).join('');
      const made = await this.#create(hello, `${hello.workload.name}-${suffix}`, registration);
      if (made.ok || made.error !== 'workload-foreign') return made;
    }
    return err('store-unavailable');
  }

  async #takeUp(hello: Hello, name: string, registration: Registration): Promise<Result<StoredObject, AttachFailure>> {
    const target = workloadTarget(hello.namespace, name);
    const found = await this.#options.resources.get(target);
    if (!found.ok) return this.#create(hello, name, registration);
    if (leaseOf(found.value)?.registration !== registration.id) return err('workload-foreign');
    const document = workloadDocument(hello, name, registration.binding.account);
    const updated = await this.#options.resources.update(target, document, { author: AUTHOR });
    return updated.ok ? ok(updated.value.object) : err(failureOf(updated.error.code));
  }

  async #create(hello: Hello, name: string, registration: Registration): Promise<Result<StoredObject, AttachFailure>> {
    const document = workloadDocument(hello, name, registration.binding.account);
    const target = workloadTarget(hello.namespace, name);
    const made = await this.#options.resources.create(target, document, { author: AUTHOR });
    if (made.ok) return ok(made.value.object);
    const failure = failureOf(made.error.code);
    if (failure === 'message-malformed') this.#problem(objectKey(hello.namespace, name), made.error.message ?? '');
    return err(failure);
  }

  async #service(hello: Hello, workload: string): Promise<void> {
    const document = hello.service === undefined ? undefined : serviceDocument(hello, hello.service.name);
    if (document === undefined || hello.service === undefined) return;
    const target = serviceTarget(hello.namespace, hello.service.name);
    if ((await this.#options.resources.get(target)).ok) return;
    const made = await this.#options.resources.create(target, document, { author: AUTHOR });
    if (!made.ok && made.error.code !== 409)
      this.#problem(workload, `its Service was not made: ${made.error.message ?? ''}`);
  }

  /** Once a loss, not a heartbeat: without it a restart would give back the endpoints of what is gone. What counts is the lease when it is written. */
  async #noteWithdrawal(workload: string): Promise<void> {
    const noted = await this.#options.resources.patch(
      targetOf(workload),
      (document) => ok(withdrawnDocument(document, this.#leases.withdrawn(workload))),
      { author: AUTHOR },
    );
    if (!noted.ok && noted.error.code !== 404)
      this.#problem(workload, `its withdrawal was not noted: ${noted.error.message ?? ''}`);
  }

  async #delete(workload: string): Promise<void> {
    this.#owners.delete(workload);
    this.#bundles.delete(workload);
    this.#noted.delete(workload);
    const deleted = await this.#options.resources.delete(targetOf(workload), {}, { author: AUTHOR });
    if (!deleted.ok && deleted.error.code !== 404)
      this.#problem(workload, `it was not deleted: ${deleted.error.message ?? ''}`);
  }

  #problem(workload: string, problem: string): void {
    this.#options.onProblem?.(workload, problem);
  }
}

function targetOf(workload: string): ReturnType<typeof workloadTarget> {
  const slash = workload.indexOf('/');
  return workloadTarget(workload.slice(0, slash), workload.slice(slash + 1));
}

function failureOf(code: number): AttachFailure {
  switch (code) {
    case 404:
      return 'namespace-unknown';
    case 409:
      return 'workload-foreign';
    case 400:
    case 422:
      return 'message-malformed';
    default:
      return 'store-unavailable';
  }
}
