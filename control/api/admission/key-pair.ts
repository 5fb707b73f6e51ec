/**
 * Whether the certificate and the key of a Secret are readable and belong together: what a proxy would refuse later is said when it is
 * written. Never says what stands in them.
 */
import { createPrivateKey, type KeyObject, X509Certificate } from 'node:crypto';
import type { Diagnostic } from '@weft/core/kernel';
import { CERTIFICATE_KEY, PRIVATE_KEY, SECRET, type Secret, secretText, type StoredObject } from '@weft/core/resources';

export function keyPairFaults(object: StoredObject): readonly Diagnostic[] {
  if (object.kind !== SECRET.kind || object.apiVersion !== 'v1') return [];
  const secret = object as Secret;
  const certificate = attempt(() => new X509Certificate(secretText(secret, CERTIFICATE_KEY) ?? ''));
  const key = attempt((): KeyObject => createPrivateKey(secretText(secret, PRIVATE_KEY) ?? ''));
  const fault = (name: string, message: string, remedy: string): Diagnostic => ({
    severity: 'error',
    code: 'invalid-value',
    message,
    place: { path: `data["${name}"]` },
    remedy,
  });
  return [
    ...(certificate === undefined
      ? [fault(CERTIFICATE_KEY, 'is no readable X.509 certificate', 'put the PEM of the leaf first')]
      : []),
    ...(key === undefined
      ? [fault(PRIVATE_KEY, 'is no readable private key', 'put the PEM of a key without passphrase there')]
      : []),
    ...(certificate !== undefined && key !== undefined && !certificate.checkPrivateKey(key)
      ? [fault(PRIVATE_KEY, 'is not the key of the first certificate', 'put the two that belong together there')]
      : []),
  ];
}

function attempt<T>(make: () => T): T | undefined {
  try {
    return make();
  } catch {
    return undefined;
  }
}
