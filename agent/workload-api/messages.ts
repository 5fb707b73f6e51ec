/** Messages of the SPIFFE Workload API (workload.proto, package-less service SpiffeWorkloadAPI) as values. */
import type { TrustBundleMessage, TrustDomainBundle } from '@weft/core/agent-api';
import { readElement } from '@weft/wire/der';
import { decodeFields, encodeFields, type Field, mapEntry, textOf } from './protobuf.ts';

export const WORKLOAD_API = {
  fetchX509Svid: '/SpiffeWorkloadAPI/FetchX509SVID',
  fetchX509Bundles: '/SpiffeWorkloadAPI/FetchX509Bundles',
  fetchJwtSvid: '/SpiffeWorkloadAPI/FetchJWTSVID',
  fetchJwtBundles: '/SpiffeWorkloadAPI/FetchJWTBundles',
  validateJwtSvid: '/SpiffeWorkloadAPI/ValidateJWTSVID',
} as const;

/** Metadata that every call must carry with the value `true` (Workload Endpoint, 2.1): a server request forgery cannot set it. */
export const SECURITY_HEADER = 'workload.spiffe.io';

const BLOCK = /-----BEGIN ([A-Z ]+)-----([^-]+)-----END \1-----/g;

/** DER of every block of a PEM text, one after the other. */
export const derOf = (pem: string): Buffer =>
  Buffer.concat([...pem.matchAll(BLOCK)].map(([, , base64 = '']) => Buffer.from(base64, 'base64')));

export interface X509Svid {
  readonly spiffeId: string;
  /** PEM, the leaf first. */
  readonly certificateChain: string;
  /** PKCS #8 PEM. */
  readonly privateKey: string;
}

const idOf = (trustDomain: string): string => `spiffe://${trustDomain}`;

/** X509SVIDResponse. */
export function encodeX509Response(svid: X509Svid, bundle: TrustBundleMessage): Buffer {
  const one = encodeFields([
    [1, svid.spiffeId],
    [2, derOf(svid.certificateChain)],
    [3, derOf(svid.privateKey)],
    [4, derOf(bundle.roots)],
  ]);
  const federated = bundle.federated.map(
    ({ trustDomain, roots }): Field => [3, mapEntry(idOf(trustDomain), derOf(roots))],
  );
  return encodeFields([[1, one], ...federated]);
}

const domains = (bundle: TrustBundleMessage): readonly TrustDomainBundle[] => [bundle, ...bundle.federated];

/** X509BundlesResponse. */
export const encodeX509Bundles = (bundle: TrustBundleMessage): Buffer =>
  encodeFields(domains(bundle).map(({ trustDomain, roots }) => [2, mapEntry(idOf(trustDomain), derOf(roots))]));

/** JWTBundlesResponse. */
export const encodeJwtBundles = (bundle: TrustBundleMessage): Buffer =>
  encodeFields(domains(bundle).map(({ trustDomain, jwks }) => [1, mapEntry(idOf(trustDomain), Buffer.from(jwks))]));

export interface JwtSvidRequest {
  readonly audience: readonly string[];
  /** '' for any. */
  readonly spiffeId: string;
}

/** JWTSVIDRequest; undefined when it is none. */
export function decodeJwtRequest(message: Uint8Array): JwtSvidRequest | undefined {
  const fields = decodeFields(message);
  if (fields === undefined) return undefined;
  const audience = fields.filter(([number]) => number === 1).map(([, value]) => textOf(value));
  const spiffeId = textOf(fields.findLast(([number]) => number === 2)?.[1] ?? Buffer.alloc(0));
  if (spiffeId === undefined || !audience.every((one) => one !== undefined)) return undefined;
  return { audience, spiffeId };
}

/** JWTSVIDResponse. */
export const encodeJwtResponse = (spiffeId: string, token: string): Buffer =>
  encodeFields([
    [
      1,
      encodeFields([
        [1, spiffeId],
        [2, token],
      ]),
    ],
  ]);

/** ValidateJWTSVIDRequest; undefined when it is none. */
export function decodeValidateRequest(
  message: Uint8Array,
): { readonly audience: string; readonly svid: string } | undefined {
  const fields = decodeFields(message);
  if (fields === undefined) return undefined;
  const of = (wanted: number): string | undefined =>
    textOf(fields.findLast(([number]) => number === wanted)?.[1] ?? Buffer.alloc(0));
  const [audience, svid] = [of(1), of(2)];
  return audience === undefined || svid === undefined ? undefined : { audience, svid };
}

/** ValidateJWTSVIDResponse; `claims` is a google.protobuf.Struct in octets. */
export const encodeValidateResponse = (spiffeId: string, claims: Uint8Array): Buffer =>
  encodeFields([
    [1, spiffeId],
    [2, claims],
  ]);

export interface ReceivedSvid extends X509Svid {
  /** PEM. */
  readonly roots: string;
}

export interface ReceivedSvids {
  readonly svids: readonly ReceivedSvid[];
  /** PEM by trust domain. */
  readonly federated: ReadonlyMap<string, string>;
}

/** X509SVIDResponse, as a client reads it; undefined when it is none. */
export function decodeX509Response(message: Uint8Array): ReceivedSvids | undefined {
  const fields = decodeFields(message);
  if (fields === undefined) return undefined;
  const svids: ReceivedSvid[] = [];
  const federated = new Map<string, string>();
  for (const [number, value] of fields) {
    const inner = number === 1 || number === 3 ? decodeFields(value) : undefined;
    if (inner === undefined) {
      if (number === 1 || number === 3) return undefined;
      continue;
    }
    const of = (wanted: number): Buffer => inner.findLast(([one]) => one === wanted)?.[1] ?? Buffer.alloc(0);
    const name = textOf(of(1));
    const chain = certificatesPem(of(2));
    if (name === undefined || chain === undefined) return undefined;
    if (number === 3) {
      federated.set(name.replace(/^spiffe:\/\//, ''), chain);
      continue;
    }
    const roots = certificatesPem(of(4));
    if (roots === undefined) return undefined;
    svids.push({ spiffeId: name, certificateChain: chain, privateKey: pemOf('PRIVATE KEY', of(3)), roots });
  }
  return { svids, federated };
}

const pemOf = (label: string, der: Uint8Array): string => {
  const lines =
    Buffer.from(der)
      .toString('base64')
      .match(/.{1,64}/g) ?? [];
  return `-----BEGIN ${label}-----\n${lines.join('\n')}\n-----END ${label}-----\n`;
};

/** PEM of certificates that follow each other in DER; undefined when something else is among them. */
function certificatesPem(der: Uint8Array): string | undefined {
  let text = '';
  for (let at = 0; at < der.length; ) {
    const one = readElement(der, at);
    if (one === undefined || one.tag !== 0x30) return undefined;
    text += pemOf('CERTIFICATE', one.bytes);
    at += one.bytes.length;
  }
  return text;
}
