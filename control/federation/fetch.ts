/**
 * Fetches a SPIFFE bundle from its endpoint (SPIFFE Federation, 5): no redirect is followed, little is read, the link's own addresses (where clouds
 * keep credentials) are not connected to, and nothing that came is told.
 */
import { X509Certificate } from 'node:crypto';
import { lookup as resolve } from 'node:dns';
import https from 'node:https';
import type { LookupFunction } from 'node:net';
import tls, { type PeerCertificate } from 'node:tls';
import { err, ok, parseIp, type Result, unmapIpv4 } from '@weft/core/kernel';
import { claimsAuthority, leafUsageFault } from '@weft/wire/der';

/** How the server is known: `web` by its host name, under the system's authorities and `roots`; else by its SPIFFE ID, under `roots` alone. */
export interface BundleServer {
  readonly url: string;
  readonly spiffeId: string | undefined;
  /** PEM; '' for none. */
  readonly roots: string;
}

/** The document's text, or why there is none, as a phrase. Must end by itself and take little. */
export type FetchBundle = (server: BundleServer) => Promise<Result<string, string>>;

const MAX_BYTES = 1 << 20;

export function fetchBundle(server: BundleServer, timeout = 10_000): Promise<Result<string, string>> {
  const { url, spiffeId, roots } = server;
  const host = new URL(url).hostname.replace(/^\[|\]$/g, '');
  const literal = parseIp(host);
  if (literal !== undefined && isLinkOrNone(host))
    return Promise.resolve(err(`${host} is no address of a host elsewhere`));
  const known: tls.ConnectionOptions =
    spiffeId === undefined
      ? roots === ''
        ? {}
        : { ca: [...tls.rootCertificates, roots] }
      : { ca: roots, checkServerIdentity: (_host, certificate) => nameFault(certificate, spiffeId) };
  return new Promise((settle) => {
    const failed = (reason: string): void => settle(err(reason));
    const request = https.get(
      url,
      {
        ...known,
        lookup: guarded,
        signal: AbortSignal.timeout(timeout),
        headers: { accept: 'application/json' },
        agent: false,
        minVersion: 'TLSv1.2',
        maxHeaderSize: 16_384,
      },
      (response) => {
        if (response.statusCode !== 200) {
          response.destroy();
          failed(`the endpoint answered ${response.statusCode}`);
          return;
        }
        const parts: Buffer[] = [];
        let length = 0;
        response.on('data', (part: Buffer) => {
          length += part.length;
          if (length <= MAX_BYTES) parts.push(part);
          else response.destroy(new Error(`the answer is longer than ${MAX_BYTES} octets`));
        });
        response.on('end', () => settle(ok(Buffer.concat(parts).toString('utf8'))));
        response.on('error', (error) => failed(error.message));
      },
    );
    request.on('error', (error) =>
      failed(
        error.name === 'TimeoutError' || error.name === 'AbortError' ? `no answer within ${timeout} ms` : error.message,
      ),
    );
  });
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

function isLinkOrNone(text: string): boolean {
  const ip = parseIp(text);
  if (ip === undefined) return true;
  const { family, bytes } = unmapIpv4(ip);
  const [first = 0, second = 0] = bytes;
  if (family === 4) return first === 0 || first >= 224 || (first === 169 && second === 254);
  return bytes.every((byte) => byte === 0) || first === 0xff || (first === 0xfe && (second & 0xc0) === 0x80);
}

const guarded: LookupFunction = (hostname, options, callback) => {
  resolve(hostname, { ...options, all: true }, (error, addresses) => {
    if (error !== null) return callback(error, '');
    const permitted = addresses.filter(({ address }) => !isLinkOrNone(address));
    const [first] = permitted;
    if (first === undefined) return callback(new Error(`${hostname} is no address of a host elsewhere`), '');
    if (options.all === true) callback(null, permitted);
    else callback(null, first.address, first.family);
  });
};
