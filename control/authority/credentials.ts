/**
 * Join and Issue (core/agent-api): who may have a registration, and which certificate a registration gets. The reason of a refusal is for
 * `Refusals`; callers answer with `WIRE_ANSWER`. A certificate is issued for what was attested at the join, never for what a CSR says.
 */
import { verify } from 'node:crypto';
import {
  type Binding,
  type IssueRequest,
  type IssueResponse,
  issueProofText,
  type JoinRequest,
  type JoinResponse,
  type TokenRequest,
  type TokenResponse,
} from '@weft/core/agent-api';
import { identityOf } from '@weft/core/identity';
import { err, ok, type MonotonicClock, type Result } from '@weft/core/kernel';
import type { Authorities } from './authorities.ts';
import { readCsr } from './csr.ts';
import type { RefusalReason } from './errors.ts';
import { type Claim, type JoinTokens, type Registration, registrationId } from './join-tokens.ts';
import { p256PublicKey } from './p256.ts';
import { RateLimiter } from './rate-limit.ts';

/** Port: which mesh a namespace belongs to. */
export interface MeshDirectory {
  /** undefined when there is no such namespace. */
  meshOf(namespace: string): { readonly mesh: string; readonly trustDomain: string } | undefined;
}

/** Where a call came from. */
export type CallOrigin =
  /** The control plane's own Unix socket: the same user, who needs no token. */
  { readonly kind: 'local' } | { readonly kind: 'tls'; readonly address: string };

export interface CredentialsOptions {
  readonly authorities: Authorities;
  readonly tokens: JoinTokens;
  readonly meshes: MeshDirectory;
  readonly clock: MonotonicClock;
  /** ms that certificates of a mesh live (Mesh `spec.certificates.lifetime`); undefined: as the authority says. */
  readonly lifeOf?: (mesh: string) => number | undefined;
  /** Told of every certificate: the registration it was issued to, its end (ms since the epoch), and the SHA-256 of its root. */
  readonly onIssued?: (registration: string, notAfter: number, root: string) => void;
  /** Told of a certificate that a workload says it has when it comes: it may be from before a restart. */
  readonly onHeld?: (registration: string, notAfter: number) => void;
}

const MAX_LOCAL = 10_000;

export class Credentials {
  readonly #authorities: Authorities;
  readonly #tokens: JoinTokens;
  readonly #meshes: MeshDirectory;
  readonly #lifeOf: (mesh: string) => number | undefined;
  readonly #onIssued: NonNullable<CredentialsOptions['onIssued']>;
  /** What `onHeld` says. */
  readonly held: NonNullable<CredentialsOptions['onHeld']>;
  /** Joins by address: a token has 256 bits, the limit keeps guessing from costing us anything. */
  readonly #joins: RateLimiter;
  /** Proofs by address: checking one costs a signature. A host with many workloads renews few of them a second. */
  readonly #proofs: RateLimiter;
  /** Issues by registration; a workload needs two a day, at the shortest life of a certificate (10 s) one every 5 s. */
  readonly #issues: RateLimiter;
  /** JWT-SVIDs by registration: agents keep them for half of their life, by audience. */
  readonly #tokensIssued: RateLimiter;
  /** Registrations made over the Unix socket. In memory: after a restart their agents join again without a token. */
  readonly #local = new Map<string, Registration>();

  constructor(options: CredentialsOptions) {
    this.#authorities = options.authorities;
    this.#tokens = options.tokens;
    this.#meshes = options.meshes;
    this.#lifeOf = options.lifeOf ?? (() => undefined);
    this.#onIssued = options.onIssued ?? (() => {});
    this.held = options.onHeld ?? (() => {});
    this.#joins = new RateLimiter({ burst: 20, perSecond: 1, maxCallers: 10_000 }, options.clock);
    this.#proofs = new RateLimiter({ burst: 500, perSecond: 20, maxCallers: 10_000 }, options.clock);
    this.#tokensIssued = new RateLimiter({ burst: 100, perSecond: 10, maxCallers: 100_000 }, options.clock);
    this.#issues = new RateLimiter({ burst: 10, perSecond: 0.5, maxCallers: 100_000 }, options.clock);
  }

