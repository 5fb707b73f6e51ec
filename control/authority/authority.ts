/**
 * The certificate authority: root (10 years) and intermediate (1 year), both P-256, made at the first start and kept in the data folder;
 * X.509-SVIDs and the control plane's server certificate under the intermediate. It signs for whoever its caller attested and asks
 * nobody: join tokens and registrations are `credentials.ts`. Its private keys leave it only into its own file (0600).
 */
import { createHash, generateKeyPairSync, randomBytes } from 'node:crypto';
import path from 'node:path';
import type { TrustBundleMessage } from '@weft/core/agent-api';
import { CONTROL_PLANE_NAME } from '@weft/core/agent-api';
import { err, type Result, type WallClock } from '@weft/core/kernel';
import { AuthorityFile, type AuthorityState } from './authority-file.ts';
import { caCertificate, certificatePem, distinguishedName, hostName, leafCertificate } from './certificate.ts';
import { privateFolder, writePublicFile } from './private-files.ts';
import { type RotationError, type RotationState, RootRotation } from './root-rotation.ts';
import { privateKeyPem, SigningKey } from './signing-key.ts';

const DAY = 86_400_000;
const ROOT_LIFE = 3650 * DAY;
const INTERMEDIATE_LIFE = 365 * DAY;
/** A certificate is valid from a minute before it is made: clocks of peers differ. */
const BACKDATE = 60_000;

export interface AuthorityOptions {
  /** Made with mode 0700. */
  readonly folder: string;
  readonly clock: WallClock;
  /** ms an SVID lives; default 24 hours, at least 1 second. */
  readonly svidLife?: number | undefined;
}

export interface Svid {
  /** PEM: the leaf, then the intermediate. */
  readonly certificateChain: string;
  readonly notBefore: number;
  readonly notAfter: number;
}

export interface ServerIdentity {
  /** PEM: leaf, intermediate, cross certificates, root. The root is sent so that an agent can hold it against its token. */
  readonly certificateChain: string;
  readonly privateKey: string;
  readonly notAfter: number;
}

interface Loaded {
  readonly state: AuthorityState;
  readonly rotation: RootRotation;
  readonly root: SigningKey;
  readonly intermediate: SigningKey;
}

export class Authority {
  readonly #folder: string;
  readonly #file: AuthorityFile;
  readonly #clock: WallClock;
  readonly #svidLife: number;
  /** Of what was issued since the start: an old root is not retired before it is over. */
  #longestLife = 0;
  #loaded: Loaded | undefined;

  constructor(options: AuthorityOptions) {
    this.#folder = options.folder;
    this.#file = new AuthorityFile(options.folder);
    this.#clock = options.clock;
    this.#svidLife = Math.max(1000, options.svidLife ?? DAY);
  }

