/**
 * Join tokens and registrations in the store. A token is kept as the hash of its secret and is spent in the same transaction that makes
 * the registration; a spent or expired one is remembered for a day, so that the log can tell used from unknown.
 * Objects of the group `internal.weft.dev` are no resources: the API does not serve them.
 */
import { createHash, randomBytes, timingSafeEqual } from 'node:crypto';
import type { Binding, TokenProof } from '@weft/core/agent-api';
import { err, ok, type Result, type WallClock } from '@weft/core/kernel';
import type { ObjectKey, StoredObject } from '@weft/core/resources';
import type { Store } from '../store/index.ts';
import type { RefusalReason } from './errors.ts';

export const INTERNAL_GROUP = 'internal.weft.dev';
const DAY = 86_400_000;

export interface Registration {
  /** First 32 hexadecimal digits of the SHA-256 of the public key's SPKI. */
  readonly id: string;
  /** SubjectPublicKeyInfo, DER in base64. */
  readonly publicKey: string;
  readonly binding: Binding;
  /** ms since the epoch; 0 while it holds. */
  readonly revokedAt: number;
}

interface TokenRecord {
  readonly secretSha256: string;
  readonly binding: Binding;
  readonly expires: number;
  /** Registration it was spent on, '' before. */
  readonly spentOn: string;
}

export interface NewToken {
  readonly proof: TokenProof;
  /** ms since the epoch. */
  readonly expires: number;
}

export const registrationId = (spki: Uint8Array): string =>
  createHash('sha256').update(spki).digest('hex').slice(0, 32);

const AUTHOR = 'controller:authority';
const tokenKey = (id: string): ObjectKey => ({ group: INTERNAL_GROUP, kind: 'JoinToken', namespace: '', name: id });
const registrationKey = (id: string): ObjectKey => ({
  group: INTERNAL_GROUP,
  kind: 'Registration',
  namespace: '',
  name: id,
});

export class JoinTokens {
  readonly #store: Store;
  readonly #clock: WallClock;

  constructor(store: Store, clock: WallClock) {
    this.#store = store;
    this.#clock = clock;
  }

  /** A token for one join. `ttlMs` default 10 minutes. Only its hash is kept: the answer is the only time the secret is seen. */
  async create(binding: Binding, ttlMs = 600_000): Promise<Result<NewToken, RefusalReason>> {
    await this.#forgetOld();
    const id = randomBytes(12).toString('hex');
    const secret = randomBytes(32).toString('base64url');
    const expires = this.#clock.now() + ttlMs;
    const record: TokenRecord = { secretSha256: sha256(secret), binding, expires, spentOn: '' };
    const written = await this.#store.write(AUTHOR, [
      { key: tokenKey(id), expected: 0, object: stored('JoinToken', id, record) },
    ]);
    return written.ok ? ok({ proof: { id, secret }, expires }) : err('store-unavailable');
  }

  /**
   * Spends the token on the key. A second call with the same token and the same key is answered like the first: the answer may have
   * been lost.
   */
  async spend(proof: TokenProof, wanted: Claim, spki: Uint8Array): Promise<Result<Registration, RefusalReason>> {
    const object = await this.#store.get(tokenKey(proof.id));
    const token = object === undefined ? undefined : tokenRecord(object.spec);
    const proven = timingSafeEqual(
      Buffer.from(sha256(proof.secret), 'hex'),
      Buffer.from(token?.secretSha256 ?? '0'.repeat(64), 'hex'),
    );
    if (object === undefined || token === undefined || !proven) return err('token-unknown');
    const id = registrationId(spki);
    if (token.spentOn !== '' && token.spentOn !== id) return err('token-used');
    if (token.spentOn === '' && this.#clock.now() >= token.expires) return err('token-expired');
    const { binding } = token;
    if (binding.namespace !== wanted.namespace || binding.account !== wanted.account) return err('token-foreign');
    const registration = { id, publicKey: Buffer.from(spki).toString('base64'), binding, revokedAt: 0 };
    if (token.spentOn === id) return (await this.registrationResult(id)) ?? err('registration-unknown');
    const written = await this.#store.write(AUTHOR, [
      {
        key: tokenKey(proof.id),
        expected: Number(object.metadata.resourceVersion),
        object: { ...object, spec: { ...token, spentOn: id } },
      },
      { key: registrationKey(id), expected: 0, object: stored('Registration', id, registration) },
    ]);
    if (written.ok) return ok(registration);
    return err(written.error.code === 'conflict' ? 'token-used' : 'store-unavailable');
  }

  async registration(id: string): Promise<Registration | undefined> {
    const object = await this.#store.get(registrationKey(id));
    return object === undefined ? undefined : registrationRecord(object.spec);
  }

  /** Ends a registration for good. False when there is none of that name, or the store could not write it. */
  async revoke(id: string): Promise<boolean> {
    const object = await this.#store.get(registrationKey(id));
    const record = object === undefined ? undefined : registrationRecord(object.spec);
    if (object === undefined || record === undefined) return false;
    const spec = { ...record, revokedAt: this.#clock.now() };
    return (await this.#store.write(AUTHOR, [{ key: registrationKey(id), object: { ...object, spec } }])).ok;
  }

  async registrationResult(id: string): Promise<Result<Registration, RefusalReason> | undefined> {
    const registration = await this.registration(id);
    if (registration === undefined) return undefined;
    return registration.revokedAt === 0 ? ok(registration) : err('registration-revoked');
  }

  async #forgetOld(): Promise<void> {
    const listed = await this.#store.list({ group: INTERNAL_GROUP, kind: 'JoinToken' });
    if (!listed.ok) return;
    const changes = listed.value.items
      .filter((item) => (tokenRecord(item.spec)?.expires ?? 0) + DAY < this.#clock.now())
      .map((item) => ({ key: tokenKey(item.metadata.name), object: undefined }));
    if (changes.length > 0) await this.#store.write(AUTHOR, changes);
  }
}

/** What an agent asks to speak for. */
export interface Claim {
  readonly namespace: string;
  readonly account: string;
}

const sha256 = (text: string): string => createHash('sha256').update(text).digest('hex');

const stored = (kind: string, name: string, spec: unknown): StoredObject => ({
  apiVersion: `${INTERNAL_GROUP}/v1`,
  kind,
  metadata: {
    name,
    namespace: '',
    uid: '',
    resourceVersion: '',
    generation: 0,
    creationTimestamp: '',
    labels: {},
    annotations: {},
  },
  spec,
});

const has = (value: unknown, ...names: readonly string[]): boolean =>
  typeof value === 'object' && value !== null && names.every((name) => Object.hasOwn(value, name));

/** What this file itself wrote; a record of another shape counts as absent. */
const isToken = (value: unknown): value is TokenRecord => has(value, 'secretSha256', 'binding', 'expires', 'spentOn');
const isRegistration = (value: unknown): value is Registration => has(value, 'id', 'publicKey', 'binding', 'revokedAt');
const tokenRecord = (value: unknown): TokenRecord | undefined => (isToken(value) ? value : undefined);
const registrationRecord = (value: unknown): Registration | undefined => (isRegistration(value) ? value : undefined);
