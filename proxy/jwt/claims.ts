/** A JSON Web Token (RFC 7519): the claims that are checked here, by type, and when it holds. Nothing here says that it is genuine. */
import type { MetadataStruct, MetadataValue } from '@weft/core/proxy-config';
import { jsonObject } from './json-object.ts';
import { type Jws, member, parseJws, textOf } from './jws.ts';
import type { JwtStatus } from './status.ts';

export interface Jwt {
  readonly jws: Jws;
  readonly payload: MetadataStruct;
  /** '' without. */
  readonly issuer: string;
  readonly subject: string;
  /** Unix seconds; 0 without. */
  readonly notBefore: number;
  readonly expires: number;
  readonly audiences: readonly string[];
}

type Claims = Omit<Jwt, 'jws'>;

export function parseJwt(text: string): Jwt | JwtStatus {
  let claims: Claims | undefined;
  const jws = parseJws(text, (bytes) => {
    const read = readClaims(bytes);
    if (typeof read === 'string') return read;
    claims = read;
    return undefined;
  });
  if (typeof jws === 'string') return jws;
  return claims === undefined ? 'payload-json' : { jws, ...claims };
}

/** `skew`: seconds that clocks may differ. */
export function timeFault({ notBefore, expires }: Jwt, now: number, skew: number): JwtStatus | undefined {
  if (now + skew < notBefore) return 'not-yet-valid';
  return expires > 0 && now > expires + skew ? 'expired' : undefined;
}

function readClaims(bytes: Uint8Array): Claims | JwtStatus {
  const payload = jsonObject(bytes);
  if (payload === undefined) return 'payload-json';
  const issuer = textOf(payload, 'iss');
  if (issuer === undefined) return 'payload-iss';
  const subject = textOf(payload, 'sub');
  if (subject === undefined) return 'payload-sub';
  const issuedAt = seconds(member(payload, 'iat'));
  if (typeof issuedAt === 'string') return issuedAt === 'type' ? 'payload-iat' : 'payload-iat-range';
  const notBefore = seconds(member(payload, 'nbf'));
  if (typeof notBefore === 'string') return notBefore === 'type' ? 'payload-nbf' : 'payload-nbf-range';
  const expires = seconds(member(payload, 'exp'));
  if (typeof expires === 'string') return expires === 'type' ? 'payload-exp' : 'payload-exp-range';
  if (textOf(payload, 'jti') === undefined) return 'payload-jti';
  const audiences = texts(member(payload, 'aud'));
  if (audiences === undefined) return 'payload-aud';
  return { payload, issuer, subject, notBefore, expires, audiences };
}

const BEYOND = 2 ** 64;

function seconds(value: MetadataValue | undefined): number | 'type' | 'range' {
  if (value === undefined) return 0;
  if (typeof value !== 'number') return 'type';
  return value < 0 || value >= BEYOND ? 'range' : Math.floor(value);
}

function texts(value: MetadataValue | undefined): readonly string[] | undefined {
  if (value === undefined) return [];
  const list: readonly MetadataValue[] = Array.isArray(value)
    ? (value as readonly MetadataValue[])
    : [value as MetadataValue];
  return list.every((item) => typeof item === 'string') ? list : undefined;
}
