/**
 * Issuers outside: whoever holds a root whose key never comes here. They give us an intermediate certificate that signs for workloads; what
 * they give is looked at before it is used. Two ways: files (`issuer-files.ts`) and a signer (`signer.ts`).
 */
import { type KeyObject, X509Certificate } from 'node:crypto';
import { err, ok, type Result } from '@weft/core/kernel';

export interface ObtainedIssuer {
  /** PEM of the signing certificate. */
  readonly certificate: string;
  readonly key: KeyObject;
  /** PEM of what stands between it and the root, '' for nothing. */
  readonly chain: string;
  /** PEM of one root. */
  readonly root: string;
}

/** Port. */
export interface OutsideIssuer {
  readonly kind: 'files' | 'signer';
  /** Ends in bounded time. The error is a phrase for a person and holds no key. */
  obtain(): Promise<Result<ObtainedIssuer, string>>;
}

/** ms that a signing certificate must still be good for. */
const LEAST_LIFE = 3_600_000;
const MAX_CHAIN = 8;

const BLOCK = /-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----/g;

/** The certificates of a PEM text; undefined when one of them is none. */
export function certificatesOf(pem: string): X509Certificate[] | undefined {
  try {
    return (pem.match(BLOCK) ?? []).map((block) => new X509Certificate(block));
  } catch {
    return undefined;
  }
}

/**
 * The chain from `signing` to a root of `roots`, checked: each link signed by the next, all of them CAs that are good now, the key that of the
 * signing certificate, and P-256. `links`: certificates between, in any order.
 */
export function checkIssuer(
  key: KeyObject,
  signing: X509Certificate,
  links: readonly X509Certificate[],
  roots: readonly X509Certificate[],
  now: number,
): Result<ObtainedIssuer, string> {
  if (key.asymmetricKeyType !== 'ec' || key.asymmetricKeyDetails?.namedCurve !== 'prime256v1')
    return err('the signing key must be of the curve P-256');
  if (!signing.checkPrivateKey(key)) return err('the key is not that of the signing certificate');
  const between: X509Certificate[] = [];
  let last = signing;
  for (;;) {
    const fault = linkFault(last, now);
    if (fault !== undefined) return err(fault);
    const root = roots.find((one) => issued(one, last));
    if (root !== undefined) {
      const unfit = linkFault(root, now);
      if (unfit !== undefined) return err(unfit);
      if (root.fingerprint256 === signing.fingerprint256)
        return err('a root must not sign for workloads: give a certificate under it');
      return ok({
        certificate: pemOf(signing),
        key,
        chain: between.map(pemOf).join(''),
        root: pemOf(root),
      });
    }
    const above = links.find((one) => issued(one, last) && one.fingerprint256 !== last.fingerprint256);
    if (above === undefined || between.length >= MAX_CHAIN) return err('no root has signed the chain');
    between.push(above);
    last = above;
  }
}

const issued = (by: X509Certificate, certificate: X509Certificate): boolean =>
  certificate.checkIssued(by) && certificate.verify(by.publicKey);

function linkFault(certificate: X509Certificate, now: number): string | undefined {
  const name = certificate.subject.replaceAll('\n', ', ').slice(0, 100);
  if (!certificate.ca) return `${name} is no certificate authority`;
  if (certificate.validFromDate.getTime() > now) return `${name} is not valid yet`;
  if (certificate.validToDate.getTime() < now + LEAST_LIFE) return `${name} ends within the hour`;
  return undefined;
}

export const pemOf = (certificate: X509Certificate): string =>
  certificate.toString().endsWith('\n') ? certificate.toString() : `${certificate.toString()}\n`;
