/**
 * The keys that sign JWT-SVIDs (SPIFFE JWT-SVID; RFC 7515, ES256), and their life: a key is published a day before it signs, signs for a week,
 * and stays published until its last token is over. Values in, values out; the authority keeps them.
 */
import { createHash, createPrivateKey, createPublicKey, generateKeyPairSync, sign } from 'node:crypto';
import type { StoredTokenKey } from './authority-file.ts';

const DAY = 86_400_000;
const SIGNS_FOR = 7 * DAY;
const PUBLISHED_BEFORE = DAY;
/** ms that a token may live at most. */
export const LONGEST_TOKEN_LIFE = 3_600_000;

/** `signsFrom` is now for the first key of all, and for one that takes the place of a tainted one. */
export function makeTokenKey(now: number, signsFrom: number): StoredTokenKey {
  const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const spki = publicKey.export({ format: 'der', type: 'spki' });
  return {
    id: createHash('sha256').update(spki).digest('base64url').slice(0, 22),
    key: privateKey.export({ format: 'pem', type: 'pkcs8' }).toString(),
    madeAt: now,
    signsFrom,
  };
}

/** The keys as they should be now; the same list when they are. */
export function advanceTokenKeys(keys: readonly StoredTokenKey[], now: number): readonly StoredTokenKey[] {
  const newest = keys.at(-1);
  if (newest === undefined) return [makeTokenKey(now, now)];
  const needed = keys.filter((_, index) => {
    const next = keys[index + 1];
    return next === undefined || now < next.signsFrom + LONGEST_TOKEN_LIFE + DAY;
  });
  if (now >= newest.signsFrom + SIGNS_FOR - PUBLISHED_BEFORE)
    return [...needed, makeTokenKey(now, now + PUBLISHED_BEFORE)];
  return needed.length === keys.length ? keys : needed;
}

const signingKey = (keys: readonly StoredTokenKey[], now: number): StoredTokenKey | undefined =>
  keys.findLast(({ signsFrom }) => signsFrom <= now) ?? keys[0];

export interface TokenClaims {
  readonly spiffeId: string;
  readonly audience: readonly string[];
  /** ms since the epoch. */
  readonly now: number;
  /** ms. */
  readonly life: number;
}

export interface IssuedToken {
  /** Compact serialisation. A bearer secret: never logged. */
  readonly token: string;
  /** ms since the epoch, whole seconds. */
  readonly notAfter: number;
}

/** undefined without a key. */
export function signToken(keys: readonly StoredTokenKey[], claims: TokenClaims): IssuedToken | undefined {
  const key = signingKey(keys, claims.now);
  if (key === undefined) return undefined;
  const issuedAt = Math.floor(claims.now / 1000);
  const expires = issuedAt + Math.floor(Math.min(claims.life, LONGEST_TOKEN_LIFE) / 1000);
  const part = (value: object): string => Buffer.from(JSON.stringify(value)).toString('base64url');
  const header = part({ alg: 'ES256', kid: key.id, typ: 'JWT' });
  const text = `${header}.${part({ sub: claims.spiffeId, aud: claims.audience, exp: expires, iat: issuedAt })}`;
  const signature = sign('sha256', Buffer.from(text), {
    key: createPrivateKey(key.key),
    dsaEncoding: 'ieee-p1363',
  });
  return { token: `${text}.${signature.toString('base64url')}`, notAfter: expires * 1000 };
}

/** JWKs (RFC 7517) of the public halves. */
export const tokenJwks = (keys: readonly StoredTokenKey[]): readonly Readonly<Record<string, unknown>>[] =>
  keys.map(({ id, key }) => ({
    ...createPublicKey(createPrivateKey(key)).export({ format: 'jwk' }),
    kid: id,
  }));
