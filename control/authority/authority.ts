/**
 * The certificate authority of one trust domain: its roots, an intermediate (1 year at most) that signs, both P-256; X.509-SVIDs, JWT-SVIDs
 * and the control plane's server certificate. A root is made at the first start and kept in the data folder (10 years), or comes from
 * outside (`outside-issuer.ts`). It signs for whoever its caller attested and asks nobody: join tokens and registrations are
 * `credentials.ts`. Its private keys leave it only into its own file (0600).
 */
import { generateKeyPairSync } from 'node:crypto';
import path from 'node:path';
import { CONTROL_PLANE_NAME } from '@weft/core/agent-api';
import { err, ok, type Result, type WallClock } from '@weft/core/kernel';
import { AuthorityFile, type AuthorityState, type IssuerKind } from './authority-file.ts';
import {
  type AltName,
  caCertificate,
  certificatePem,
  distinguishedName,
  hostName,
  leafCertificate,
} from './certificate.ts';
import { firstState, intermediateUnder, outsideState, ownRoot, ROOT_BACKDATE } from './new-state.ts';
import type { ObtainedIssuer, OutsideIssuer } from './outside-issuer.ts';
import { privateFolder, writePublicFile } from './private-files.ts';
import { type RotationError, type RotationState, RootRotation } from './root-rotation.ts';
import { CaCertificate, privateKeyPem, SigningKey } from './signing-key.ts';
import { advanceTokenKeys, type IssuedToken, makeTokenKey, signToken, tokenJwks } from './token-keys.ts';

const DAY = 86_400_000;
const TOKEN_LIFE = 300_000;

export interface AuthorityOptions {
  /** Made with mode 0700. */
  readonly folder: string;
  readonly clock: WallClock;
  /** ms an SVID lives; default 24 hours, at least 1 second. */
  readonly svidLife?: number | undefined;
  /** Of roots from outside, by their kind. */
  readonly outside?: readonly OutsideIssuer[] | undefined;
}

export interface Svid {
  /** PEM: the leaf, then the intermediates. */
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

/** One trusted root, for reports. */
export interface RootReport {
  readonly sha256: string;
  /** `next` signs nothing yet, `old` signs nothing any more. */
  readonly state: 'signing' | 'next' | 'old';
  readonly issuer: IssuerKind;
  readonly subject: string;
  /** ms since the epoch. */
  readonly notAfter: number;
}

interface Loaded {
  readonly state: AuthorityState;
  readonly rotation: RootRotation;
  readonly root: CaCertificate;
  readonly intermediate: SigningKey;
}

export class Authority {
  readonly #folder: string;
  readonly #file: AuthorityFile;
  readonly #clock: WallClock;
  readonly #svidLife: number;
  readonly #outside: readonly OutsideIssuer[];
  #loaded: Loaded | undefined;
  #jwks: { readonly keys: AuthorityState['tokenKeys']; readonly text: string } | undefined;

  constructor(options: AuthorityOptions) {
    this.#folder = options.folder;
    this.#file = new AuthorityFile(options.folder);
    this.#clock = options.clock;
    this.#svidLife = Math.max(1000, options.svidLife ?? DAY);
    this.#outside = options.outside ?? [];
  }

