/** Issuers of tokens with keys of their own, and the tokens that requests carry: good ones, and each kind of bad one. */
import { generateKeyPairSync, type KeyObject, sign } from 'node:crypto';
import type { MetadataStruct } from '@weft/core/proxy-config';
import type { SeededRandom } from './random.ts';
import { ISSUERS } from './words.ts';

export interface SentToken {
  readonly kind: 'valid' | 'expired' | 'early' | 'forged' | 'torn' | 'stranger';
  readonly text: string;
  /** What a proxy takes it as: its claims where it is signed and in time, else those of an issuer that nobody knows. */
  readonly claims: MetadataStruct;
}

/** A JWK set as text, by issuer. */
export class Issuers {
  readonly #keys = new Map<string, KeyObject>();
  readonly #sets = new Map<string, string>();

  constructor() {
    for (const issuer of ISSUERS) {
      const { publicKey, privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
      const jwk = { ...publicKey.export({ format: 'jwk' }), kid: 'k1', use: 'sig', alg: 'ES256' };
      this.#keys.set(issuer, privateKey);
      this.#sets.set(issuer, JSON.stringify({ keys: [jwk] }));
    }
  }

  jwks(issuer: string): string {
    return this.#sets.get(issuer) ?? '{"keys":[]}';
  }

  token(random: SeededRandom): SentToken {
    const kind = random.one(['valid', 'valid', 'valid', 'expired', 'early', 'forged', 'torn', 'stranger'] as const);
    const issuer = kind === 'stranger' ? 'https://nobody.example' : random.one(ISSUERS);
    const [expires, begins] = TIMES[kind === 'expired' || kind === 'early' ? kind : 'valid'];
    const claims: MetadataStruct = {
      iss: issuer,
      sub: random.one(['ann', 'bob']),
      // Audiences are looked at before signatures: a bad token fails by what is bad of it.
      ...(kind === 'valid' || kind === 'stranger'
        ? random.chance(0.85)
          ? { aud: random.one(['shop', 'bank']) }
          : {}
        : { aud: 'shop' }),
      ...(expires === undefined || (kind === 'valid' && random.chance(0.1)) ? {} : { exp: expires }),
      ...(begins === undefined ? {} : { nbf: begins }),
      groups: random.some(['admin', 'user'], 0, 2),
    };
    const other = ISSUERS.find((one) => one !== issuer) ?? issuer;
    const text = this.#signed(claims, kind === 'forged' ? other : ISSUERS.includes(issuer as never) ? issuer : other);
    if (kind === 'torn') return { kind, text: text.slice(0, -20), claims: NOBODYS };
    return { kind, text, claims: kind === 'valid' || kind === 'stranger' ? claims : NOBODYS };
  }

  #signed(claims: MetadataStruct, by: string): string {
    const key = this.#keys.get(by);
    if (key === undefined) throw new TypeError(`no key of ${by}`);
    const part = (value: unknown): string => Buffer.from(JSON.stringify(value)).toString('base64url');
    const text = `${part({ alg: 'ES256', kid: 'k1', typ: 'JWT' })}.${part(claims)}`;
    return `${text}.${sign('sha256', Buffer.from(text), { key, dsaEncoding: 'ieee-p1363' }).toString('base64url')}`;
  }
}

const NOBODYS: MetadataStruct = { iss: 'nobody' };
/** Seconds since 1970: year 2100, 2001 and 2099. */
const TIMES = {
  valid: [4_102_444_800, undefined],
  expired: [1_000_000_000, undefined],
  early: [4_102_444_800, 4_070_908_800],
} as const;
