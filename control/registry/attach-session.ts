/**
 * One Attach stream as a state machine: hello, then readiness and bundle reports, then perhaps a farewell. Messages are handled one after
 * another; what comes while one is being handled waits, within a bound.
 */
import type { AttachDown, AttachUp, Hello } from '@weft/core/agent-api';
import { err, ok, type Result } from '@weft/core/kernel';
import type { Authorities, Credentials, RefusalReason, Registration } from '../authority/index.ts';
import type { Peer } from '../server/index.ts';
import type { Registry } from './registry.ts';

export interface AttachWire {
  send(message: AttachDown): void;
  refuse(reason: RefusalReason, detail: string): void;
  end(): void;
}

const MAX_WAITING = 100;

export class AttachSession {
  readonly #peer: Peer;
  readonly #authorities: Authorities;
  readonly #credentials: Credentials;
  readonly #registry: Registry;
  readonly #wire: AttachWire;
  readonly #waiting: AttachUp[] = [];
  /** Identifies this stream to the registry; called when another one takes the workload over. */
  readonly #close = (): void => this.#end();
  #busy = false;
  #over = false;
  #workload: string | undefined;

  constructor(
    peer: Peer,
    parts: { readonly authorities: Authorities; readonly credentials: Credentials; readonly registry: Registry },
    wire: AttachWire,
  ) {
    this.#peer = peer;
    this.#authorities = parts.authorities;
    this.#credentials = parts.credentials;
    this.#registry = parts.registry;
    this.#wire = wire;
  }

  receive(message: AttachUp): void {
    if (this.#over) return;
    this.#waiting.push(message);
    if (this.#waiting.length > MAX_WAITING) this.#refuse('rate-limited', `${MAX_WAITING} messages wait`);
    else if (!this.#busy) this.#next();
  }

  /** The peer is gone. Idempotent. */
  lost(): void {
    this.#over = true;
    if (this.#workload === undefined) return;
    this.#registry.lost(this.#workload, this.#close);
    this.#workload = undefined;
  }

  #next(): void {
    const message = this.#over ? undefined : this.#waiting.shift();
    if (message === undefined) return;
    this.#busy = true;
    this.#handle(message).then(
      () => {
        this.#busy = false;
        this.#next();
      },
      (error: unknown) => this.#refuse('store-unavailable', error instanceof Error ? error.message : String(error)),
    );
  }

  async #handle(message: AttachUp): Promise<void> {
    if ((message.type === 'hello') !== (this.#workload === undefined)) {
      this.#refuse('message-malformed', `${message.type} out of turn`);
      return;
    }
    const workload = this.#workload ?? '';
    switch (message.type) {
      case 'hello':
        await this.#hello(message);
        return;
      case 'readiness':
        this.#registry.readiness(workload, message.ports);
        return;
      case 'openPorts':
        this.#registry.openPorts(workload, message.ports);
        return;
      case 'bundleInUse':
        this.#registry.bundleInUse(workload, message.version);
        return;
      case 'deregister': {
        const acknowledged = await this.#registry.deregister(workload);
        if (!this.#over) this.#wire.send({ type: 'deregistered', acknowledged });
        return;
      }
      default:
        message satisfies never;
    }
  }

  async #hello(hello: Hello): Promise<void> {
    const registration = await this.#registration(hello);
    if (!registration.ok) {
      this.#refuse(registration.error, `${hello.namespace}/${hello.workload.name}`);
      return;
    }
    const attached = await this.#registry.attach(hello, registration.value, {
      send: (message) => this.#wire.send(message),
      close: this.#close,
    });
    if (!attached.ok) {
      this.#refuse(attached.error, `${hello.namespace}/${hello.instance ?? hello.workload.name}`);
      return;
    }
    this.#workload = attached.value.workload;
    if (this.#over) {
      this.lost();
      return;
    }
    this.#registry.bundleInUse(this.#workload, hello.bundle);
    if (hello.certificateEnds !== undefined) this.#credentials.held(registration.value.id, hello.certificateEnds);
    const { name, concurrency } = attached.value;
    this.#wire.send({ type: 'registered', namespace: hello.namespace, name, concurrency });
    const bundle = this.#authorities.bundle(registration.value.binding.trustDomain);
    if (bundle.version !== hello.bundle) this.#wire.send({ type: 'bundle', bundle });
    this.#registry.welcome(this.#workload);
  }

  /** On TLS the SVID says which registration; a peer without a good one has no business here. */
  async #registration(hello: Hello): Promise<Result<Registration, RefusalReason>> {
    if (this.#peer.kind === 'tls') {
      if (this.#peer.identity === undefined)
        return err(this.#peer.refusal === '' ? 'identity-missing' : 'certificate-refused');
      if (this.#peer.identity.registration !== hello.registration) return err('registration-foreign');
    }
    const found = await this.#credentials.registration(hello.registration);
    return found.ok ? ok(found.value) : found;
  }

  #refuse(reason: RefusalReason, detail: string): void {
    if (this.#over) return;
    this.#wire.refuse(reason, detail);
    this.lost();
  }

  #end(): void {
    if (this.#over) return;
    this.#over = true;
    this.#wire.end();
  }
}