  /**
   * Before the first `start`: gets the first issuer from outside where one is configured, so that no root of our own is ever trusted. Nothing
   * to do when there is a state already. The error is a phrase for a person.
   */
  async prepare(): Promise<Result<void, string>> {
    privateFolder(this.#folder);
    const [outside] = this.#outside;
    if (outside === undefined || this.#file.read() !== undefined) return ok(undefined);
    const obtained = await outside.obtain();
    if (!obtained.ok) return obtained;
    this.#save(outsideState(obtained.value, outside.kind));
    return ok(undefined);
  }

  /** Reads or makes the keys. Throws AuthorityFileError; a file that is there but unusable is left alone. */
  start(): void {
    privateFolder(this.#folder);
    const stored = this.#file.read();
    if (stored === undefined) this.#save(firstState(this.#clock.now()));
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

  /** SHA-256 of every root that peers must trust now. */
  trusts(sha256: string): boolean {
    return this.#ready().rotation.trusted().includes(sha256);
  }

  reports(): readonly RootReport[] {
    const { state, rotation } = this.#ready();
    const { current, next, old } = rotation.state;
    return [['signing', current] as const, ['next', next] as const, ['old', old] as const].flatMap(([of, sha256]) => {
      const stored = state.roots[sha256 ?? ''];
      if (stored === undefined || sha256 === undefined) return [];
      const { x509, notAfter } = new CaCertificate(stored.certificate);
      return [{ sha256, state: of, issuer: stored.issuer, subject: x509.subject, notAfter }];
    });
  }

  /** False: the issuer outside has not renewed the certificate that signs, and it has ended. */
  get usable(): boolean {
    return this.#intermediate().notAfter > this.#clock.now();
  }

  /** End of the certificate that signs, ms since the epoch. */
  get intermediateNotAfter(): number {
    return this.#ready().intermediate.notAfter;
  }

  /** JWK set (RFC 7517) of the keys of JWT-SVIDs, as text that is the same for the same keys. */
  jwks(): string {
    const keys = this.#tokenKeys();
    if (this.#jwks?.keys !== keys) this.#jwks = { keys, text: JSON.stringify({ keys: tokenJwks(keys) }) };
    return this.#jwks.text;
  }

  /** A JWT-SVID. `life`: ms, 5 minutes unless said, an hour at most. */
  issueToken(spiffeId: string, audience: readonly string[], life = TOKEN_LIFE): IssuedToken {
    const now = this.#clock.now();
    const issued = signToken(this.#tokenKeys(), { spiffeId, audience, now, life });
    if (issued === undefined) throw new TypeError('there is no key for tokens');
    return issued;
  }

  /** The keys of tokens at once replaced: every token that was issued counts for nothing once validators have the new set. */
  replaceTokenKeys(): void {
    const { state, rotation } = this.#ready();
    const now = this.#clock.now();
    this.#save({ ...state, tokenKeys: [makeTokenKey(now, now)] }, rotation);
  }

  /**
   * Signs `spki` (a checked P-256 key) as `spiffeId`. `registration` stands in the subject and names the key the proof was made with.
   * `life`: ms, instead of the authority's own. Ask `usable` before.
   */
  issueSvid(spki: Uint8Array, spiffeId: string, registration: string, life = this.#svidLife): Svid {
    const issuer = this.#intermediate();
    const now = this.#clock.now();
    const validity = { notBefore: now - ROOT_BACKDATE, notAfter: Math.min(now + life, issuer.notAfter) };
    const { state, rotation } = this.#ready();
    if (life > state.longestLife) this.#save({ ...state, longestLife: life }, rotation);
    const leaf = leafCertificate({
      name: distinguishedName('serialNumber', registration),
      spki,
      validity,
      issuer,
      altNames: [{ kind: 'uri', text: spiffeId }],
      client: true,
    });
    return { certificateChain: certificatePem(leaf) + issuer.pem + state.intermediate.chain, ...validity };
  }

  /** A new key and certificate for the control plane's TLS port. `hosts`: DNS names and IP addresses it is reached by. */
  issueServerIdentity(hosts: readonly string[]): ServerIdentity {
    return this.#serverIdentity([...new Set([CONTROL_PLANE_NAME, ...hosts])].map(hostName));
  }

  /** For the endpoint that serves SPIFFE bundles (SPIFFE Federation, https_spiffe): its only name is `spiffeId`. */
  issueEndpointIdentity(spiffeId: string): ServerIdentity {
    return this.#serverIdentity([{ kind: 'uri', text: spiffeId }]);
  }

  #serverIdentity(altNames: readonly AltName[]): ServerIdentity {
    const issuer = this.#intermediate();
    const { state, root } = this.#ready();
    const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
    const now = this.#clock.now();
    const notAfter = Math.min(now + 7 * DAY, issuer.notAfter);
    const leaf = leafCertificate({
      name: distinguishedName('commonName', CONTROL_PLANE_NAME),
      spki: publicKey.export({ format: 'der', type: 'spki' }),
      validity: { notBefore: now - ROOT_BACKDATE, notAfter },
      issuer,
      altNames,
      client: false,
    });
    return {
      certificateChain: [
        certificatePem(leaf),
        issuer.pem,
        state.intermediate.chain,
        ...state.crossCertificates,
        root.pem,
      ].join(''),
      privateKey: privateKeyPem(privateKey),
      notAfter,
    };
  }

  get rotation(): RotationState {
    return this.#ready().rotation.state;
  }

  /** When the old root may leave the bundle, ms since the epoch; undefined when there is none. */
  get retireAt(): number | undefined {
    const { old, promotedAt } = this.rotation;
    return old === undefined ? undefined : promotedAt + this.#longestLife();
  }

  /** Puts the next root into the trust bundle: a new one of our own, or the one that the issuer outside has now. */
  async beginRotation(from: IssuerKind = 'own'): Promise<Result<RotationState, RotationError>> {
    if (from === 'own') return this.beginOwnRotation();
    const outside = this.#outside.find(({ kind }) => kind === from);
    const obtained = (await outside?.obtain()) ?? err('the control plane was started without one');
    if (!obtained.ok) return err({ code: 'issuer-unusable', message: obtained.error });
    return this.#beginOutside(obtained.value, from);
  }

  /** Puts a new root of our own into the trust bundle. */
  beginOwnRotation(): Result<RotationState, RotationError> {
    const made = ownRoot(this.#clock.now());
    return this.#begin(new SigningKey(made), { ...made, issuer: 'own' }, undefined);
  }

  #beginOutside(issuer: ObtainedIssuer, from: IssuerKind): Result<RotationState, RotationError> {
    const root = new CaCertificate(issuer.root);
    if (this.trusts(root.sha256))
      return err({ code: 'issuer-unusable', message: 'its root is the one that is trusted already' });
    const { certificate, chain, key } = issuer;
    const stored = { certificate: issuer.root, key: undefined, issuer: from };
    return this.#begin(root, stored, { certificate, chain, key: privateKeyPem(key) });
  }

  #begin(
    next: CaCertificate,
    stored: AuthorityState['roots'][string],
    nextIntermediate: AuthorityState['nextIntermediate'],
  ): Result<RotationState, RotationError> {
    const { state } = this.#ready();
    const own = state.roots[state.rotation.current];
    // Whose key is kept elsewhere vouches for nothing here.
    const cross =
      own?.key === undefined
        ? []
        : [this.#crossCertificate(next, new SigningKey({ certificate: own.certificate, key: own.key }))];
    return this.#rotate(
      (rotation) => rotation.begin(next.sha256),
      (rotated) => ({
        ...state,
        rotation: rotated,
        roots: { ...state.roots, [next.sha256]: stored },
        nextIntermediate,
        crossCertificates: [...cross, ...state.crossCertificates],
      }),
    );
  }

  /** Lets the next root sign: from now on certificates come from a new intermediate under it. `lagging`: who does not trust it yet. */
  promoteRoot(lagging: readonly string[]): Result<RotationState, RotationError> {
    const { state } = this.#ready();
    const next = state.roots[state.rotation.next ?? ''];
    return this.#rotate(
      (rotation) => rotation.promote(lagging, this.#clock.now()),
      (rotated) => {
        const intermediate = state.nextIntermediate ?? intermediateUnder(next, this.#clock.now());
        return intermediate === undefined
          ? state
          : { ...state, rotation: rotated, intermediate, nextIntermediate: undefined };
      },
    );
  }

  /** Takes the old root out of the trust bundle and forgets its key; `now`: though certificates under it are good still. */
  retireRoot(now = false): Result<RotationState, RotationError> {
    const { state } = this.#ready();
    return this.#rotate(
      (rotation) => rotation.retire(this.#clock.now(), now ? 0 : this.#longestLife()),
      (rotated) => ({ ...state, rotation: rotated, roots: without(state.roots, state.rotation.old) }),
    );
  }

  /** Takes the next root out of the bundle before it signed. */
  abandonRotation(): Result<RotationState, RotationError> {
    const { state } = this.#ready();
    return this.#rotate(
      (rotation) => rotation.abandon(),
      (rotated) => ({
        ...state,
        rotation: rotated,
        roots: without(state.roots, state.rotation.next),
        nextIntermediate: undefined,
      }),
    );
  }

  /**
   * Renews a signing certificate from outside when half of its life is over; that under a root of our own renews itself. The error is a phrase
   * for a person: what there is stays in use.
   */
  async maintain(): Promise<Result<void, string>> {
    const { state, intermediate } = this.#ready();
    const root = state.roots[state.rotation.current];
    if (root === undefined || root.issuer === 'own' || !this.#halfOver(intermediate)) return ok(undefined);
    const obtained = await this.#outside.find(({ kind }) => kind === root.issuer)?.obtain();
    if (obtained === undefined) return err('the control plane was started without the issuer of its root');
    if (!obtained.ok) return obtained;
    const { certificate, chain, key } = obtained.value;
    const fresh = new CaCertificate(certificate);
    if (new CaCertificate(obtained.value.root).sha256 !== state.rotation.current)
      return err('the issuer outside has another root now: `weft authority rotate` takes it up');
    if (fresh.notAfter <= intermediate.notAfter) return err('the issuer outside has no newer certificate');
    const { state: latest, rotation } = this.#ready();
    this.#save({ ...latest, intermediate: { certificate, chain, key: privateKeyPem(key) } }, rotation);
    return ok(undefined);
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
    const { intermediate, state, rotation } = this.#ready();
    if (!this.#halfOver(intermediate)) return intermediate;
    const renewed = intermediateUnder(state.roots[state.rotation.current], this.#clock.now());
    if (renewed !== undefined) this.#save({ ...state, intermediate: renewed }, rotation);
    return this.#ready().intermediate;
  }

  #halfOver({ notBefore, notAfter }: CaCertificate): boolean {
    return this.#clock.now() >= (notBefore + notAfter) / 2;
  }

  #tokenKeys(): AuthorityState['tokenKeys'] {
    const { state, rotation } = this.#ready();
    const tokenKeys = advanceTokenKeys(state.tokenKeys, this.#clock.now());
    if (tokenKeys !== state.tokenKeys) this.#save({ ...state, tokenKeys }, rotation);
    return tokenKeys;
  }

  /** ms that a certificate under a root which signs no more may live on, clocks' differences included. */
  #longestLife(): number {
    return Math.max(this.#svidLife, this.#ready().state.longestLife) + ROOT_BACKDATE;
  }

  #crossCertificate(root: CaCertificate, by: SigningKey): string {
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
      this.#loaded = {
        state,
        rotation,
        root: new CaCertificate(root.certificate),
        intermediate: new SigningKey(state.intermediate),
      };
    } catch (error) {
      throw this.#file.malformed(error instanceof Error ? error.message : String(error));
    }
  }

  #ready(): Loaded {
    if (this.#loaded === undefined) throw new TypeError('the authority was not started');
    return this.#loaded;
  }
}

const without = (roots: AuthorityState['roots'], name: string | undefined): AuthorityState['roots'] =>
  Object.fromEntries(Object.entries(roots).filter(([one]) => one !== name));
