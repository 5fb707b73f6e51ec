/**
 * Who is at the other end of a control-plane connection. An identity is stated only after the certificate was verified against the
 * authority's roots; anything less is a peer without one, with the reason kept for our log.
 */
import type { X509Certificate } from 'node:crypto';
import type { TLSSocket } from 'node:tls';
import { parseWorkloadIdentity, type WorkloadIdentity } from '@weft/core/identity';
import { claimsAuthority, leafUsageFault } from '@weft/wire/der';

export interface AttestedIdentity extends WorkloadIdentity {
  readonly spiffeId: string;
  /** The registration that the SVID was issued to. */
  readonly registration: string;
}

export type Peer =
  /** The Unix socket in the data folder: this user. */
  | { readonly kind: 'local' }
  | {
      readonly kind: 'tls';
      /** `ip:port`. */
      readonly address: string;
      readonly identity: AttestedIdentity | undefined;
      /** Why a certificate that was presented counts for nothing; '' when there was none or it is good. */
      readonly refusal: string;
    };

/** For logs: an address, or `unix`. */
export const peerAddress = (peer: Peer): string => (peer.kind === 'local' ? 'unix' : peer.address);

/** The trust domain whose roots a client was verified under, by the name that it called; undefined: it is not told apart by name. */
export type DomainOfName = (serverName: string) => string | undefined;

/** `certificate`: the leaf that the client presented. A root speaks for its own trust domain only: `domainOf` says which one that was. */
export function tlsPeer(socket: TLSSocket, certificate: X509Certificate | undefined, domainOf: DomainOfName): Peer {
  const address = `${socket.remoteAddress ?? ''}:${socket.remotePort ?? 0}`;
  if (certificate === undefined) return { kind: 'tls', address, identity: undefined, refusal: '' };
  const refused = (refusal: string): Peer => ({ kind: 'tls', address, identity: undefined, refusal });
  if (!socket.authorized) return refused(String(socket.authorizationError));
  const unfit = claimsAuthority(certificate.raw) ? 'an authority' : leafUsageFault(certificate.raw);
  if (unfit !== undefined) return refused(unfit);
  const names = certificate.subjectAltName ?? '';
  // X509-SVID 3: exactly one URI name; others would be quoted or separated by a comma, which no SPIFFE ID has.
  if (!names.startsWith('URI:') || /[,"\s]/.test(names)) return refused('not exactly one URI name');
  const spiffeId = names.slice(4);
  const identity = parseWorkloadIdentity(spiffeId);
  if (!identity.ok) return refused(identity.error);
  const verifiedFor = domainOf(typeof socket.servername === 'string' ? socket.servername : '');
  if (verifiedFor !== undefined && verifiedFor !== identity.value.trustDomain)
    return refused('the root of another trust domain');
  const registration = /^serialNumber=([0-9a-f]{32})$/.exec(certificate.subject)?.[1];
  if (registration === undefined) return refused('no registration in the subject');
  return { kind: 'tls', address, identity: { ...identity.value, spiffeId, registration }, refusal: '' };
}
