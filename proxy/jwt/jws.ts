/**
 * A JSON Web Signature in compact form (RFC 7515, 7.1), taken apart. What its header says of keys (jwk, jku, x5c, x5u) is never looked at, and one
 * that demands something by `crit` is refused: nothing that could be demanded is known here (RFC 7515, 4.1.11).
 */
import type { MetadataStruct, MetadataValue } from '@weft/core/proxy-config';
import { type Algorithm, algorithmOf } from './algorithm.ts';
import { fromBase64url } from './base64url.ts';
import { jsonObject } from './json-object.ts';
import type { JwtStatus } from './status.ts';

/** Characters of the longest token that is looked at. */
export const LONGEST_TOKEN = 65_536;

export interface Jws {
  readonly header: MetadataStruct;
  readonly algorithm: Algorithm;
  readonly alg: string;
  /** '' without. */
  readonly kid: string;
  readonly payload: Uint8Array;
  readonly encodedPayload: string;
  readonly signature: Uint8Array;
  /** What is signed. */
  readonly signed: string;
}

/** `readPayload` judges the payload at its turn: before the signature's spelling, as Envoy does. */
export function parseJws(text: string, readPayload: (bytes: Uint8Array) => JwtStatus | undefined): Jws | JwtStatus {
  if (text.length > LONGEST_TOKEN) return 'bad-format';
  const parts = text.split('.', 4);
  const [first, second, third] = parts;
  if (parts.length !== 3 || first === undefined || second === undefined || third === undefined) return 'bad-format';
  if (first === '' || third === '') return 'bad-format';
  const headerBytes = fromBase64url(first);
  if (headerBytes === undefined) return 'header-base64';
  const header = jsonObject(headerBytes);
  if (header === undefined) return 'header-json';
  const alg = member(header, 'alg');
  if (typeof alg !== 'string') return 'header-alg';
  const algorithm = algorithmOf(alg);
  if (algorithm === undefined) return 'header-alg-unknown';
  const kid = textOf(header, 'kid');
  if (kid === undefined) return 'header-kid';
  if (member(header, 'crit') !== undefined) return 'failed';
  const payload = fromBase64url(second);
  if (payload === undefined) return 'payload-base64';
  const fault = readPayload(payload);
  if (fault !== undefined) return fault;
  const signature = fromBase64url(third);
  if (signature === undefined) return 'signature-base64';
  const signed = text.slice(0, first.length + 1 + second.length);
  return { header, algorithm, alg, kid, payload, encodedPayload: second, signature, signed };
}

export const member = (object: MetadataStruct, name: string): MetadataValue | undefined =>
  Object.hasOwn(object, name) ? object[name] : undefined;

/** '' where it is absent; undefined where it is something else. */
export function textOf(object: MetadataStruct, name: string): string | undefined {
  if (!Object.hasOwn(object, name)) return '';
  const value = object[name];
  return typeof value === 'string' ? value : undefined;
}
