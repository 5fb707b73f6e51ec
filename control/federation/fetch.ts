/** Fetches a SPIFFE bundle from its endpoint (SPIFFE Federation, 5). The link's own addresses, where clouds keep credentials, are not connected to. */
import { X509Certificate } from 'node:crypto';
import tls, { type PeerCertificate } from 'node:tls';
import { err, type IpAddress, parseIp, type Result } from '@weft/core/kernel';
import { claimsAuthority, leafUsageFault } from '@weft/wire/der';
import { guardedGet, isLinkOrNone } from '../guarded-get/index.ts';

/** How the server is known: `web` by its host name, under the system's authorities and `roots`; else by its SPIFFE ID, under `roots` alone. */
export interface BundleServer {
  readonly url: string;
  readonly spiffeId: string | undefined;
  /** PEM; '' for none. */
  readonly roots: string;
}

/** The document's text, or why there is none, as a phrase. Must end by itself and take little. */
export type FetchBundle = (server: BundleServer) => Promise<Result<string, string>>;

const NOT_PERMITTED = 'is no address of a host elsewhere';

export function fetchBundle(server: BundleServer, timeout = 10_000): Promise<Result<string, string>> {
  const { url, spiffeId, roots } = server;
  const host = new URL(url).hostname.replace(/^\[|\]$/g, '');
  const literal = parseIp(host);
  if (literal !== undefined && isLinkOrNone(literal)) return Promise.resolve(err(`${host} ${NOT_PERMITTED}`));
  const known: tls.ConnectionOptions =
    spiffeId === undefined
      ? roots === ''
        ? {}
        : { ca: [...tls.rootCertificates, roots] }
      : { ca: roots, checkServerIdentity: (_host, certificate) => nameFault(certificate, spiffeId) };
  const permits = (address: IpAddress): boolean => !isLinkOrNone(address);
  return guardedGet(url, { permits, timeout, tls: known, who: 'the endpoint', notPermitted: NOT_PERMITTED });
}

/** X509-SVID 2 and 4: a leaf, exactly one URI name, and that is the one. Node has verified the chain under the roots of that trust domain. */
function nameFault(peer: PeerCertificate, spiffeId: string): Error | undefined {
  const certificate = new X509Certificate(peer.raw);
  if (claimsAuthority(peer.raw)) return new Error('the endpoint’s certificate is an authority');
  const usage = leafUsageFault(peer.raw);
  if (usage !== undefined) return new Error(`the endpoint’s certificate: ${usage}`);
  const uris = (certificate.subjectAltName ?? '').split(', ').filter((name) => name.startsWith('URI:'));
  return uris.length === 1 && uris[0] === `URI:${spiffeId}`
    ? undefined
    : new Error(`the endpoint’s certificate is not that of ${spiffeId}`);
}