  /** Reads or makes the keys. Throws AuthorityFileError; a file that is there but unusable is left alone. */
  start(): void {
    privateFolder(this.#folder);
    const stored = this.#file.read();
    if (stored === undefined) this.#save(this.#firstState());
    else this.#load(stored);
    writePublicFile(path.join(this.#folder, 'root.pem'), this.roots());
  }

  /** SHA-256 of the signing root's DER in hexadecimal: what a join token pins. */
  get rootSha256(): string {
    return this.#ready().root.sha256;
  }

  /** ms that an SVID lives. */
  get svidLife(): number {
    return this.#svidLife;
  }

  /** PEM of every root that peers must trust now, in an order that a promotion does not change. */
  roots(): string {
    const { rotation, state } = this.#ready();
    return rotation
      .trusted()
      .toSorted()
      .map((name) => state.roots[name]?.certificate ?? '')
      .join('');
  }

  /** Every mesh of this control plane has the same roots; its trust domain is told apart by the SPIFFE ID. */
  trustBundle(trustDomain: string): TrustBundleMessage {
    const roots = this.roots();
    return { trustDomain, version: createHash('sha256').update(roots).digest('hex').slice(0, 16), roots };
  }

  /**
   * Signs `spki` (a checked P-256 key) as `spiffeId`. `registration` stands in the subject and names the key the proof was made with.
   * `life`: ms, instead of the authority's own.
   */
  issueSvid(spki: Uint8Array, spiffeId: string, registration: string, life = this.#svidLife): Svid {
    const issuer = this.#intermediate();
    const now = this.#clock.now();
    const validity = { notBefore: now - BACKDATE, notAfter: Math.min(now + life, issuer.notAfter) };
    this.#longestLife = Math.max(this.#longestLife, life);
    const leaf = leafCertificate({
      name: distinguishedName('serialNumber', registration),
      spki,
      validity,
      issuer,
      altNames: [{ kind: 'uri', text: spiffeId }],
      client: true,
    });
    return { certificateChain: certificatePem(leaf) + issuer.pem, ...validity };
  }

  /** A new key and certificate for the control plane's TLS port. `hosts`: DNS names and IP addresses it is reached by. */
  issueServerIdentity(hosts: readonly string[]): ServerIdentity {
    const issuer = this.#intermediate();
    const { state, root } = this.#ready();
    const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
    const now = this.#clock.now();
    const notAfter = Math.min(now + 7 * DAY, issuer.notAfter);
    const leaf = leafCertificate({
      name: distinguishedName('commonName', CONTROL_PLANE_NAME),
      spki: publicKey.export({ format: 'der', type: 'spki' }),
      validity: { notBefore: now - BACKDATE, notAfter },
      issuer,
      altNames: [...new Set([CONTROL_PLANE_NAME, ...hosts])].map(hostName),
      client: false,
    });
    return {
      certificateChain: [certificatePem(leaf), issuer.pem, ...state.crossCertificates, root.pem].join(''),
      privateKey: privateKeyPem(privateKey),
      notAfter,
    };
  }

  /** Which bundle the attached agents use. */
  get rotation(): RootRotation {
    return this.#ready().rotation;
  }

  /** Makes the next root and puts it into the trust bundle. */
  beginRotation(): Result<RotationState, RotationError> {
    const { state, root } = this.#ready();
    const made = this.#makeRoot();
    const next = new SigningKey(made);
    return this.#rotate(
      (rotation) => rotation.begin(next.sha256),
      (rotated) => ({
        ...state,
        rotation: rotated,
        roots: { ...state.roots, [next.sha256]: made },
        crossCertificates: [this.#crossCertificate(next, root), ...state.crossCertificates],
      }),
    );
  }

  /** Lets the next root sign: from now on certificates come from a new intermediate under it. */
  promoteRoot(): Result<RotationState, RotationError> {
    const { state } = this.#ready();
    const next = state.roots[state.rotation.next ?? ''];
    return this.#rotate(
      (rotation) => rotation.promote(this.trustBundle('').version, this.#clock.now()),
      (rotated) =>
        next === undefined
          ? state
          : { ...state, rotation: rotated, intermediate: this.#makeIntermediate(new SigningKey(next)) },
    );
  }

  /** Takes the old root out of the trust bundle and forgets its key. */
  retireRoot(): Result<RotationState, RotationError> {
    const { state } = this.#ready();
    return this.#rotate(
      (rotation) => rotation.retire(this.#clock.now(), Math.max(this.#svidLife, this.#longestLife) + BACKDATE),
      (rotated) => ({
        ...state,
        rotation: rotated,
        roots: Object.fromEntries(Object.entries(state.roots).filter(([name]) => name !== state.rotation.old)),
      }),
    );
  }

  #rotate(
    step: (rotation: RootRotation) => Result<RotationState, RotationError>,
    next: (rotated: RotationState) => AuthorityState,
  ): Result<RotationState, RotationError> {
    const { rotation } = this.#ready();
    const before = rotation.state;
    const rotated = step(rotation);
    if (!rotated.ok) return err(rotated.error);
    try {
      this.#save(next(rotated.value), rotation);
    } catch (error) {
      rotation.restore(before);
      throw error;
    }
    writePublicFile(path.join(this.#folder, 'root.pem'), this.roots());
    return rotated;
  }

  /** The signing intermediate; a new one when half of its life is over. */
  #intermediate(): SigningKey {
    const { intermediate, state, root, rotation } = this.#ready();
    if (this.#clock.now() < (intermediate.notBefore + intermediate.notAfter) / 2) return intermediate;
    this.#save({ ...state, intermediate: this.#makeIntermediate(root) }, rotation);
    return this.#ready().intermediate;
  }

  #firstState(): AuthorityState {
    const made = this.#makeRoot();
    const root = new SigningKey(made);
    return {
      roots: { [root.sha256]: made },
      rotation: { current: root.sha256, next: undefined, old: undefined, promotedAt: 0 },
      intermediate: this.#makeIntermediate(root),
      crossCertificates: [],
    };
  }

  #makeRoot(): { readonly certificate: string; readonly key: string } {
    const now = this.#clock.now();
    const name = `Weft root ${randomBytes(4).toString('hex')}`;
    return SigningKey.make(name, { notBefore: now - BACKDATE, notAfter: now + ROOT_LIFE }, undefined);
  }

  #makeIntermediate(root: SigningKey): { readonly certificate: string; readonly key: string } {
    const now = this.#clock.now();
    const validity = { notBefore: now - BACKDATE, notAfter: Math.min(now + INTERMEDIATE_LIFE, root.notAfter) };
    return SigningKey.make('Weft intermediate', validity, root);
  }

  #crossCertificate(root: SigningKey, by: SigningKey): string {
    const validity = { notBefore: root.notBefore, notAfter: Math.min(root.notAfter, by.notAfter) };
    return certificatePem(
      caCertificate({ name: root.name, spki: root.spki, validity, pathLength: undefined, issuer: by }),
    );
  }

  #save(state: AuthorityState, rotation?: RootRotation): void {
    this.#file.write(state);
    this.#load(state, rotation);
  }

  #load(state: AuthorityState, rotation: RootRotation = new RootRotation(state.rotation)): void {
    const root = state.roots[state.rotation.current];
    if (root === undefined) throw this.#file.malformed('the current root is missing');
    try {
      this.#loaded = { state, rotation, root: new SigningKey(root), intermediate: new SigningKey(state.intermediate) };
    } catch (error) {
      throw this.#file.malformed(error instanceof Error ? error.message : String(error));
    }
  }

  #ready(): Loaded {
    if (this.#loaded === undefined) throw new TypeError('the authority was not started');
    return this.#loaded;
  }
}
