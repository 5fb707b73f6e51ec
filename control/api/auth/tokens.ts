/**
 * Bearer tokens of API users: `weft_<id>_<secret>`. The store holds the SHA-256 of the secret only, in an object of an internal kind that
 * the API does not serve; the token itself is shown once, by `createToken`, and never logged. The secret has 256 bits, so that a plain
 * hash is enough.
 */
import { createHash, randomBytes, timingSafeEqual } from 'node:crypto';
import { ok, type Result, type WallClock } from '@weft/core/kernel';
import type { ObjectKey, StoredObject } from '@weft/core/resources';
import type { Store, StoreError } from '../../store/index.ts';
import type { Binding, User } from './user.ts';

const GROUP = 'internal.weft.dev';
const KIND = 'ApiToken';
const FORM = /^weft_([a-z0-9]{10})_([A-Za-z0-9_-]{43})$/;

export interface TokenRecord {
  readonly id: string;
  readonly user: string;
  readonly bindings: readonly Binding[];
  /** ms since the epoch, 0: does not expire. */
  readonly expires: number;
}

interface TokenSpec extends Omit<TokenRecord, 'id'> {
  /** SHA-256 of the secret, hex. */
  readonly hash: string;
}

export interface TokenWish {
  readonly user: string;
  readonly bindings: readonly Binding[];
  /** ms from now, 0: does not expire. */
  readonly ttlMs: number;
}

const hashOf = (secret: string): Buffer => createHash('sha256').update(secret).digest();

const keyOfToken = (id: string): ObjectKey => ({ group: GROUP, kind: KIND, namespace: '', name: id });

export class Tokens {
  readonly #store: Store;
  readonly #clock: WallClock;

  constructor(store: Store, clock: WallClock) {
    this.#store = store;
    this.#clock = clock;
  }

  /** The token: the only time it can be seen. */
  async create(
    author: string,
    wish: TokenWish,
  ): Promise<Result<{ readonly id: string; readonly token: string }, StoreError>> {
    const id = randomBytes(8).toString('hex').slice(0, 10);
    const secret = randomBytes(32).toString('base64url');
    const spec: TokenSpec = {
      user: wish.user,
      bindings: wish.bindings,
      expires: wish.ttlMs === 0 ? 0 : this.#clock.now() + wish.ttlMs,
      hash: hashOf(secret).toString('hex'),
    };
    const metadata = {
      name: id,
      namespace: '',
      uid: '',
      resourceVersion: '',
      generation: 0,
      creationTimestamp: '',
      labels: {},
      annotations: {},
    };
    const object: StoredObject<TokenSpec> = { apiVersion: `${GROUP}/v1`, kind: KIND, metadata, spec };
    const written = await this.#store.write(author, [{ key: keyOfToken(id), object, expected: 0 }]);
    return written.ok ? ok({ id, token: `weft_${id}_${secret}` }) : written;
  }

  async revoke(author: string, id: string): Promise<Result<void, StoreError>> {
    const written = await this.#store.write(author, [{ key: keyOfToken(id), object: undefined }]);
    return written.ok ? ok(undefined) : written;
  }

  async list(): Promise<readonly TokenRecord[]> {
    const listing = await this.#store.list({ group: GROUP, kind: KIND });
    if (!listing.ok) return [];
    return listing.value.items.map((item) => {
      const { user, bindings, expires } = item.spec as TokenSpec;
      return { id: item.metadata.name, user, bindings, expires };
    });
  }

  /** Who has this token; undefined when it is none, unknown, revoked or expired: the caller learns no more. */
  async verify(token: string): Promise<User | undefined> {
    const match = FORM.exec(token);
    if (match === null) return undefined;
    const [, id = '', secret = ''] = match;
    const record = (await this.#store.get(keyOfToken(id)))?.spec as TokenSpec | undefined;
    const right = timingSafeEqual(hashOf(secret), Buffer.from(record?.hash ?? '0'.repeat(64), 'hex'));
    if (record === undefined || !right) return undefined;
    if (record.expires !== 0 && record.expires <= this.#clock.now()) return undefined;
    return { name: record.user, bindings: record.bindings };
  }
}