  async join(request: JoinRequest, origin: CallOrigin): Promise<Result<JoinResponse, RefusalReason>> {
    if (origin.kind === 'tls' && !this.#joins.take(origin.address)) return err('rate-limited');
    const spki = Buffer.from(request.publicKey, 'base64');
    if (p256PublicKey(spki) === undefined) return err('key-unsupported');
    const registered =
      request.token !== undefined
        ? await this.#tokens.spend(request.token, request, spki)
        : origin.kind === 'local'
          ? this.#joinLocally(request, spki)
          : err<RefusalReason>('token-missing');
    if (!registered.ok) return registered;
    const { id, binding } = registered.value;
    if (!(await this.#authorities.ensure(binding.trustDomain)).ok) return err('issuer-unusable');
    return ok({ registration: id, binding, bundle: this.#authorities.bundle(binding.trustDomain) });
  }

  async issue(request: IssueRequest, origin: CallOrigin): Promise<Result<IssueResponse, RefusalReason>> {
    if (origin.kind === 'tls' && !this.#proofs.take(origin.address)) return err('rate-limited');
    const found = await this.registration(request.registration);
    if (!found.ok) return found;
    const { id, publicKey, binding } = found.value;
    const key = p256PublicKey(Buffer.from(publicKey, 'base64'));
    const signed = Buffer.from(issueProofText(id, request.csr));
    if (key === undefined || !verify('sha256', signed, key, Buffer.from(request.proof, 'base64')))
      return err('proof-invalid');
    if (!this.#issues.take(id)) return err('rate-limited');
    const csr = readCsr(Buffer.from(request.csr, 'base64'));
    if (!csr.ok) return csr;
    const { mesh, trustDomain, namespace, account } = binding;
    const identity = identityOf(trustDomain, namespace, account);
    const authority = await this.#authorities.ensure(trustDomain);
    if (!authority.ok || !authority.value.usable) return err('issuer-unusable');
    const svid = authority.value.issueSvid(csr.value, identity, id, this.#lifeOf(mesh));
    this.#onIssued(id, svid.notAfter, authority.value.rootSha256);
    return ok({ ...svid, binding, bundle: this.#authorities.bundle(trustDomain) });
  }

  /** A JWT-SVID for the registration that the caller's certificate names; on the Unix socket, that the request names. */
  async token(
    request: TokenRequest,
    caller: { readonly registration: string | undefined; readonly origin: CallOrigin },
  ): Promise<Result<TokenResponse, RefusalReason>> {
    if (caller.origin.kind === 'tls' && caller.registration === undefined) return err('identity-missing');
    if (caller.registration !== undefined && caller.registration !== request.registration)
      return err('registration-foreign');
    const found = await this.registration(request.registration);
    if (!found.ok) return found;
    const { id, binding } = found.value;
    if (!this.#tokensIssued.take(id)) return err('rate-limited');
    const spiffeId = identityOf(binding.trustDomain, binding.namespace, binding.account);
    return ok({ spiffeId, ...this.#authorities.of(binding.trustDomain).issueToken(spiffeId, request.audience) });
  }

  /** The registration of that name, when it is known, not revoked, and its namespace is still in the mesh it joined. */
  async registration(id: string): Promise<Result<Registration, RefusalReason>> {
    const found = this.#local.get(id);
    const result = found === undefined ? await this.#tokens.registrationResult(id) : ok(found);
    if (result === undefined) return err('registration-unknown');
    return result.ok && !this.#stillThere(result.value.binding) ? err('namespace-moved') : result;
  }

  /** False when there is none of that name. */
  async revoke(id: string): Promise<boolean> {
    return this.#local.delete(id) || this.#tokens.revoke(id);
  }

  #joinLocally(claim: Claim, spki: Buffer): Result<Registration, RefusalReason> {
    const mesh = this.#meshes.meshOf(claim.namespace);
    if (mesh === undefined) return err('namespace-unknown');
    if (this.#local.size >= MAX_LOCAL) this.#local.delete(this.#local.keys().next().value ?? '');
    const binding: Binding = { ...mesh, namespace: claim.namespace, account: claim.account };
    const made = { id: registrationId(spki), publicKey: spki.toString('base64'), binding, revokedAt: 0 };
    this.#local.set(made.id, made);
    return ok(made);
  }

  #stillThere(binding: Binding): boolean {
    const mesh = this.#meshes.meshOf(binding.namespace);
    return mesh?.mesh === binding.mesh && mesh.trustDomain === binding.trustDomain;
  }
}
