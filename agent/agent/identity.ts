/**
 * Who the workload is: its registration, its certificate now and the next one, the roots it trusts. Keeps them in use (control plane
 * connection, secrets) and up to date; a control plane that is away changes nothing of what is held.
 */
import { type JoinResponse, OWN_SECRET, type TrustBundleMessage } from '@weft/core/agent-api';
import { err, ok, type Result } from '@weft/core/kernel';
import type { CallError } from '../control-plane/index.ts';
import type { AgentFolder } from '../folder/index.ts';
import { join, storeRegistration } from '../join/index.ts';
import type { Secrets } from '../secrets/index.ts';
import { issueSvid, Renewal, type Svid } from '../svid/index.ts';
import type { Member } from './membership.ts';
import type { AgentEvents, AgentOptions } from './options.ts';
import { startError } from './start-error.ts';

/** A call's failure on its way through a promise. */
class CallFailed extends Error {
  readonly call: CallError;
  constructor(call: CallError) {
    super(call.message);
    this.call = call;
  }
}

export interface IdentityOptions {
  readonly agent: Pick<AgentOptions, 'namespace' | 'account' | 'clock' | 'wall' | 'roll'>;
  readonly member: Member;
  readonly folder: AgentFolder;
  readonly secrets: Secrets;
  /** Whether peers see the control plane's certificate; false: another one, which comes from elsewhere. */
  readonly ownCertificate: boolean;
  readonly events: Pick<AgentEvents, 'certificate' | 'certificateFailed'>;
  /** A bundle of this version is in use. */
  readonly onBundle: (version: string) => void;
  /** A new certificate is in use. */
  readonly onCertificate: () => void;
}

export class Identity {
  readonly #options: IdentityOptions;
  #joined: JoinResponse | undefined;
  #renewal: Renewal<Svid> | undefined;
  #notAfter = 0;

  constructor(options: IdentityOptions) {
    this.#options = options;
    this.#joined = options.member.stored?.response;
  }

  /** undefined before the first join. */
  get joined(): JoinResponse | undefined {
    return this.#joined;
  }

  /** End of the present certificate, ms since the epoch; 0 before the first. */
  get notAfter(): number {
    return this.#notAfter;
  }

  /** Joins, gets the first certificate, and keeps one from then on. Waits for the control plane; rejects when it says no. */
  start(): Promise<void> {
    const { agent, member, events } = this.#options;
    return new Promise((resolve, reject) => {
      const renewal = new Renewal<Svid>({
        clock: agent.clock,
        wall: agent.wall,
        roll: agent.roll,
        issue: () => this.#issue(),
        onIssued: (svid) => {
          this.#use(svid);
          resolve();
        },
        onFailure: (error) => {
          const call: CallError =
            error instanceof CallFailed ? error.call : { kind: 'unreachable', message: String(error) };
          events.certificateFailed(call);
          if (this.#notAfter > 0 || (call.kind !== 'refused' && call.kind !== 'malformed')) return;
          renewal.stop();
          reject(startError(call, member.address));
        },
      });
      this.#renewal = renewal;
      renewal.start();
    });
  }

  /** Tries at once what is due or failed: the control plane may be back. */
  hurry(): void {
    this.#renewal?.hurry();
  }

  /** Replaces the certificate at a moment within that many ms. */
  renew(within: number): void {
    this.#renewal?.renewWithin(within);
  }

  stop(): void {
    this.#renewal?.stop();
  }

  /** Where the control plane forgets registrations when it restarts (Unix socket): joins again with the same key. */
  async rejoin(): Promise<CallError | undefined> {
    const joined = await this.#join(true);
    return joined.ok ? undefined : joined.error;
  }

  /** New roots, from a certificate's answer or pushed. */
  useBundle(bundle: TrustBundleMessage): void {
    const { member, secrets, onBundle } = this.#options;
    secrets.setBundle(bundle);
    if (!member.controlPlane.local) member.controlPlane.setRoots(bundle.controlPlane);
    if (this.#joined !== undefined && this.#joined.bundle.version !== bundle.version) {
      this.#joined = { ...this.#joined, bundle };
      this.#store(this.#joined);
    }
    secrets.whenInUse(() => onBundle(bundle.version));
  }

  /** Joins first when that is still to do; on the local socket after a "no" too. */
  async #issue(): Promise<Svid> {
    const { controlPlane, key } = this.#options.member;
    const joined = await this.#join(false);
    if (!joined.ok) throw new CallFailed(joined.error);
    const issued = await issueSvid(controlPlane, key, joined.value.registration);
    if (issued.ok) return issued.value;
    if (issued.error.kind !== 'refused' || !controlPlane.local) throw new CallFailed(issued.error);
    const again = await this.#join(true);
    if (!again.ok) throw new CallFailed(again.error);
    const second = await issueSvid(controlPlane, key, again.value.registration);
    if (!second.ok) throw new CallFailed(second.error);
    return second.value;
  }

  async #join(anew: boolean): Promise<Result<JoinResponse, CallError>> {
    if (this.#joined !== undefined && !anew) return ok(this.#joined);
    const { member, agent } = this.#options;
    const response = await join(member.controlPlane, member.key, agent, member.token);
    if (!response.ok) return err(response.error);
    this.#joined = response.value;
    this.#store(response.value);
    return response;
  }

  #store(response: JoinResponse): void {
    const { member, folder } = this.#options;
    if (!member.controlPlane.local) storeRegistration(folder, { response, controlPlane: member.address });
  }

  #use(svid: Svid): void {
    const { member, secrets, ownCertificate, events, onCertificate } = this.#options;
    const { certificateChain, privateKey } = svid;
    this.#notAfter = svid.notAfter;
    member.controlPlane.setIdentity(svid, svid.binding.trustDomain);
    this.useBundle(svid.bundle);
    if (ownCertificate) secrets.set(OWN_SECRET, { kind: 'certificate', certificateChain, privateKey });
    events.certificate(svid.notAfter);
    onCertificate();
  }
}
