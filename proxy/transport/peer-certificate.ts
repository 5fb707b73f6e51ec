/**
 * The certificate that a TLS peer presented. Node before 26 loses native memory where its `getPeerX509Certificate` meets a chain: it takes the
 * issuers out of OpenSSL's list and frees none (4.4 kB for each connection and issuer), and a `tls.Server` that asks for certificates calls it by
 * itself for each connection. OpenSSL sends the root along with a leaf, so between meshed workloads every chain has one. Asked in the older way
 * Node loses nothing; here that way takes the place of the other, by Node's own names, which only this file knows. On a Node that has others,
 * everything goes the usual way.
 */
import { X509Certificate } from 'node:crypto';
import { claimsAuthority } from '@weft/wire/der';
import type { PeerCertificate, TLSSocket } from 'node:tls';

/** The first major version of Node that keeps count. */
const MENDED = 26;
const LOSES = Number(process.versions.node.split('.')[0]) < MENDED;

interface Handle {
  getPeerCertificate?: (detailed: boolean) => PeerCertificate | undefined;
  getPeerX509Certificate?: () => unknown;
}

const certificates = new WeakMap<Handle, PeerCertificate>();
let replaced = false;

/** What is asked of a leaf; undefined: the peer presented none. */
export interface Presented {
  /** As node:crypto writes it. */
  readonly subjectAltName: string;
  /** An authority, also one whose KeyUsage forbids it to sign certificates, which OpenSSL does not count as one. */
  readonly ca: boolean;
  /** Of the whole certificate. */
  readonly x509: () => X509Certificate;
}

export function presentedBy(socket: TLSSocket): Presented | undefined {
  const handle: unknown = Reflect.get(socket, '_handle');
  if (LOSES && isHandle(handle)) {
    if (!replaced) replace(handle);
    const certificate = ask(handle);
    if (certificate === undefined) return undefined;
    return {
      subjectAltName: certificate.subjectaltname ?? '',
      ca: certificate.ca || claimsAuthority(certificate.raw),
      x509: () => new X509Certificate(certificate.raw),
    };
  }
  const certificate = socket.getPeerX509Certificate();
  if (certificate === undefined) return undefined;
  return {
    subjectAltName: certificate.subjectAltName ?? '',
    ca: certificate.ca || claimsAuthority(certificate.raw),
    x509: () => certificate,
  };
}

const isHandle = (handle: unknown): handle is Required<Handle> =>
  typeof handle === 'object' &&
  handle !== null &&
  typeof Reflect.get(handle, 'getPeerCertificate') === 'function' &&
  typeof Reflect.get(handle, 'getPeerX509Certificate') === 'function';

function ask(handle: Required<Handle>): PeerCertificate | undefined {
  const known = certificates.get(handle);
  if (known !== undefined) return known;
  const certificate = handle.getPeerCertificate(false);
  if (certificate !== undefined) certificates.set(handle, certificate);
  return certificate;
}

/** Node's server wants to know no more than whether there is one; nothing else here may ask a socket for its X509Certificate. */
function replace(handle: Required<Handle>): void {
  replaced = true;
  const shared = Object.getPrototypeOf(handle) as Handle;
  if (Object.hasOwn(shared, 'getPeerX509Certificate'))
    shared.getPeerX509Certificate = function (this: Required<Handle>) {
      return ask(this);
    };
}
